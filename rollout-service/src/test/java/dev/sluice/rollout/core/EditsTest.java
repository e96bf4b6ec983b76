package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a person changes while a release is under way.
class EditsTest {
    private static final String ROUTING =
            "\"trafficRouting\":{\"plugins\":{\"argoproj-labs/gatewayAPI\":{\"httpRoute\":\"web\"}}}";
    private static final String STEPS = "\"steps\":[{\"setWeight\":25},{\"pause\":{}}]";
    private static final String SERVICES =
            "\"stableService\":\"stable\",\"canaryService\":\"canary\"";
    private static final String ROUTED = SERVICES + "," + ROUTING + "," + STEPS;

    private static final String INGRESS =
            "{\"spec\":{\"rules\":[{\"http\":{\"paths\":[{\"backend\":{\"service\":{\"name\":\"stable\"}}}]}}]}}";

    private static World canary(int replicas, String canary) {
        World world =
                new World(
                                "{\"replicas\":"
                                        + replicas
                                        + ",\"strategy\":{\"canary\":{"
                                        + canary
                                        + "}}}")
                        .service("stable")
                        .service("canary")
                        .service("stable-2")
                        .service("canary-2")
                        .service("active")
                        .service("preview");
        world.settle();
        return world;
    }

    private static World updated(int replicas, String canary) {
        World world = canary(replicas, canary);
        world.image("demo:2");
        world.settle();
        return world;
    }

    private static void edit(World world, String canary) {
        world.spec("{\"strategy\":{\"canary\":{" + canary + "}}}");
    }

    @Test
    void otherStepsStartAgainAtTheFirst_P5() {
        World world = updated(4, ROUTED);
        edit(world, "\"steps\":[{\"setWeight\":50},{\"pause\":{}},{\"setWeight\":75}]");
        world.step();
        assertThat(world.status().currentStepIndex()).contains(0);
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(1);
        assertThat(world.canaryWeight()).isEqualTo(50);
    }

    @Test
    void lowerStepsLowerTheShareWithoutADetour_C9() {
        World world = updated(4, ROUTED.replace("25", "75"));
        edit(world, "\"steps\":[{\"setWeight\":50},{\"pause\":{}}]");
        world.step();
        world.step();
        assertThat(world.canaryWeight()).isEqualTo(50);
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(1);
        assertThat(world.sizeOf(world.status().currentPodHash())).isEqualTo(2);
    }

    /// Somebody promoted past a step that was there for a moment only, and somebody else aborted.
    @Test
    void anAbortIsKeptWhereTheStepIsPastTheEnd_A6() {
        World world = updated(4, ROUTED);
        world.status("{\"currentStepIndex\":9,\"pauseConditions\":null,\"abort\":true}");
        world.settle();
        assertThat(world.status().abort()).isTrue();
        assertThat(world.status().currentStepIndex()).contains(0);
        assertThat(world.canaryWeight()).isZero();
    }

    @Test
    void stepsTakenAwayPromote_P5() {
        World world = updated(4, ROUTED);
        edit(world, "\"steps\":null");
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Healthy");
        assertThat(world.status().currentStepIndex()).isEmpty();
    }

    @Test
    void aSwitchToBlueGreenAfterAReleaseMovesNoTraffic_B7() {
        World world = canary(3, ROUTED);
        String stable = world.status().stableRS();
        world.scales.clear();
        world.spec(
                "{\"strategy\":{\"canary\":null,\"blueGreen\":{\"activeService\":\"active\",\"previewService\":\"preview\"}}}");
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(stable);
        assertThat(world.scales).isEmpty();
        assertThat(world.selected("active")).isEqualTo(stable);
        assertThat(world.status().weights()).isEmpty();
        assertThat(world.status().phase()).isEqualTo("Healthy");
        world.image("demo:2");
        world.settle();
        world.later(31);
        world.settle();
        assertThat(world.sizeOf(stable)).isZero();
    }

