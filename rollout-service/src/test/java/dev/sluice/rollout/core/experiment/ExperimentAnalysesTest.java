package dev.sluice.rollout.core.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import dev.sluice.rollout.core.Trees;
import org.junit.jupiter.api.Test;

class ExperimentAnalysesTest {
    private static final String TEMPLATES = "{\"templates\":[" + Lab.template("a", "") + "]";

    private static Lab lab(String more) {
        Lab lab = new Lab(TEMPLATES + more + "}");
        lab.templates.put(
                new TemplateRef("t", false),
                Trees.json(
                        "{\"args\":[{\"name\":\"x\",\"value\":\"default\"}],\"metrics\":[{\"name\":\"m\"}]}"));
        return lab;
    }

    private static String analysis(String name, String more) {
        return "{\"name\":\"" + name + "\",\"templateName\":\"t\"" + more + "}";
    }

    private static Lab running(String more) {
        Lab lab = lab(more);
        lab.settle();
        return lab;
    }

    @Test
    void anAnalysisBeginsWhenAllTemplatesAreAvailable() {
        Lab lab =
                lab(
                        ",\"analyses\":["
                                + analysis("one", "")
                                + "],\"dryRun\":[{\"metricName\":\"m\"}],\"measurementRetention\":[{\"metricName\":\"m\",\"limit\":3}],\"analysisRunMetadata\":{\"labels\":{\"l\":\"1\"},\"annotations\":{\"n\":\"2\"}}");
        lab.step();
        lab.step();
        assertThat(lab.runs).isEmpty();
        lab.settle();
        assertThat(lab.runs.keySet()).containsExactly("exp-one");
        var run = lab.runOf("exp-one");
        assertThat(run.labels())
                .containsEntry("argo-rollouts.argoproj.io/controller-instance-id", "blue")
                .containsEntry("l", "1");
        assertThat(run.spec().at("/dryRun/0/metricName").asText()).isEqualTo("m");
        assertThat(run.spec().at("/measurementRetention/0/limit").asInt()).isEqualTo(3);
        assertThat(run.spec().at("/args/0/value").asText()).isEqualTo("default");
        assertThat(lab.run("one").run()).isEqualTo("exp-one");
        assertThat(lab.run("one").phase()).isEqualTo("Pending");
        assertThat(lab.status().phase()).isEqualTo("Running");
        assertThat(lab.texts).contains("Normal AnalysisRun 'one' transitioned from  -> Pending");
    }

    @Test
    void argumentsKnowThePodsAndTheTimes() {
        Lab lab =
                running(
                        ",\"duration\":\"1h\",\"analyses\":["
                                + analysis(
                                        "one",
                                        ",\"args\":[{\"name\":\"x\",\"value\":\"{{templates.a.podTemplateHash}}"
                                                + " {{templates.a.replicaset.name}}"
                                                + " {{experiment.availableAt}} {{ experiment.finishedAt"
                                                + " }}\"}]")
                                + "]");
        var run = lab.runOf("exp-one");
        assertThat(run.spec().at("/args/0/value").asText())
                .isEqualTo(lab.hash("exp-a") + " exp-a 2026-03-01T10:00:00Z 2026-03-01T11:00:00Z");
    }

    @Test
    void anArgumentThatCannotBeResolvedIsAnError() {
        Lab lab =
                running(
                        ",\"analyses\":["
                                + analysis(
                                        "one",
                                        ",\"args\":[{\"name\":\"x\",\"value\":\"{{experiment.finishedAt}}\"}]")
                                + "]");
        assertThat(lab.runs).isEmpty();
        assertThat(lab.run("one").message())
                .isEqualTo(
                        "Failed to create AnalysisRun for analysis 'one': failed to resolve"
                                + " {{experiment.finishedAt}}");
        assertThat(lab.status().phase()).isEqualTo("Error");
    }

    @Test
    void aReferenceToASecretIsPassedOn() {
        Lab lab =
                running(
                        ",\"analyses\":["
                                + analysis(
                                        "one",
                                        ",\"args\":[{\"name\":\"x\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"s\",\"key\":\"k\"}}}]")
                                + "]");
        var run = lab.runOf("exp-one");
        assertThat(run.spec().at("/args/0/valueFrom/secretKeyRef/name").asText()).isEqualTo("s");
    }

