package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A stable revision that shrinks as the canary grows.
class DynamicStableScaleTest {
    private static final String SPEC =
            """
            {"replicas":4,"strategy":{"canary":{"stableService":"stable","canaryService":"canary",
             "dynamicStableScale":true,
             "trafficRouting":{"plugins":{"argoproj-labs/gatewayAPI":{"httpRoute":"web"}}},
             "steps":[{"setWeight":25},{"pause":{}},{"setWeight":75},{"pause":{}}]}}}\
            """;

    private static World updated(String more) {
        World world = new World(SPEC).service("stable").service("canary");
        world.spec("{\"strategy\":{\"canary\":{" + more + "}}}");
        world.settle();
        world.scales.clear();
        world.image("demo:2");
        world.settle();
        return world;
    }

    private static World at75(String more) {
        World world = updated(more);
        world.resume();
        world.settle();
        assertThat(world.canaryWeight()).isEqualTo(75);
        return world;
    }

    private static String trace(World world) {
        return String.join(" ", world.scales);
    }

    @Test
    void theStableRevisionShrinksOnlyWithEvidenceOfTheShareThatItLost_A4_D1() {
        World world = updated("");
        assertThat(trace(world)).isEqualTo("(1,4) (1,3)");
        world.scales.clear();
        world.resume();
        world.settle();
        assertThat(trace(world)).isEqualTo("(3,3) (3,1)");
    }

    @Test
    void theStableRevisionKeepsItsPodsUntilTheEvidenceHasSettled_D3() {
        World world = new World(SPEC).service("stable").service("canary");
        world.settle();
        world.drainSeconds = 30;
        world.image("demo:2");
        world.settle();
        assertThat(world.sizeOf(world.status().stableRS())).isEqualTo(4);
        world.later(31);
        world.settle();
        assertThat(world.sizeOf(world.status().stableRS())).isEqualTo(3);
    }

    @Test
    void anAbortGivesTheShareBackLevelByLevelAsStablePodsAreThere_A2_L3() {
        World world = at75("");
        world.scales.clear();
        world.status("{\"abort\":true}");
        world.settle();
        assertThat(trace(world)).isEqualTo("(3,3) (1,3) (1,4) (0,4)");
        assertThat(world.canaryWeight()).isZero();
        assertThat(world.selected("canary")).isEqualTo(world.status().stableRS());
        assertThat(world.status().phase()).isEqualTo("Degraded");
    }

    @Test
    void anAbortDoesNotMoveTheShareBeforeStablePodsCanCarryIt_A2() {
        World world = at75("");
        String stable = world.status().stableRS();
        world.status("{\"abort\":true}");
        for (int i = 0; i < 10; i++) {
            world.step();
            world.route();
        }
        assertThat(world.sizeOf(stable)).isEqualTo(3);
        assertThat(world.canaryWeight()).isEqualTo(75);
    }

    /// The reference waits for ever here: four guards for one another.
    @Test
    void anAbortWithADelayDoesNotBlockItself_L5_issue4898() {
        World world = at75("\"abortScaleDownDelaySeconds\":60");
        String fresh = world.status().currentPodHash();
        world.status("{\"abort\":true}");
        world.settle();
        assertThat(world.canaryWeight()).isZero();
        assertThat(world.sizeOf(world.status().stableRS())).isEqualTo(4);
        assertThat(world.sizeOf(fresh)).isEqualTo(3);
        world.later(61);
        world.settle();
        assertThat(world.sizeOf(fresh)).isZero();
    }

    @Test
    void anAbortWithAnExplicitDelayOfZeroKeepsTheCanary() {
        World world = at75("\"abortScaleDownDelaySeconds\":0");
        String fresh = world.status().currentPodHash();
        world.status("{\"abort\":true}");
        world.settle();
        world.later(3600);
        world.settle();
        assertThat(world.canaryWeight()).isZero();
        assertThat(world.sizeOf(fresh)).isEqualTo(3);
    }