    /// The plan knows better than what was seen of the Service a while ago.
    @Test
    void aSwitchToBlueGreenDoesNotFollowAnOlderViewOfTheService_B7() {
        World world = canary(3, SERVICES);
        var old = Optional.ofNullable(world.services.get("stable")).orElseThrow();
        world.image("demo:2");
        world.settle();
        String stable = world.status().stableRS();
        world.services.put("stable", old);
        world.spec("{\"strategy\":{\"canary\":null,\"blueGreen\":{\"activeService\":\"stable\"}}}");
        for (int i = 0; i < 4; i++) {
            world.step();
        }
        assertThat(old.hash()).isNotEqualTo(stable);
        assertThat(world.status().trafficPlan().orElseThrow().selected(TrafficPlan.Role.ACTIVE))
                .contains(stable);
    }

    @Test
    void aSwitchToACanaryAfterAReleaseMovesNoTraffic_B7() {
        World world =
                new World(
                                "{\"replicas\":3,\"strategy\":{\"blueGreen\":{\"activeService\":\"active\"}}}")
                        .service("active")
                        .service("stable")
                        .service("canary");
        world.settle();
        String stable = world.status().stableRS();
        world.scales.clear();
        world.spec("{\"strategy\":{\"blueGreen\":null,\"canary\":{" + ROUTED + "}}}");
        world.settle();
        assertThat(world.scales).isEmpty();
        assertThat(world.status().activeSelector()).isEmpty();
        assertThat(world.status().phase()).isEqualTo("Healthy");
        world.image("demo:2");
        world.settle();
        assertThat(world.canaryWeight()).isEqualTo(25);
        assertThat(world.sizeOf(stable)).isEqualTo(3);
    }

