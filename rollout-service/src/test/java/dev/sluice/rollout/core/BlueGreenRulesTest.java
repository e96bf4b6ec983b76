package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import dev.sluice.rollout.core.policy.Freeze;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The options of blue-green, one by one.
class BlueGreenRulesTest {
    private static World first(String options) {
        World world =
                new World(
                                "{\"replicas\":3,\"strategy\":{\"blueGreen\":{\"activeService\":\"active\""
                                        + (options.isEmpty() ? "" : "," + options)
                                        + "}}}")
                        .service("active")
                        .service("preview");
        world.templates.put(
                new TemplateRef("t", false),
                Trees.json("{\"metrics\":[{\"name\":\"m\",\"count\":1}]}"));
        world.settle();
        return world;
    }

    private static World updated(String options) {
        World world = first(options);
        world.image("demo:2");
        world.settle();
        return world;
    }

    private static String fresh(World world) {
        return world.status().currentPodHash();
    }

    private static boolean hasDeadline(World world, String hash) {
        return world.pods(hash).strings("annotations").containsKey(Names.SCALE_DOWN_DEADLINE);
    }

    @Test
    void theFormerRevisionWithinItsDelayIsTakenBackAtOnce() {
        World world = first("\"autoPromotionEnabled\":false");
        String old = world.status().stableRS();
        world.later(5);
        world.image("demo:2");
        world.settle();
        world.resume();
        world.settle();
        assertThat(hasDeadline(world, old)).isTrue();
        world.image("demo:1");
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(old);
        assertThat(world.selected("active")).isEqualTo(old);
        assertThat(hasDeadline(world, old)).isFalse();
        assertThat(world.status().pauseConditions()).isEmpty();
    }

    @Test
    void theFormerRevisionAfterItsDelayIsAnOrdinaryUpdate() {
        World world = first("\"autoPromotionEnabled\":false");
        String old = world.status().stableRS();
        world.image("demo:2");
        world.settle();
        world.resume();
        world.settle();
        world.later(31);
        world.settle();
        assertThat(world.sizeOf(old)).isZero();
        world.image("demo:1");
        world.settle();
        assertThat(world.status().message()).isEqualTo("BlueGreenPause");
        assertThat(world.selected("active")).isNotEqualTo(old);
    }

    @Test
    void secondsOfAutomaticPromotionMeanNothingWhereAPersonPromotes() {
        World world = updated("\"autoPromotionEnabled\":false,\"autoPromotionSeconds\":10");
        world.later(3600);
        world.settle();
        assertThat(world.status().message()).isEqualTo("BlueGreenPause");
    }

    @Test
    void theOldRevisionKeepsItsFullSizeUntilTheSwitchIsProvenAndTheDelayOver_B2() {
        World world = first("\"scaleDownDelaySeconds\":10");
        String old = world.status().stableRS();
        world.drainSeconds = 60;
        world.image("demo:2");
        world.settle();
        assertThat(world.selected("active")).isEqualTo(fresh(world));
        world.later(11);
        world.settle();
        assertThat(world.sizeOf(old)).isEqualTo(3);
        world.later(50);
        world.settle();
        assertThat(world.sizeOf(old)).isEqualTo(3);
        world.later(11);
        world.settle();
        assertThat(world.sizeOf(old)).isZero();
    }