    /// A minimum that exceeds what a level needs must not hold the way back up.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void anAbortEndsWhateverTheMinimumOfPods_L5(int least) {
        World world = at75("\"minPodsPerReplicaSet\":" + least);
        assertThat(world.sizeOf(world.status().stableRS())).isEqualTo(least);
        world.status("{\"abort\":true}");
        world.settle();
        assertThat(world.canaryWeight()).isZero();
        assertThat(world.sizeOf(world.status().currentPodHash())).isZero();
    }

    /// #3372: all traffic went to a stable revision that had been scaled down.
    @Test
    void aThirdRevisionWaitsUntilTheStableOneCarriesWhatTheSecondHad_X2_issue3372() {
        World world = at75("");
        String second = world.status().currentPodHash();
        String stable = world.status().stableRS();
        world.image("demo:3");
        for (int i = 0; i < 12; i++) {
            world.step();
            world.route();
        }
        assertThat(world.canaryWeight()).isEqualTo(75);
        assertThat(world.selected("canary")).isEqualTo(second);
        assertThat(world.sizeOf(second)).isEqualTo(3);
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(stable);
        assertThat(world.selected("canary")).isEqualTo(world.status().currentPodHash());
        assertThat(world.canaryWeight()).isEqualTo(25);
        assertThat(world.sizeOf(second)).isZero();
        assertThat(world.sizeOf(stable)).isEqualTo(3);
    }

    /// #3020: the stable template again in mid-release is a rollback, not a promotion.
    @Test
    void theStableTemplateAgainTakesTheShareBackAsPodsComeUp_X4_issue3020() {
        World world = at75("");
        String second = world.status().currentPodHash();
        world.image("demo:1");
        for (int i = 0; i < 12; i++) {
            world.step();
            world.route();
        }
        assertThat(world.canaryWeight()).isEqualTo(75);
        assertThat(world.sizeOf(second)).isEqualTo(3);
        world.settle();
        assertThat(world.canaryWeight()).isZero();
        assertThat(world.sizeOf(second)).isZero();
        assertThat(world.status().phase()).isEqualTo("Healthy");
        assertThat(world.events).contains("SkipSteps");
    }

    @Test
    void aFullPromotionFollowsThePodsThatAreThere_P4() {
        World world = updated("");
        String fresh = world.status().currentPodHash();
        world.status("{\"promoteFull\":true}");
        world.step();
        world.step();
        world.pods(fresh).available = 2;
        for (int i = 0; i < 6; i++) {
            world.step();
            world.route();
        }
        assertThat(world.canaryWeight()).isEqualTo(50);
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(fresh);
        assertThat(world.status().phase()).isEqualTo("Healthy");
        assertThat(world.sets.values().stream().mapToInt(World.Pods::replicas).sum()).isEqualTo(4);
    }

    @Test
    void theOldRevisionGoesAtOnceAfterAPromotion() {
        World world = at75("");
        String old = world.status().stableRS();
        world.resume();
        world.settle();
        assertThat(world.status().stableRS()).isNotEqualTo(old);
        assertThat(world.sizeOf(old)).isZero();
    }

    /// #2050: the stable revision was cut while the canary lost pods.
    @Test
    void theStableRevisionIsNotCutWhileTheCanaryLacksPods_T5_issue2050() {
        World world = updated("");
        String fresh = world.status().currentPodHash();
        String stable = world.status().stableRS();
        world.resume();
        while (world.canaryWeight() != 75) {
            world.step();
            world.podsUp();
        }
        world.route();
        world.pods(fresh).available = 1;
        world.pods(fresh).broken = true;
        for (int i = 0; i < 10; i++) {
            world.step();
        }
        assertThat(world.available(fresh) + world.available(stable)).isGreaterThanOrEqualTo(3);
        world.pods(fresh).broken = false;
        world.settle();
        assertThat(world.sizeOf(stable)).isEqualTo(1);
    }

    @Test
    void aChangeOfReplicasKeepsTheSharesOfPods_H3() {
        World world = at75("");
        world.spec("{\"replicas\":8}");
        world.settle();
        assertThat(world.sizeOf(world.status().currentPodHash())).isEqualTo(6);
        assertThat(world.sizeOf(world.status().stableRS())).isEqualTo(2);
        world.spec("{\"replicas\":2}");
        world.settle();
        assertThat(world.sizeOf(world.status().currentPodHash())).isEqualTo(2);
        assertThat(world.sizeOf(world.status().stableRS())).isEqualTo(1);
        assertThat(world.canaryWeight()).isEqualTo(75);
    }

    @Test
    void aCanaryWithoutPodsLosesItsShareThoughTheStableRevisionIsSmall_T2() {
        World world = at75("");
        world.pods(world.status().currentPodHash()).available = 0;
        world.pods(world.status().currentPodHash()).broken = true;
        for (int i = 0; i < 6; i++) {
            world.step();
        }
        assertThat(world.canaryWeight()).isZero();
        assertThat(world.sizeOf(world.status().stableRS())).isEqualTo(4);
    }

    @Test
    void lowerStepsTakeTheShareBackOnceTheStableRevisionHasGrown_P5() {
        World world = at75("");
        world.spec("{\"strategy\":{\"canary\":{\"steps\":[{\"setWeight\":50},{\"pause\":{}}]}}}");
        world.settle();
        assertThat(world.canaryWeight()).isEqualTo(50);
        assertThat(world.sizeOf(world.status().stableRS())).isEqualTo(2);
        assertThat(world.sizeOf(world.status().currentPodHash())).isEqualTo(2);
        assertThat(world.status().currentStepIndex()).contains(1);
    }
}
