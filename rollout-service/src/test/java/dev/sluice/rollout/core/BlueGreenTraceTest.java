package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import org.junit.jupiter.api.Test;

class BlueGreenTraceTest {
    private static final String GATED =
            """
            {"replicas":3,"strategy":{"blueGreen":{"activeService":"active","previewService":"preview",
             "previewReplicaCount":1,"autoPromotionEnabled":false,
             "prePromotionAnalysis":{"templates":[{"templateName":"t"}]},
             "postPromotionAnalysis":{"templates":[{"templateName":"t"}]}}}}\
            """;
    private static final String PLAIN =
            "{\"replicas\":3,\"strategy\":{\"blueGreen\":{\"activeService\":\"active\"}}}";

    private static World updated(String spec) {
        World world = new World(spec).service("active").service("preview");
        world.templates.put(
                new TemplateRef("t", false),
                Trees.json("{\"metrics\":[{\"name\":\"m\",\"count\":1}]}"));
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Healthy");
        world.events.clear();
        world.image("demo:2");
        world.settle();
        return world;
    }

    @Test
    void aPlainUpdateSwitchesWhenSaturatedAndRetiresTheOldStackAfterItsDelay() {
        World world = updated(PLAIN);
        String old = world.status().release().orElseThrow().fromHash();
        assertThat(world.status().phase()).isEqualTo("Healthy");
        assertThat(world.selected("active")).isEqualTo(world.status().currentPodHash());
        assertThat(world.events)
                .containsExactly(
                        "RolloutUpdated",
                        "NewReplicaSetCreated",
                        "RolloutNotCompleted",
                        "ScalingReplicaSet",
                        "RolloutCompleted");
        assertThat(world.sizeOf(old)).isEqualTo(3);
        world.later(31);
        world.settle();
        assertThat(world.sizeOf(old)).isZero();
    }

    @Test
    void theGatedFlowPreviewsJudgesPausesScalesSwitchesAndJudgesAgain() {
        World world = updated(GATED);
        String fresh = world.status().currentPodHash();
        assertThat(world.sizeOf(fresh)).isEqualTo(1);
        assertThat(world.selected("preview")).isEqualTo(fresh);
        String pre = world.status().preRun().orElseThrow().name();
        assertThat(pre).isEqualTo("demo-" + fresh + "-2-pre");
        world.finish(pre, "Successful", "");
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Paused");
        assertThat(world.status().message()).isEqualTo("BlueGreenPause");
        world.status("{\"pauseConditions\":null}");
        world.settle();
        assertThat(world.sizeOf(fresh)).isEqualTo(3);
        assertThat(world.selected("active")).isEqualTo(fresh);
        assertThat(world.status().message()).isEqualTo("waiting for analysis to complete");
        world.finish(world.status().postRun().orElseThrow().name(), "Successful", "");
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Healthy");
        assertThat(world.status().stableRS()).isEqualTo(fresh);
        assertThat(world.status().controllerPause()).isFalse();
    }

    @Test
    void aFailedPostAnalysisReturnsActiveToTheOldStack_B5() {
        World world = updated(GATED);
        String fresh = world.status().currentPodHash();
        String old = world.status().stableRS();
        world.finish("demo-" + fresh + "-2-pre", "Successful", "");
        world.settle();
        world.status("{\"pauseConditions\":null}");
        world.settle();
        world.finish("demo-" + fresh + "-2-post", "Failed", "Metric \"m\" assessed Failed");
        world.settle();
        assertThat(world.selected("active")).isEqualTo(old);
        assertThat(world.status().message())
                .isEqualTo(
                        "RolloutAborted: Rollout aborted update to revision 2: Blue/green"
                                + " post-promotion analysis phase error/failed: Metric \"m\" assessed"
                                + " Failed");
        assertThat(world.sizeOf(fresh)).isEqualTo(3);
        world.later(31);
        world.settle();
        assertThat(world.sizeOf(fresh)).isZero();
        assertThat(world.selected("preview")).isEqualTo(old);
        world.status("{\"abort\":false}");
        world.settle();
        assertThat(world.sizeOf(fresh)).isEqualTo(1);
        assertThat(world.status().preRun().orElseThrow().name())
                .isEqualTo("demo-" + fresh + "-2-pre.1");
    }

    @Test
    void anAutomaticPromotionWaitsItsSeconds() {
        World world =
                updated(PLAIN.replace("\"active\"}", "\"active\",\"autoPromotionSeconds\":30}"));
        assertThat(world.status().phase()).isEqualTo("Paused");
        world.later(31);
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    @Test
    void theActiveServiceDoesNotFlipBeforeSaturation_B1() {
        World world = updated(PLAIN);
        String served = world.selected("active");
        world.image("demo:3");
        for (int i = 0; i < 6; i++) {
            world.step();
            world.route();
        }
        assertThat(world.selected("active")).isEqualTo(served);
    }

    @Test
    void aWayBackBeforeTheDeadlineOfTheOldStackNeedsNeitherPauseNorTime() {
        World world =
                new World(
                                """
                                {"replicas":3,"strategy":{"blueGreen":{"activeService":"active",
                                 "autoPromotionEnabled":false,"scaleDownDelaySeconds":600}}}\
                                """)
                        .service("active");
        world.settle();
        String blue = world.status().stableRS();
        world.later(5);
        world.image("demo:2");
        world.settle();
        world.status("{\"pauseConditions\":null}");
        world.settle();
        assertThat(world.status().stableRS()).isNotEqualTo(blue);
        world.events.clear();
        world.image("demo:1");
        // Routing takes a few looks; each of them must know that the way back is a short one.
        for (int i = 0; i < 6; i++) {
            world.step();
        }
        world.settle();
        assertThat(world.status().stableRS()).isEqualTo(blue);
        assertThat(world.status().phase()).isEqualTo("Healthy");
        assertThat(world.events)
                .containsExactly("RolloutUpdated", "RolloutNotCompleted", "RolloutCompleted");
    }
}
