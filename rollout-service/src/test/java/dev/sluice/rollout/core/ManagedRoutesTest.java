package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.core.TrafficPlan.ManagedRoute;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Header and mirror routes as a release sets and loses them.
class ManagedRoutesTest {
    private static final String SPEC =
            """
            {"replicas":4,"strategy":{"canary":{"stableService":"stable","canaryService":"canary",
             "trafficRouting":{"plugins":{"argoproj-labs/gatewayAPI":{"httpRoute":"web"}},
              "managedRoutes":[{"name":"mirror"},{"name":"header"}]},
             "steps":[
              {"setCanaryScale":{"replicas":2}},
              {"setHeaderRoute":{"name":"header","match":[{"headerName":"x","headerValue":{"exact":"1"}}]}},
              {"pause":{}},
              {"setMirrorRoute":{"name":"mirror","percentage":10,"match":[{"method":{"exact":"GET"}}]}},
              {"pause":{}},
              {"setHeaderRoute":{"name":"header"}},
              {"setCanaryScale":{"matchTrafficWeight":true}},
              {"setWeight":50},
              {"pause":{}}]}}}\
            """;

    private static World updated() {
        World world = new World(SPEC).service("stable").service("canary");
        world.settle();
        world.image("demo:2");
        world.settle();
        return world;
    }

    private static List<String> routes(World world) {
        return world.status().trafficPlan().orElseThrow().routes().stream()
                .map(ManagedRoute::name)
                .toList();
    }

    @Test
    void aFirstDeploymentHasNoRoutes() {
        World world = new World(SPEC).service("stable").service("canary");
        world.settle();
        assertThat(routes(world)).isEmpty();
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    @Test
    void routesAreThoseOfTheStepsSoFarInManagedOrder_R3() {
        World world = updated();
        assertThat(world.status().currentStepIndex()).contains(2);
        assertThat(routes(world)).containsExactly("header");
        world.resume();
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(4);
        assertThat(routes(world)).containsExactly("mirror", "header");
        assertThat(world.status().trafficPlan().orElseThrow().routes().getFirst().percentage())
                .contains(10);
        world.resume();
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(8);
        assertThat(routes(world)).containsExactly("mirror");
        world.resume();
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Healthy");
        assertThat(routes(world)).isEmpty();
    }

    @Test
    void aRouteStepIsNotCompleteBeforeItsEvidence_P2() {
        World world = new World(SPEC).service("stable").service("canary");
        world.settle();
        world.image("demo:2");
        while (routes(world).isEmpty()) {
            world.step();
            world.podsUp();
            if (routes(world).isEmpty()) {
                world.route();
            }
        }
        for (int i = 0; i < 5; i++) {
            world.step();
        }
        assertThat(world.status().currentStepIndex()).contains(1);
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(2);
    }

    @Test
    void anAbortTakesRoutesAwayWithEvidenceBeforeAnyPod_A7() {
        World world = updated();
        String fresh = world.status().currentPodHash();
        world.status("{\"abort\":true}");
        for (int i = 0; i < 5; i++) {
            world.step();
            world.podsUp();
        }
        assertThat(routes(world)).isEmpty();
        assertThat(world.status().trafficPlan().orElseThrow().services())
                .anyMatch(s -> s.name().equals("canary") && s.podTemplateHash().equals(fresh));
        world.later(3600);
        for (int i = 0; i < 5; i++) {
            world.step();
            world.podsUp();
        }
        assertThat(world.sizeOf(fresh)).isEqualTo(2);
        world.settle();
        assertThat(world.selected("canary")).isEqualTo(world.status().stableRS());
        world.later(31);
        world.settle();
        assertThat(world.sizeOf(fresh)).isZero();
    }

    @Test
    void aFullPromotionTakesRoutesAway_A7() {
        World world = updated();
        world.status("{\"promoteFull\":true}");
        world.settle();
        assertThat(routes(world)).isEmpty();
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    /// #3617: a header route was left on a Service without pods.
    @Test
    void aRevisionThatLosesItsPodsLosesItsRoutes_T2_issue3617() {
        World world = updated();
        world.pods(world.status().currentPodHash()).available = 0;
        world.step();
        assertThat(routes(world)).isEmpty();
        world.settle();
        assertThat(routes(world)).containsExactly("header");
    }

    @Test
    void anotherRevisionStartsWithoutRoutes_X2() {
        World world = updated();
        String second = world.status().currentPodHash();
        world.image("demo:3");
        world.step();
        world.step();
        world.step();
        assertThat(routes(world)).isEmpty();
        world.settle();
        assertThat(world.status().currentPodHash()).isNotEqualTo(second);
        assertThat(world.selected("canary")).isEqualTo(world.status().currentPodHash());
        assertThat(routes(world)).containsExactly("header");
        assertThat(world.sizeOf(second)).isZero();
    }

    @Test
    void anyPassAfterARestartFindsTheSameRoutes_R2_R3() {
        World world = updated();
        assertThat(world.decide().isQuiet()).isTrue();
        world.status("{\"trafficPlan\":{\"routes\":null}}");
        world.settle();
        assertThat(routes(world)).containsExactly("header");
    }
}
