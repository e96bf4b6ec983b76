package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanaryTraceTest {
    private static final String ROUTED =
            """
            {"replicas":4,"strategy":{"canary":{"stableService":"stable","canaryService":"canary",
             "trafficRouting":{"nginx":{"stableIngress":"web"}},
             "steps":[{"setWeight":25},{"pause":{}},{"setWeight":75},{"pause":{"duration":10}}]}}}\
            """;

    private static World basic(int replicas, String weights) {
        StringBuilder steps = new StringBuilder();
        for (String w : weights.split(" ")) {
            steps.append(steps.isEmpty() ? "" : ",")
                    .append("{\"setWeight\":")
                    .append(w)
                    .append("},{\"pause\":{}}");
        }
        World world =
                new World(
                        "{\"replicas\":"
                                + replicas
                                + ",\"strategy\":{\"canary\":{\"steps\":["
                                + steps
                                + "]}}}");
        world.settle();
        world.scales.clear();
        world.image("demo:2");
        return world;
    }

    private static World routed() {
        World world = new World(ROUTED).service("stable").service("canary");
        world.ingresses.put(
                "web",
                Trees.json(
                        "{\"spec\":{\"rules\":[{\"http\":{\"paths\":[{\"backend\":{\"service\":{\"name\":\"stable\"}}}]}}]}}"));
        world.settle();
        world.image("demo:2");
        return world;
    }

    @ParameterizedTest
    @CsvSource({"\"25%\", \"25%\"", "0, 1", "1, 0"})
    void aStepThatGivesEverythingEndsThoughTheStableServiceKeepsAPod_L5(
            String surge, String unavailable) {
        World world =
                new World(
                                """
                                {"replicas":2,"strategy":{"canary":{"stableService":"stable",
                                 "canaryService":"canary","maxSurge":%s,"maxUnavailable":%s,
                                 "steps":[{"setWeight":100},{"pause":{}}]}}}\
                                """
                                        .formatted(surge, unavailable))
                        .service("stable")
                        .service("canary");
        world.settle();
        world.image("demo:2");
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(1);
        assertThat(world.sizeOf(world.selected("stable"))).isPositive();
    }

    @Test
    void theCanaryServiceLeavesARevisionThatIsToHaveNoPods_L5() {
        World world = routed();
        world.spec("{\"strategy\":{\"canary\":{\"steps\":[{\"setWeight\":0},{\"pause\":{}}]}}}");
        world.spec("{\"replicas\":0}");
        world.settle();
        world.spec("{\"replicas\":2}");
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(1);
    }

    @Test
    void aFirstDeploymentIsStableAtOnceAndEndsHealthyWithFourConditions() {
        World world =
                new World(
                        "{\"replicas\":2,\"strategy\":{\"canary\":{\"steps\":[{\"setWeight\":50}]}}}");
        world.settle();
        RolloutStatus status = world.status();
        assertThat(status.phase()).isEqualTo("Healthy");
        assertThat(status.currentStepIndex()).contains(1);
        assertThat(status.conditions().stream().map(RolloutStatus.Condition::type))
                .containsExactlyInAnyOrder("Healthy", "Progressing", "Available", "Completed");
        assertThat(world.events)
                .containsExactly(
                        "RolloutUpdated",
                        "NewReplicaSetCreated",
                        "RolloutNotCompleted",
                        "ScalingReplicaSet",
                        "RolloutCompleted");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4  | 25     | (0,3) (1,3)",
                "4  | 25 50  | (0,3) (1,3) (1,2) (2,2)",
                "10 | 10 30  | (0,9) (1,9) (1,7) (3,7)",
                "3  | 50     | (1,3) (1,2) (2,2)",
                "1  | 50     | (1,1)"
            })
    void aCanaryWithoutARouterFollowsTheWorkedTraces(int replicas, String weights, String trace) {
        World world = basic(replicas, weights);
        for (int i = 0; i < weights.split(" ").length; i++) {
            world.settle();
            if (world.status().pauseConditions().isEmpty()) {
                throw new AssertionError("not paused: " + world.rollout.path("status"));
            }
            if (i + 1 < weights.split(" ").length) {
                world.status("{\"pauseConditions\":null}");
            }
        }
        assertThat(String.join(" ", world.scales)).isEqualTo(trace);
    }

    @Test
    void anAbortWithoutARouterReturnsPodsWithinTheAvailabilityBudget() {
        World world = basic(4, "50");
        world.settle();
        world.scales.clear();
        world.status("{\"abort\":true}");
        world.settle();
        assertThat(world.scales.getLast()).isEqualTo("(0,4)");
        assertThat(world.status().phase()).isEqualTo("Degraded");
        assertThat(world.status().message())
                .isEqualTo("RolloutAborted: Rollout aborted update to revision 2");
        assertThat(world.status().why().orElseThrow().state())
                .isEqualTo(RolloutStatus.Why.State.Broken);
    }

    @Test
    void aRoutedCanaryWalksItsStepsOnEvidenceAndRetiresTheOldRevision() {
        World world = routed();
        String old = world.status().stableRS();
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(1);
        assertThat(world.status().phase()).isEqualTo("Paused");
        assertThat(world.status().weights().orElseThrow().canary().weight()).isEqualTo(25);
        assertThat(world.status().weights().orElseThrow().verified()).contains(true);
        String fresh = world.status().currentPodHash();
        assertThat(world.sizeOf(fresh)).isEqualTo(1);
        assertThat(world.sizeOf(old)).isEqualTo(4);
        world.status("{\"pauseConditions\":null}");
        world.settle();
        assertThat(world.status().weights().orElseThrow().canary().weight()).isEqualTo(75);
        world.later(11);
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(fresh);
        assertThat(world.status().phase()).isEqualTo("Healthy");
        assertThat(world.status().weights().orElseThrow().canary().weight()).isZero();
        assertThat(world.sizeOf(old)).isEqualTo(4);
        world.later(31);
        world.settle();
        assertThat(world.sizeOf(old)).isZero();
        assertThat(world.status().why().orElseThrow().state())
                .isEqualTo(RolloutStatus.Why.State.Done);
    }

    @Test
    void aStepIsNotCompleteBeforeItsEvidence_P2() {
        World world = routed();
        for (int i = 0; i < 20; i++) {
            world.step();
            world.podsUp();
        }
        assertThat(world.status().currentStepIndex()).contains(0);
        assertThat(world.status().trafficPlan().orElseThrow().weights().orElseThrow().canary())
                .isEqualTo(25);
        assertThat(world.status().why().orElseThrow().reason()).isEqualTo("TrafficEvidence");
        world.route();
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(1);
    }

    @Test
    void anAbortReturnsTrafficFirstAndKeepsTheCanaryUntilItsDelayPassed_A5() {
        World world = routed();
        world.settle();
        String fresh = world.status().currentPodHash();
        world.status("{\"abort\":true}");
        world.step();
        TrafficPlan plan = world.status().trafficPlan().orElseThrow();
        assertThat(plan.abort()).isTrue();
        assertThat(plan.weights().orElseThrow().canary()).isZero();
        assertThat(plan.liveShare(fresh)).isEqualTo(25);
        for (int i = 0; i < 5; i++) {
            world.step();
        }
        assertThat(
                        world.pods(fresh)
                                .json
                                .at("/metadata/annotations/scale-down-deadline")
                                .isMissingNode())
                .isTrue();
        world.settle();
        assertThat(world.sizeOf(fresh)).isEqualTo(1);
        assertThat(world.selected("canary")).isEqualTo(world.status().stableRS());
        world.later(31);
        world.settle();
        assertThat(world.sizeOf(fresh)).isZero();
        world.status("{\"abort\":false}");
        world.settle();
        assertThat(world.status().release().orElseThrow().attempt()).isEqualTo(3);
        assertThat(world.status().phase()).isEqualTo("Paused");
        assertThat(world.status().currentStepIndex()).contains(1);
    }

    @Test
    void aFullPromotionSkipsStepsButNotTheEvidence_P4() {
        World world = routed();
        world.settle();
        world.status("{\"promoteFull\":true}");
        for (int i = 0; i < 20; i++) {
            world.step();
            world.podsUp();
        }
        String fresh = world.status().currentPodHash();
        assertThat(world.status().stableRS()).isNotEqualTo(fresh);
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(fresh);
        assertThat(world.status().duration().orElseThrow().completionStatus())
                .isEqualTo("FastPromoted");
    }

    @Test
    void undoToStableSkipsTheStepsAndFreesTheCanaryServiceInTwoPlans_S3() {
        World world = routed();
        world.settle();
        String bad = world.status().currentPodHash();
        world.image("demo:1");
        world.settle();
        assertThat(world.events).contains("SkipSteps");
        assertThat(world.status().phase()).isEqualTo("Healthy");
        assertThat(world.selected("canary")).isEqualTo(world.status().stableRS());
        world.later(60);
        world.settle();
        assertThat(world.sizeOf(bad)).isZero();
    }

    @Test
    void decidingAgainChangesNothing() {
        World world = routed();
        world.settle();
        assertThat(world.decide().isQuiet()).isTrue();
        assertThat(world.decide()).isEqualTo(world.decide());
        Rollout rollout = world.observe().rollout();
        List<String> ids =
                Facts.of(rollout, rollout.status(), "c", "/sluice/c/rollout-service").stream()
                        .map(dev.sluice.events.Event::id)
                        .toList();
        assertThat(ids).doesNotHaveDuplicates().contains("u-1/2/started", "u-1/2/step-completed/0");
    }

    /// The canary Service still drains the superseded revision, so the plan gives it nothing: that
    /// this plan is in effect says nothing about the weight of the step.
    @Test
    void aWeightStepIsNotCompleteWhileThePlannedWeightIsStillLower_P2() {
        World world = routed();
        world.settle();
        world.drainSeconds = 30;
        world.image("demo:3");
        for (int i = 0; i < 40; i++) {
            world.step();
            world.podsUp();
            world.route();
        }
        TrafficPlan draining = world.status().trafficPlan().orElseThrow();
        assertThat(draining.isObserved()).isTrue();
        assertThat(draining.weights().orElseThrow().canary()).isZero();
        assertThat(world.status().currentStepIndex()).contains(0);
        world.later(31);
        world.settle();
        assertThat(world.selected("canary")).isEqualTo(world.status().currentPodHash());
        assertThat(world.status().currentStepIndex()).contains(1);
        assertThat(world.status().weights().orElseThrow().canary().weight()).isEqualTo(25);
    }

    /// Only a share that rises is stamped, so a step costs one stamp at most.
    @Test
    void aStepStampsOnlyTheRevisionWhoseShareRises_D3() {
        World world = routed();
        world.settle();
        String fresh = world.status().currentPodHash();
        String stable = world.status().stableRS();
        long first = Names.number(world.pods(stable).strings("annotations").get(Names.KEEP_PLAN));
        world.status("{\"pauseConditions\":null}");
        world.settle();
        long plan = world.status().trafficPlan().orElseThrow().id();
        assertThat(world.pods(fresh).strings("annotations"))
                .containsEntry(Names.KEEP_PLAN, Long.toString(plan));
        assertThat(world.pods(stable).strings("annotations"))
                .containsEntry(Names.KEEP_PLAN, Long.toString(first));
    }

    @Test
    void anAbortReturnsTrafficThoughTheSpecCannotBeRead_A4() {
        World world = routed();
        world.settle();
        TrafficPlan before = world.status().trafficPlan().orElseThrow();
        world.spec("{\"replicas\":-1}");
        world.status("{\"abort\":true}");
        Decision decision = decideInvalid(world);
        TrafficPlan plan = decision.next().trafficPlan().orElseThrow();
        assertThat(plan.id()).isGreaterThan(before.id());
        assertThat(plan.abort()).isTrue();
        assertThat(plan.weights()).contains(new TrafficPlan.Weights(0, 100));
        assertThat(plan.services()).isEqualTo(before.services());
        assertThat(plan.liveShare(decision.next().currentPodHash())).isEqualTo(25);
        world.apply(decision);
        assertThat(decideInvalid(world).isQuiet()).isTrue();
        world.spec("{\"replicas\":4}");
        world.settle();
        assertThat(world.selected("canary")).isEqualTo(world.status().stableRS());
        assertThat(world.status().phase()).isEqualTo("Degraded");
    }

    private static Decision decideInvalid(World world) {
        if (RolloutParser.parse(world.rollout) instanceof ParseResult.Invalid invalid) {
            return RolloutDecider.decideInvalid(invalid, world.now);
        }
        throw new AssertionError("the spec can be read");
    }

    @Test
    void anAbortIsAcceptedThoughTheRouterObjectIsGone_A4() {
        World world = routed();
        world.settle();
        world.ingresses.clear();
        world.status("{\"abort\":true}");
        world.settle();
        assertThat(world.selected("canary")).isEqualTo(world.status().stableRS());
        assertThat(world.status().phase()).isEqualTo("Degraded");
    }
}
