package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CanaryAnalysisTest {
    private static final String SPEC =
            """
            {"replicas":2,"strategy":{"canary":{
             "steps":[{"setWeight":50},{"analysis":{"templates":[{"templateName":"t"}],
               "args":[{"name":"hash","valueFrom":{"podTemplateHashValue":"Latest"}}]}},{"pause":{}}]}}}\
            """;

    private static World atAnalysis() {
        World world = new World(SPEC);
        world.templates.put(
                new TemplateRef("t", false),
                Trees.json(
                        "{\"args\":[{\"name\":\"hash\"}],\"metrics\":[{\"name\":\"m\",\"count\":1}]}"));
        world.settle();
        world.image("demo:2");
        world.settle();
        return world;
    }

    private static String run(World world) {
        return world.status().stepRun().orElseThrow().name();
    }

    @Test
    void aStepAnalysisIsCreatedOnceWithItsArgumentsResolved() {
        World world = atAnalysis();
        String hash = world.status().currentPodHash();
        assertThat(run(world)).isEqualTo("demo-" + hash + "-2-1");
        assertThat(world.runs).hasSize(1);
        assertThat(world.runOf(run(world)).spec().at("/args/0/value").asText()).isEqualTo(hash);
        assertThat(world.runOf(run(world)).labels())
                .containsEntry("rollout-type", "Step")
                .containsEntry("step-index", "1")
                .hasEntrySatisfying(
                        "sluice.dev/measurement", label -> assertThat(label).startsWith("2.0."));
        world.finish(run(world), "Successful", "");
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(2);
    }

    @Test
    void aFailedAnalysisAbortsAndSaysWhy() {
        World world = atAnalysis();
        world.finish(
                run(world),
                "Failed",
                "Metric \"m\" assessed Failed due to failed (1) > failureLimit (0)");
        world.settle();
        assertThat(world.status().message())
                .isEqualTo(
                        "RolloutAborted: Rollout aborted update to revision 2: Step-based analysis"
                                + " phase error/failed: Metric \"m\" assessed Failed due to failed (1)"
                                + " > failureLimit (0)");
        assertThat(world.status().duration().orElseThrow().completionStatus()).isEqualTo("Aborted");
        assertThat(world.events).contains("AnalysisRunFailed", "RolloutAborted");
    }

    @Test
    void anInconclusiveAnalysisPausesUntilAPersonResumesAndThenRunsAgain_G3() {
        World world = atAnalysis();
        world.finish(run(world), "Inconclusive", "");
        world.settle();
        assertThat(world.status().message()).isEqualTo("InconclusiveAnalysisRun");
        world.later(3600);
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Paused");
        String first = run(world);
        world.status("{\"pauseConditions\":null}");
        world.settle();
        assertThat(run(world)).isEqualTo(first + ".1");
        assertThat(world.status().controllerPause()).isFalse();
    }

    @Test
    void aRunThatEndedBeforeItWasRecordedIsTheOneThatCounts_G9() {
        World world = atAnalysis();
        String run = run(world);
        world.finish(run, "Successful", "");
        forget(world);
        world.settle();
        assertThat(world.runs).containsOnlyKeys(run);
        assertThat(world.status().currentStepIndex()).contains(2);
    }

    @Test
    void aRunOfAnEarlierAttemptOrOfOtherStepsDoesNotCount_X3_P5() {
        World world = atAnalysis();
        String run = run(world);
        world.finish(run, "Successful", "");
        forget(world);
        ((ObjectNode) world.rollout.at("/status/release")).put("attempt", 7);
        world.settle();
        assertThat(world.runOf(run(world)).phase()).isEqualTo("Running");
        assertThat(world.status().currentStepIndex()).contains(1);

        World edited = atAnalysis();
        edited.finish(run(edited), "Successful", "");
        forget(edited);
        ((ObjectNode) edited.rollout.at("/spec/strategy/canary/steps/0")).put("setWeight", 60);
        edited.settle();
        assertThat(edited.runOf(run(edited)).phase()).isEqualTo("Running");
        assertThat(edited.status().currentStepIndex()).contains(1);
    }

    @Test
    void aRecordedRunThatIsNotThereBeginsUnderItsOwnName_G9() {
        World world = atAnalysis();
        world.finish(run(world), "Inconclusive", "");
        world.settle();
        world.status("{\"pauseConditions\":null}");
        world.settle();
        String second = run(world);
        AnalysisRunView before = world.runOf(second);
        world.runs.clear();
        world.settle();
        assertThat(world.runs).containsOnlyKeys(second);
        assertThat(world.runOf(second).labels()).isEqualTo(before.labels());
        assertThat(run(world)).isEqualTo(second);
    }

    @Test
    void whatTheOriginalLeftIsPassedOver_X3() {
        World world = atAnalysis();
        String first = run(world);
        AnalysisRunView left = world.runOf(first);
        forget(world);
        Map<String, String> labels = new HashMap<>(left.labels());
        labels.remove("sluice.dev/measurement");
        world.runs.put(
                first,
                new AnalysisRunView(
                        first, "u", "1", labels, left.spec(), "Successful", "", world.now, false));
        world.settle();
        assertThat(run(world)).isEqualTo(first + ".1");
        world.finish(first + ".1", "Inconclusive", "");
        world.settle();
        world.status("{\"pauseConditions\":null}");
        world.settle();
        assertThat(run(world)).isEqualTo(first + ".2");
    }

    /// What a crash between the creation of a run and the write of the status leaves.
    private static void forget(World world) {
        ((ObjectNode) world.rollout.at("/status/canary")).remove("currentStepAnalysisRunStatus");
        ((ObjectNode) world.rollout.at("/status/release")).remove("measurements");
    }

    @Test
    void aMissingTemplateIsAnInvalidSpecAndIsForgottenOnceItExists_G6() {
        World world = new World(SPEC);
        world.step();
        assertThat(world.status().message()).endsWith("AnalysisTemplate 't' not found");
        assertThat(world.sets).isEmpty();
        world.templates.put(
                new TemplateRef("t", false), Trees.json("{\"metrics\":[{\"name\":\"m\"}]}"));
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Healthy");
        assertThat(world.status().condition("InvalidSpec")).isEmpty();
    }

    @Test
    void aDeadlineThatPassesDegradesOnceAndRecovers_L4() {
        World world =
                new World(
                        "{\"replicas\":2,\"progressDeadlineSeconds\":30,\"strategy\":{\"canary\":{}}}");
        for (int i = 0; i < 6; i++) {
            world.step();
            world.later(1);
        }
        assertThat(world.decide().wakeAt()).isPresent();
        world.later(32);
        world.step();
        assertThat(world.status().message())
                .startsWith("ProgressDeadlineExceeded: ReplicaSet \"demo-");
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }
}