    @Test
    void aMissingTemplateIsFoundBeforeAnyPodIsUp() {
        Lab lab = lab(",\"analyses\":[{\"name\":\"one\",\"templateName\":\"none\"}]");
        lab.step();
        assertThat(lab.run("one").phase()).isEqualTo("Error");
        assertThat(lab.run("one").message())
                .isEqualTo(
                        "AnalysisTemplate verification failed for analysis 'one': AnalysisTemplate"
                                + " 'none' not found");
        lab.step();
        assertThat(lab.status().phase()).isEqualTo("Error");
        Lab cluster =
                lab(
                        ",\"analyses\":[{\"name\":\"one\",\"templateName\":\"none\",\"clusterScope\":true}]");
        cluster.step();
        assertThat(cluster.run("one").message())
                .startsWith("ClusterAnalysisTemplate verification failed for analysis 'one'");
    }

    @Test
    void aRunThatIsRefusedIsAnError() {
        Lab lab = lab(",\"analyses\":[" + analysis("one", "") + "]");
        lab.refuses = c -> c instanceof ExperimentCommand.CreateAnalysisRun;
        lab.settle();
        assertThat(lab.run("one").message())
                .isEqualTo("Failed to create AnalysisRun for analysis 'one': no");
        assertThat(lab.status().phase()).isEqualTo("Error");
    }

    @Test
    void aNameOfSomebodyElseIsSteppedOver() {
        Lab lab = lab(",\"analyses\":[" + analysis("one", "") + "]");
        lab.takenNames.add("exp-one");
        lab.takenNames.add("exp-one.1");
        lab.settle();
        assertThat(lab.run("one").run()).isEqualTo("exp-one.2");
    }

    @Test
    void theSameRunIsUsedAfterACrashAndANewOneAfterARetry_G9() {
        Lab lab = running(",\"analyses\":[" + analysis("one", "") + "]");
        ((ObjectNode) lab.experiment.path("status")).remove("analysisRuns");
        lab.settle();
        assertThat(lab.runs.keySet()).containsExactly("exp-one");
        lab.finish("exp-one", "Failed", "bad");
        lab.settle();
        lab.later(31);
        lab.settle();
        lab.experiment.putObject("status");
        lab.settle();
        assertThat(lab.run("one").run()).isEqualTo("exp-one.1");
    }

    @Test
    void aRunThatIsGoneIsAnError() {
        Lab lab = running(",\"analyses\":[" + analysis("one", "") + "]");
        lab.runs.clear();
        lab.settle();
        assertThat(lab.run("one").phase()).isEqualTo("Error");
        assertThat(lab.run("one").message())
                .isEqualTo("analysisruns.argoproj.io \"exp-one\" not found");
    }

    @Test
    void aFailedRunFailsTheExperimentEndsTheOthersAndTellsTheRollout() {
        Lab lab =
                running(",\"analyses\":[" + analysis("one", "") + "," + analysis("two", "") + "]");
        lab.finish("exp-one", "Failed", "too slow");
        lab.step();
        assertThat(lab.status().phase()).isEqualTo("Failed");
        assertThat(lab.status().message()).isEqualTo("too slow");
        assertThat(lab.texts)
                .contains(
                        "Warning AnalysisRun 'one' transitioned from Pending -> Failed: too slow");
        assertThat(lab.ownerTexts)
                .containsExactly(
                        "Warning AnalysisRun 'one' transitioned from Pending -> Failed: too slow");
        lab.step();
        var two = lab.runOf("exp-two");
        assertThat(two.spec().path("terminate").asBoolean()).isTrue();
        assertThat(lab.texts).contains("Normal Terminating two (exp-two)");
        int told = lab.events.size();
        lab.finish("exp-two", "Successful", "");
        lab.settle();
        assertThat(lab.run("two").phase()).isEqualTo("Pending");
        assertThat(lab.events.subList(told, lab.events.size()))
                .doesNotContain("AnalysisRunTerminating", "AnalysisRunSuccessful");
    }