    /// Nobody else would ever take the canary's share back.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"canary\":{\"trafficRouting\":null}}",
                "{\"canary\":{\"trafficRouting\":{\"plugins\":null,\"nginx\":{\"stableIngress\":\"web\"}}}}",
                "{\"canary\":null,\"blueGreen\":{\"activeService\":\"active\"}}",
                "{\"canary\":null,\"blueGreen\":{\"activeService\":\"stable\"}}"
            })
    void aRouterThatLeavesGivesItsTrafficToTheStableRevisionFirst_B7(String strategy) {
        World world = updated(4, ROUTED);
        world.ingresses.put("web", Trees.json(INGRESS));
        JsonNode former =
                world.status().trafficPlan().orElseThrow().carriage().orElseThrow().deepCopy();
        world.drainSeconds = 5;
        world.scales.clear();
        world.spec("{\"strategy\":" + strategy + "}");
        world.settle();
        TrafficPlan back = world.status().trafficPlan().orElseThrow();
        assertThat(back.weights()).contains(new TrafficPlan.Weights(0, 100));
        assertThat(back.carriage()).contains(former);
        assertThat(back.reason()).isEqualTo(TrafficPlan.Reason.Reconfigure);
        assertThat(world.scales).isEmpty();
        world.later(6);
        world.settle();
        assertThat(world.status().trafficPlan().orElseThrow().carriage())
                .isNotEqualTo(Optional.of(former));
    }

    @Test
    void aRouterThatLeavesLetsTheReleaseGoOnByReplicas_B7() {
        World world = updated(4, ROUTED);
        String fresh = world.status().currentPodHash();
        edit(world, "\"trafficRouting\":null");
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(1);
        assertThat(world.status().weights()).isEmpty();
        assertThat(world.sizeOf(fresh)).isEqualTo(1);
        assertThat(world.sizeOf(world.status().stableRS())).isEqualTo(3);
        world.resume();
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(fresh);
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    @Test
    void aRouterThatLeavesWaitsForTheStableRevision_T1_B7() {
        World world = updated(4, ROUTED + ",\"dynamicStableScale\":true");
        String stable = world.status().stableRS();
        world.pods(stable).broken = true;
        edit(world, "\"trafficRouting\":null,\"dynamicStableScale\":null");
        world.settle();
        assertThat(world.canaryWeight()).isEqualTo(25);
        assertThat(world.sizeOf(stable)).isEqualTo(4);
        RolloutStatus.Why why = world.status().why().orElseThrow();
        assertThat(why.state()).isEqualTo(RolloutStatus.Why.State.Blocked);
        assertThat(why.reason()).isEqualTo("RouterLeaving");
        assertThat(why.unblock()).contains("stable revision");
        world.pods(stable).broken = false;
        world.settle();
        assertThat(world.status().trafficPlan().orElseThrow().weights()).isEmpty();
    }

    /// All traffic is on the new revision through the canary Service, the other still leads to the
    /// former one.
    @Test
    void aRouterThatLeavesRightAfterAPromotionFirstPointsTheStableService_S3_B7() {
        World world = updated(4, ROUTED);
        String former = world.status().stableRS();
        world.drainSeconds = 5;
        world.resume();
        while (world.status().stableRS().equals(former)) {
            world.settle();
        }
        assertThat(world.canaryWeight()).isEqualTo(100);
        assertThat(world.selected("stable")).isEqualTo(former);
        edit(world, "\"trafficRouting\":null");
        world.settle();
        assertThat(world.canaryWeight()).isEqualTo(100);
        assertThat(world.status().why().orElseThrow().reason()).isEqualTo("RouterLeaving");
        world.later(6);
        world.settle();
        assertThat(world.canaryWeight()).isZero();
        assertThat(world.selected("stable")).isEqualTo(world.status().stableRS());
        world.drainSeconds = 0;
        world.later(6);
        world.settle();
        assertThat(world.status().trafficPlan().orElseThrow().weights()).isEmpty();
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    /// The original controller took the router's weights out of the status and promoted.
    @Test
    void aPlanThatSomebodyElseOvertookHoldsNothingUp_B7() {
        World world = updated(4, ROUTED);
        String fresh = world.status().currentPodHash();
        world.point("stable", fresh);
        world.status("{\"stableRS\":\"" + fresh + "\",\"canary\":null,\"pauseConditions\":null}");
        edit(world, "\"trafficRouting\":null");
        world.settle();
        assertThat(world.status().trafficPlan().orElseThrow().weights()).isEmpty();
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    /// What the canary paused for is no consent to the switch of a blue-green release.
    @Test
    void aPausedCanaryThatBecomesBlueGreenWaitsForItsOwnPause_X3_B7() {
        World world = updated(4, ROUTED);
        String stable = world.status().stableRS();
        String fresh = world.status().currentPodHash();
        world.spec(
                "{\"strategy\":{\"canary\":null,\"blueGreen\":{\"activeService\":\"active\",\"autoPromotionEnabled\":false}}}");
        world.settle();
        assertThat(world.status().currentStepIndex()).isEmpty();
        assertThat(world.status().pauseConditions())
                .extracting(RolloutStatus.PauseCondition::reason)
                .containsExactly("BlueGreenPause");
        assertThat(world.selected("active")).isEqualTo(stable);
        world.resume();
        world.settle();
        assertThat(world.selected("active")).isEqualTo(fresh);
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    @Test
    void aPausedBlueGreenThatBecomesACanaryStartsAtTheFirstStep_X3_B7() {
        World world =
                new World(
                                "{\"replicas\":4,\"strategy\":{\"blueGreen\":{\"activeService\":\"active\",\"autoPromotionEnabled\":false}}}")
                        .service("active")
                        .service("stable")
                        .service("canary");
        world.settle();
        world.image("demo:2");
        world.settle();
        String stable = world.status().stableRS();
        world.spec("{\"strategy\":{\"blueGreen\":null,\"canary\":{" + ROUTED + "}}}");
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(stable);
        assertThat(world.canaryWeight()).isEqualTo(25);
        assertThat(world.status().pauseConditions())
                .extracting(RolloutStatus.PauseCondition::reason)
                .containsExactly("CanaryPauseStep");
        world.resume();
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    @Test
    void aRouterTakenAwayAfterAReleaseLeavesNothingThatHoldsPods_L8() {
        World world = canary(4, ROUTED);
        String old = world.status().stableRS();
        edit(world, "\"trafficRouting\":null,\"stableService\":null,\"canaryService\":null");
        world.settle();
        world.image("demo:2");
        world.settle();
        world.resume();
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Healthy");
        assertThat(world.sizeOf(old)).isZero();
    }

    @Test
    void aRouterAddedInMidReleaseWaitsForTheStableRevisionsFullSize_T1() {
        World world = updated(4, SERVICES + "," + STEPS);
        assertThat(world.sizeOf(world.status().stableRS())).isEqualTo(3);
        edit(world, ROUTING);
        world.settle();
        assertThat(world.sizeOf(world.status().stableRS())).isEqualTo(4);
        assertThat(world.canaryWeight()).isEqualTo(25);
        world.resume();
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    @Test
    void otherServicesAreTakenOverInMidRelease_S1() {
        World world = updated(4, ROUTED);
        edit(world, "\"stableService\":\"stable-2\",\"canaryService\":\"canary-2\"");
        world.settle();
        assertThat(world.selected("stable-2")).isEqualTo(world.status().stableRS());
        assertThat(world.selected("canary-2")).isEqualTo(world.status().currentPodHash());
        assertThat(world.canaryWeight()).isEqualTo(25);
        world.resume();
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {ROUTED, SERVICES + "," + STEPS, ROUTED + ",\"dynamicStableScale\":true"})
    void replicasToZeroAndBackKeepTheRelease_H6(String canary) {
        World world = updated(4, canary);
        String fresh = world.status().currentPodHash();
        String stable = world.status().stableRS();
        world.spec("{\"replicas\":0}");
        world.settle();
        assertThat(world.sizeOf(fresh) + world.sizeOf(stable)).isZero();
        world.spec("{\"replicas\":4}");
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(stable);
        assertThat(world.sizeOf(fresh)).isEqualTo(1);
        world.resume();
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(fresh);
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aReleaseOfNoneOrOnePodEnds_H6(int replicas) {
        World world = updated(replicas, ROUTED);
        world.resume();
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(world.status().currentPodHash());
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    /// #2931: stuck in a loop.
    @ParameterizedTest
    @ValueSource(ints = {2, 8})
    void templateAndReplicasInOneWriteEnd_H4_issue2931(int replicas) {
        World world = canary(4, ROUTED);
        world.spec("{\"replicas\":" + replicas + "}");
        world.image("demo:2");
        world.settle();
        assertThat(world.sizeOf(world.status().stableRS())).isEqualTo(replicas);
        assertThat(world.canaryWeight()).isEqualTo(25);
        world.resume();
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    @ParameterizedTest
    @ValueSource(strings = {ROUTED, STEPS})
    void replicasAreFollowedWhileAPersonHasPaused_H3(String canary) {
        World world = updated(4, canary);
        world.spec("{\"paused\":true}");
        world.settle();
        world.spec("{\"replicas\":8}");
        world.settle();
        int total = world.sets.values().stream().mapToInt(World.Pods::replicas).sum();
        assertThat(total).isGreaterThanOrEqualTo(8);
        assertThat(world.sizeOf(world.status().currentPodHash())).isEqualTo(2);
        assertThat(world.status().currentStepIndex()).contains(1);
    }

    @Test
    void aPauseKeepsOldRevisionsThoughReplicasChange_D6() {
        World world = canary(2, ROUTED.replace(STEPS, "\"scaleDownDelaySeconds\":10"));
        String old = world.status().stableRS();
        world.image("demo:2");
        world.settle();
        world.spec("{\"paused\":true}");
        world.settle();
        world.later(11);
        world.spec("{\"replicas\":3}");
        world.settle();
        assertThat(world.sizeOf(world.status().stableRS())).isEqualTo(3);
        assertThat(world.sizeOf(old)).isEqualTo(2);
        world.spec("{\"paused\":false}");
        world.settle();
        assertThat(world.sizeOf(old)).isZero();
    }

    @Test
    void replicasThatNeverRestDoNotHoldAPauseUp_H5() {
        World world = updated(4, ROUTED.replace("{\"pause\":{}}", "{\"pause\":{\"duration\":10}}"));
        world.later(11);
        for (int i = 0; i < 6; i++) {
            world.spec("{\"replicas\":" + (4 + i % 2) + "}");
            world.step();
        }
        assertThat(world.status().currentStepIndex()).contains(2);
    }

    @Test
    void aCanaryAddsNoPhantomLoadForAnAutoscaler_H2() {
        World world = updated(4, ROUTED);
        assertThat(world.status().hpaReplicas()).isEqualTo(5);
        assertThat(world.status().selector()).isEqualTo("app=demo");
    }

    /// #1774 #995: a stable revision that is gone, or broken, blocked its own repair.
    @ParameterizedTest
    @ValueSource(
            strings = {ROUTED, ROUTED + ",\"dynamicStableScale\":true", SERVICES + "," + STEPS})
    void aStableRevisionThatIsGoneDoesNotBlockItsRepair_L2_issue1774(String canary) {
        World world = canary(4, canary);
        world.sets.clear();
        world.image("demo:2");
        world.settle();
        world.resume();
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(world.status().currentPodHash());
        assertThat(world.status().phase()).isEqualTo("Healthy");
        assertThat(world.selected("stable")).isEqualTo(world.status().stableRS());
    }

    /// Without a plan no step ends, and without all pods of the first revision there is no plan.
    @Test
    void theRepairOfAFirstDeploymentThatNeverServedIsAFirstDeployment_L2() {
        World world =
                new World("{\"replicas\":4,\"strategy\":{\"canary\":{" + ROUTED + "}}}")
                        .service("stable")
                        .service("canary");
        while (world.sets.isEmpty()) {
            assertThat(world.step()).isTrue();
        }
        world.sets.values().forEach(pods -> pods.broken = true);
        world.settle();
        String broken = world.status().stableRS();
        assertThat(world.available(broken)).isZero();
        world.image("demo:2");
        world.settle();
        assertThat(world.status().stableRS())
                .isNotEqualTo(broken)
                .isEqualTo(world.status().currentPodHash());
        assertThat(world.status().phase()).isEqualTo("Healthy");
        assertThat(world.selected("stable")).isEqualTo(world.status().stableRS());
        world.later(60);
        world.settle();
        assertThat(world.sizeOf(broken)).isZero();
    }

    @Test
    void aDeclaredScaleNeverFallsBelowWhatTheShareNeeds_T1() {
        World world =
                updated(
                        4,
                        ROUTED.replace(
                                STEPS,
                                "\"steps\":[{\"setCanaryScale\":{\"replicas\":1}},{\"setWeight\":75},{\"pause\":{}}]"));
        assertThat(world.status().currentStepIndex()).contains(2);
        assertThat(world.canaryWeight()).isEqualTo(75);
        assertThat(world.sizeOf(world.status().currentPodHash())).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"replicas\":3", "\"weight\":75"})
    void aDeclaredScaleMayExceedTheShareUntilItMatchesAgain(String scale) {
        World world =
                updated(
                        4,
                        ROUTED.replace(
                                STEPS,
                                "\"steps\":[{\"setCanaryScale\":{"
                                        + scale
                                        + "}},{\"setWeight\":25},{\"pause\":{}},"
                                        + "{\"setCanaryScale\":{\"matchTrafficWeight\":true}},{\"pause\":{}}]"));
        assertThat(world.sizeOf(world.status().currentPodHash())).isEqualTo(3);
        assertThat(world.canaryWeight()).isEqualTo(25);
        world.resume();
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(4);
        assertThat(world.sizeOf(world.status().currentPodHash())).isEqualTo(1);
    }

    @Test
    void aMinimumOfPodsHoldsForACanaryThatHasAny() {
        World world = updated(4, ROUTED + ",\"minPodsPerReplicaSet\":3");
        assertThat(world.sizeOf(world.status().currentPodHash())).isEqualTo(3);
        assertThat(world.canaryWeight()).isEqualTo(25);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"type\":\"Percent\",\"value\":50}", "{\"type\":\"Pods\",\"value\":1}"})
    void aThresholdLetsAStepGoOnWithFewerPods(String threshold) {
        World world =
                canary(
                        4,
                        ROUTED.replace("25", "50") + ",\"replicaProgressThreshold\":" + threshold);
        world.image("demo:2");
        for (int i = 0; i < 4; i++) {
            world.step();
        }
        world.pods(world.status().currentPodHash()).available = 1;
        for (int i = 0; i < 4; i++) {
            world.step();
        }
        assertThat(world.canaryWeight()).isEqualTo(50);
    }

    @Test
    void atMostSoManyOldRevisionsWaitForTheirDelay() {
        World world = canary(2, ROUTED.replace(STEPS, "\"scaleDownDelayRevisionLimit\":1"));
        String first = world.status().stableRS();
        world.image("demo:2");
        world.settle();
        String second = world.status().stableRS();
        assertThat(world.sizeOf(first)).isEqualTo(2);
        world.image("demo:3");
        world.settle();
        assertThat(world.sizeOf(second)).isEqualTo(2);
        assertThat(world.sizeOf(first)).isZero();
    }
}
