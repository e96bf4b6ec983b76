package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.core.TrafficPlan.Role;
import org.junit.jupiter.api.Test;

/// Two Services that take turns.
class PingPongTest {
    private static final String SPEC =
            """
            {"replicas":4,"strategy":{"canary":{
             "pingPong":{"pingService":"ping","pongService":"pong"},
             "trafficRouting":{"plugins":{"argoproj-labs/gatewayAPI":{"httpRoute":"web"}}},
             "steps":[{"setWeight":25},{"pause":{}}]}}}\
            """;

    private static World first(String more) {
        World world =
                new World(SPEC).service("ping").service("pong").service("stable").service("canary");
        world.spec("{\"strategy\":{\"canary\":{" + more + "}}}");
        world.settle();
        return world;
    }

    private static String serviceOf(World world, Role role) {
        return world.status().trafficPlan().orElseThrow().services().stream()
                .filter(s -> s.role() == role)
                .findFirst()
                .orElseThrow()
                .name();
    }

    @Test
    void theFirstDeploymentEndsWithPingAsTheStableOne() {
        World world = first("");
        assertThat(world.status().stablePingPong()).isEqualTo("ping");
        assertThat(serviceOf(world, Role.STABLE)).isEqualTo("ping");
        assertThat(world.selected("ping")).isEqualTo(world.status().stableRS());
    }

    /// #5006: the stable one kept a bare selector and took canary pods in.
    @Test
    void bothServicesSelectExactlyOneRevision_S1_issue5006() {
        World world = first("");
        assertThat(world.selected("ping")).isNotEmpty();
        world.image("demo:2");
        world.settle();
        assertThat(world.selected("ping")).isEqualTo(world.status().stableRS());
        assertThat(world.selected("pong")).isEqualTo(world.status().currentPodHash());
    }

    @Test
    void aPromotionSwapsTheRolesAndRePointsNothingThatCarriesTraffic_S3() {
        World world = first("");
        world.image("demo:2");
        world.settle();
        assertThat(serviceOf(world, Role.CANARY)).isEqualTo("pong");
        assertThat(world.canaryWeight()).isEqualTo(25);
        assertThat(world.status().weights().orElseThrow().canary().serviceName()).isEmpty();
        world.resume();
        world.settle();
        String fresh = world.status().stableRS();
        assertThat(world.status().stablePingPong()).isEqualTo("pong");
        assertThat(serviceOf(world, Role.STABLE)).isEqualTo("pong");
        assertThat(world.status().trafficPlan().orElseThrow().shareOf("pong")).isEqualTo(100);
        assertThat(world.selected("pong")).isEqualTo(fresh);
        assertThat(world.selected("ping")).isEqualTo(fresh);
        world.image("demo:3");
        world.settle();
        assertThat(serviceOf(world, Role.CANARY)).isEqualTo("ping");
        world.resume();
        world.settle();
        assertThat(world.status().stablePingPong()).isEqualTo("ping");
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    @Test
    void anAbortKeepsTheRoles_A8() {
        World world = first("");
        world.image("demo:2");
        world.settle();
        world.status("{\"abort\":true}");
        world.settle();
        assertThat(world.status().stablePingPong()).isEqualTo("ping");
        assertThat(world.canaryWeight()).isZero();
        assertThat(world.selected("pong")).isEqualTo(world.status().stableRS());
    }

    @Test
    void stableAndCanaryServiceMayStandBesideThePair() {
        World world = first("\"stableService\":\"stable\",\"canaryService\":\"canary\"");
        world.image("demo:2");
        world.settle();
        String old = world.status().stableRS();
        String fresh = world.status().currentPodHash();
        assertThat(world.selected("stable")).isEqualTo(old);
        assertThat(world.selected("canary")).isEqualTo(fresh);
        assertThat(serviceOf(world, Role.CANARY)).isEqualTo("pong");
        world.resume();
        world.settle();
        assertThat(world.selected("stable")).isEqualTo(fresh);
        world.later(31);
        world.settle();
        assertThat(world.sizeOf(old)).isZero();
    }

    @Test
    void pingPongTakenAwayLeavesNoRoleBehind_B7() {
        World world = first("\"stableService\":\"stable\",\"canaryService\":\"canary\"");
        world.spec("{\"strategy\":{\"canary\":{\"pingPong\":null}}}");
        world.settle();
        assertThat(world.status().stablePingPong()).isEmpty();
        assertThat(serviceOf(world, Role.STABLE)).isEqualTo("stable");
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }
}