    @Test
    void theWorstRunDecides() {
        Lab lab =
                running(
                        ",\"analyses\":["
                                + analysis("one", "")
                                + ","
                                + analysis("two", "")
                                + ","
                                + analysis("three", "")
                                + "]");
        lab.finish("exp-one", "Inconclusive", "i");
        lab.finish("exp-two", "Error", "e");
        lab.finish("exp-three", "Successful", "");
        lab.step();
        assertThat(lab.status().phase()).isEqualTo("Error");
        assertThat(lab.status().message()).isEqualTo("e");
    }

    @Test
    void anInconclusiveRunMakesItInconclusive() {
        Lab lab = running(",\"analyses\":[" + analysis("one", "") + "]");
        lab.finish("exp-one", "Inconclusive", "who knows");
        lab.step();
        assertThat(lab.status().phase()).isEqualTo("Inconclusive");
        assertThat(lab.texts)
                .contains("Warning Experiment transitioned from Running -> Inconclusive");
    }

    @Test
    void successfulRunsThatAreNotRequiredDoNotEndIt() {
        Lab lab = running(",\"analyses\":[" + analysis("one", "") + "]");
        lab.finish("exp-one", "Successful", "");
        lab.settle();
        assertThat(lab.status().phase()).isEqualTo("Running");
    }

    @Test
    void allRequiredRunsTogetherEndItThoughAnotherStillRuns() {
        Lab lab =
                running(
                        ",\"analyses\":["
                                + analysis("one", ",\"requiredForCompletion\":true")
                                + ","
                                + analysis("two", ",\"requiredForCompletion\":true")
                                + ","
                                + analysis("three", "")
                                + "]");
        lab.finish("exp-one", "Successful", "");
        lab.settle();
        assertThat(lab.status().phase()).isEqualTo("Running");
        lab.finish("exp-two", "Successful", "");
        lab.settle();
        assertThat(lab.status().phase()).isEqualTo("Successful");
        assertThat(lab.status().message()).isEqualTo("Required AnalysisRuns completed");
        assertThat(lab.template("a").status()).isEqualTo("Successful");
        var three = lab.runOf("exp-three");
        assertThat(three.spec().path("terminate").asBoolean()).isTrue();
    }

    @Test
    void afterItsDurationItWaitsForARequiredRun() {
        Lab lab =
                running(
                        ",\"duration\":\"10s\",\"analyses\":["
                                + analysis("one", ",\"requiredForCompletion\":true")
                                + "]");
        lab.finish("exp-one", "Running", "");
        lab.later(11);
        lab.settle();
        assertThat(lab.template("a").status()).isEqualTo("Successful");
        assertThat(lab.status().phase()).isEqualTo("Running");
        lab.finish("exp-one", "Failed", "bad");
        lab.settle();
        assertThat(lab.status().phase()).isEqualTo("Failed");
    }

    @Test
    void afterItsDurationItEndsARunThatIsNotRequired() {
        Lab lab = running(",\"duration\":\"10s\",\"analyses\":[" + analysis("one", "") + "]");
        lab.finish("exp-one", "Running", "");
        lab.later(11);
        lab.settle();
        assertThat(lab.status().phase()).isEqualTo("Successful");
        var run = lab.runOf("exp-one");
        assertThat(run.spec().path("terminate").asBoolean()).isTrue();
    }

    @Test
    void oneThatIsToldToEndWaitsForTheRequiredRunToBeOver_L1() {
        Lab lab =
                running(
                        ",\"analyses\":["
                                + analysis("one", ",\"requiredForCompletion\":true")
                                + "]");
        lab.finish("exp-one", "Running", "");
        lab.spec("{\"terminate\":true}");
        lab.settle();
        assertThat(lab.status().phase()).isEqualTo("Running");
        lab.finish("exp-one", "Successful", "");
        lab.settle();
        assertThat(lab.status().phase()).isEqualTo("Successful");
    }

    @Test
    void oneThatIsToldToEndAtOnceStartsNoRun() {
        Lab lab =
                lab(
                        ",\"terminate\":true,\"analyses\":["
                                + analysis("one", ",\"requiredForCompletion\":true")
                                + "]");
        lab.settle();
        assertThat(lab.runs).isEmpty();
        assertThat(lab.sets).isEmpty();
        assertThat(lab.status().phase()).isEqualTo("Successful");
    }
}