    @Test
    void anExplicitDelayOfZeroTakesTheOldRevisionAwayOnceItIsUnreachable_D2() {
        World world = first("\"scaleDownDelaySeconds\":0");
        String old = world.status().stableRS();
        world.image("demo:2");
        world.settle();
        assertThat(world.sizeOf(old)).isZero();
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    @Test
    void theOldRevisionOutlivesThePostPromotionAnalysis_B5() {
        World world =
                updated("\"postPromotionAnalysis\":{\"templates\":[{\"templateName\":\"t\"}]}");
        String old = world.status().stableRS();
        world.later(3600);
        world.settle();
        assertThat(world.selected("active")).isEqualTo(fresh(world));
        assertThat(world.sizeOf(old)).isEqualTo(3);
        world.finish(world.status().postRun().orElseThrow().name(), "Failed", "");
        world.settle();
        assertThat(world.selected("active")).isEqualTo(old);
    }

    @Test
    void aFreezeHoldsThePromotionAfterTheSwitch_P8() {
        World world =
                updated("\"postPromotionAnalysis\":{\"templates\":[{\"templateName\":\"t\"}]}");
        String old = world.status().stableRS();
        world.freeze = Optional.of(new Freeze("stop", "somewhere", Optional.empty()));
        world.finish(world.status().postRun().orElseThrow().name(), "Successful", "");
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(old);
        world.freeze = Optional.empty();
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(fresh(world)).isNotEqualTo(old);
    }

    @Test
    void anAbortLetsASupersededRevisionGoThoughNothingWasJudged_L8() {
        World world =
                updated(
                        "\"autoPromotionEnabled\":false,"
                                + "\"postPromotionAnalysis\":{\"templates\":[{\"templateName\":\"t\"}]}");
        String superseded = fresh(world);
        assertThat(world.sizeOf(superseded)).isEqualTo(3);
        world.image("demo:3");
        world.settle();
        world.status("{\"abort\":true}");
        world.settle();
        world.later(3600);
        world.settle();
        assertThat(world.sizeOf(superseded)).isZero();
    }

    @Test
    void aFailureFlipsBackOnlyToARevisionThatCanCarryEverything_B5() {
        World world =
                updated("\"postPromotionAnalysis\":{\"templates\":[{\"templateName\":\"t\"}]}");
        String old = world.status().stableRS();
        world.pods(old).available = 2;
        world.pods(old).broken = true;
        world.finish(world.status().postRun().orElseThrow().name(), "Failed", "");
        for (int i = 0; i < 6; i++) {
            world.step();
            world.route();
        }
        assertThat(world.selected("active")).isEqualTo(fresh(world));
        world.pods(old).broken = false;
        world.settle();
        assertThat(world.selected("active")).isEqualTo(old);
    }

    @Test
    void anAbortedRevisionWithADelayOfZeroStaysAtItsPreviewSize() {
        World world =
                updated(
                        "\"previewService\":\"preview\",\"previewReplicaCount\":1,"
                                + "\"autoPromotionEnabled\":false,\"abortScaleDownDelaySeconds\":0");
        world.status("{\"abort\":true}");
        world.settle();
        world.later(3600);
        world.settle();
        assertThat(world.sizeOf(fresh(world))).isEqualTo(1);
        assertThat(world.status().phase()).isEqualTo("Degraded");
    }

    @Test
    void anAbortWithNothingInProgressChangesNothing_A1() {
        World world = first("");
        world.scales.clear();
        world.status("{\"abort\":true}");
        world.settle();
        assertThat(world.status().abort()).isFalse();
        assertThat(world.scales).isEmpty();
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    @Test
    void replicasThatChangeDuringThePreviewResetNothing_B4() {
        World world =
                updated(
                        "\"previewService\":\"preview\",\"autoPromotionEnabled\":false,"
                                + "\"prePromotionAnalysis\":{\"templates\":[{\"templateName\":\"t\"}]}");
        String run = world.status().preRun().orElseThrow().name();
        world.finish(run, "Successful", "");
        world.settle();
        assertThat(world.status().message()).isEqualTo("BlueGreenPause");
        world.spec("{\"replicas\":5}");
        world.settle();
        assertThat(world.status().message()).isEqualTo("BlueGreenPause");
        assertThat(world.status().preRun().orElseThrow().name()).isEqualTo(run);
        assertThat(world.sizeOf(world.status().stableRS())).isEqualTo(5);
        assertThat(world.sizeOf(fresh(world))).isEqualTo(5);
        world.resume();
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(fresh(world));
    }

    /// #4604: what was judged was gone when it was switched to.
    @Test
    void aPassIsVoidWhenThePodsThatWereJudgedAreGone_B6_issue4604() {
        World world =
                updated(
                        "\"autoPromotionEnabled\":false,"
                                + "\"prePromotionAnalysis\":{\"templates\":[{\"templateName\":\"t\"}]}");
        String first = world.status().preRun().orElseThrow().name();
        world.finish(first, "Successful", "");
        world.settle();
        world.pods(fresh(world)).available = 0;
        world.settle();
        assertThat(world.status().preRun().orElseThrow().name()).isNotEqualTo(first);
        world.resume();
        world.settle();
        assertThat(world.selected("active")).isEqualTo(world.status().stableRS());
        assertThat(world.status().stableRS()).isNotEqualTo(fresh(world));
    }

    @Test
    void thePreviewServiceNeverSelectsARevisionWithoutPods_B3() {
        World world = first("\"previewService\":\"preview\"");
        String old = world.status().stableRS();
        world.image("demo:2");
        for (int i = 0; i < 6; i++) {
            world.step();
            world.route();
        }
        assertThat(world.selected("preview")).isEqualTo(old);
    }

    @Test
    void anotherPreviewReplicaCountResizesThePreviewOnly() {
        World world = updated("\"previewReplicaCount\":1,\"autoPromotionEnabled\":false");
        assertThat(world.sizeOf(fresh(world))).isEqualTo(1);
        world.spec("{\"strategy\":{\"blueGreen\":{\"previewReplicaCount\":2}}}");
        world.settle();
        assertThat(world.sizeOf(fresh(world))).isEqualTo(2);
        assertThat(world.sizeOf(world.status().stableRS())).isEqualTo(3);
        assertThat(world.status().message()).isEqualTo("BlueGreenPause");
        world.resume();
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(fresh(world));
        assertThat(world.sizeOf(fresh(world))).isEqualTo(3);
    }

    @Test
    void aFullPromotionSkipsGatesButNotSaturation_P4_B1() {
        World world =
                updated(
                        "\"previewReplicaCount\":1,"
                                + "\"prePromotionAnalysis\":{\"templates\":[{\"templateName\":\"t\"}]}");
        String old = world.status().stableRS();
        world.status("{\"promoteFull\":true}");
        for (int i = 0; i < 6; i++) {
            world.step();
            world.route();
        }
        assertThat(world.selected("active")).isEqualTo(old);
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(fresh(world));
    }

    /// The deadline passes unseen, and the next look finds the pods ready and the release overdue.
    @Test
    void aReleaseThatIsAbortedByItsDeadlineDoesNotSwitchInTheSamePass_A3() {
        World world = first("");
        String old = world.status().stableRS();
        world.spec("{\"progressDeadlineSeconds\":60,\"progressDeadlineAbort\":true}");
        world.settle();
        world.image("demo:2");
        for (int i = 0; i < 6; i++) {
            world.step();
        }
        world.status("{\"promoteFull\":true}");
        world.status(
                "{\"readyReplicas\":6,\"availableReplicas\":6,\"updatedReplicas\":3,\"replicas\":6}");
        world.podsUp();
        world.later(70);
        world.step();
        assertThat(world.status().abort()).isTrue();
        world.settle();
        assertThat(world.selected("active")).isEqualTo(old);
        assertThat(world.status().trafficPlan().orElseThrow().selected(TrafficPlan.Role.ACTIVE))
                .contains(old);
    }

    @Test
    void atMostSoManyOldRevisionsWaitForTheirDelay() {
        World world = first("\"scaleDownDelayRevisionLimit\":1,\"scaleDownDelaySeconds\":600");
        String one = world.status().stableRS();
        world.image("demo:2");
        world.settle();
        String two = world.status().stableRS();
        world.image("demo:3");
        world.settle();
        assertThat(world.sizeOf(two)).isEqualTo(3);
        assertThat(world.sizeOf(one)).isZero();
    }

    @Test
    void anAutoscalerSeesTheActiveRevisionOnly_H2() {
        World world = updated("\"autoPromotionEnabled\":false");
        assertThat(world.status().hpaReplicas()).isEqualTo(3);
        assertThat(world.status().selector())
                .contains("rollouts-pod-template-hash=" + world.status().stableRS());
    }

    @Test
    void replicasAreFollowedWhileAPersonHasPaused_H3() {
        World world = updated("\"autoPromotionEnabled\":false");
        world.spec("{\"paused\":true,\"replicas\":5}");
        world.settle();
        assertThat(world.sizeOf(world.status().stableRS())).isEqualTo(5);
    }

    @Test
    void replicasToZeroAndBackKeepTheRelease_H6() {
        World world = updated("\"autoPromotionEnabled\":false");
        String old = world.status().stableRS();
        world.spec("{\"replicas\":0}");
        world.settle();
        assertThat(world.sizeOf(old) + world.sizeOf(fresh(world))).isZero();
        world.spec("{\"replicas\":3}");
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(old);
        world.resume();
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(fresh(world));
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    @Test
    void aSupersededRevisionGoesAlsoWhenItsSuccessorIsAborted_L8() {
        World world = first("\"postPromotionAnalysis\":{\"templates\":[{\"templateName\":\"t\"}]}");
        world.image("demo:2");
        world.step();
        world.step();
        world.step();
        String superseded = fresh(world);
        assertThat(world.sizeOf(superseded)).isEqualTo(3);
        world.image("demo:3");
        world.step();
        world.step();
        world.status("{\"abort\":true}");
        world.settle();
        world.later(31);
        world.settle();
        assertThat(world.status().message()).startsWith("RolloutAborted");
        assertThat(world.sizeOf(superseded)).isZero();
    }

    @Test
    void evidenceThatComesWithTheNextTemplateIsNotTakenForSomebodyElses() {
        World world = updated("\"autoPromotionEnabled\":false");
        world.resume();
        for (int i = 0; i < 5 && isActiveProven(world); i++) {
            world.step();
        }
        assertThat(isActiveProven(world)).isFalse();
        world.route();
        world.image("demo:3");
        for (int i = 0; i < 5; i++) {
            world.step();
            assertThat(world.status().trafficPlan().orElseThrow().reason())
                    .isNotEqualTo(TrafficPlan.Reason.Reconfigure);
        }
    }

    private static boolean isActiveProven(World world) {
        return world.status().trafficPlan().orElseThrow().isObserved();
    }

    @Test
    void aRetryIsJudgedAnewThoughTheActiveServiceHasNotBeenTakenBackYet_X3() {
        World world =
                updated("\"prePromotionAnalysis\":{\"templates\":[{\"templateName\":\"t\"}]}");
        String old = world.status().stableRS();
        String fresh = fresh(world);
        world.finish(world.status().preRun().orElseThrow().name(), "Successful", "");
        for (int i = 0; i < 9 && !world.selected("active").equals(fresh); i++) {
            world.step();
            world.route();
        }
        world.status("{\"abort\":true}");
        world.step();
        world.status("{\"abort\":false}");
        world.step();
        assertThat(world.status().trafficPlan().orElseThrow().selected(TrafficPlan.Role.ACTIVE))
                .contains(old);
    }
}
