package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Observation.ExperimentView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.TrafficPlan.Destination;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExperimentStepTest {
    private static final String EXPERIMENT =
            """
            {"experiment":{"duration":"5m","scaleDownDelaySeconds":7,"dryRun":[{"metricName":"m"}],
              "analysisRunMetadata":{"labels":{"team":"a"}},
              "templates":[
               {"name":"baseline","specRef":"stable","weight":5},
               {"name":"candidate","specRef":"canary","replicas":2,"weight":10,"service":{"name":"cand"},
                "metadata":{"labels":{"kind":"exp"},"annotations":{"note":"x"}}}],
              "analyses":[{"name":"compare","templateName":"t","requiredForCompletion":true,
                "args":[{"name":"h","valueFrom":{"podTemplateHashValue":"Latest"}},
                 {"name":"n","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}},
                 {"name":"b","value":"{{templates.baseline.podTemplateHash}}"}]}]}}\
            """;
    private static final String ROUTED =
            """
            {"replicas":4,"strategy":{"canary":{"stableService":"stable","canaryService":"canary",
             "trafficRouting":{"plugins":{"argoproj-labs/gatewayAPI":{"httpRoute":"web"}}},
             "steps":[{"setWeight":25},%s,{"pause":{}}]}}}\
            """
                    .formatted(EXPERIMENT);

    /// A release that has arrived at its experiment.
    private static World atExperiment() {
        World world = new World(ROUTED).service("stable").service("canary");
        world.settle();
        world.image("demo:2");
        world.settle();
        return world;
    }

    private static String current(World world) {
        return world.status().currentExperiment();
    }

    private static ReplicaSetView set(String name, String hash, int available) {
        return new ReplicaSetView(
                name,
                "uid-" + name,
                "1",
                true,
                false,
                Instant.EPOCH,
                Map.of(Names.HASH, hash),
                Map.of(),
                Trees.json("{}"),
                0,
                1,
                available,
                available,
                available,
                true,
                Optional.empty());
    }

    private static void runs(World world) {
        world.experiment(
                current(world),
                """
                {"phase":"Running","templateStatuses":[
                 {"name":"baseline","status":"Running","serviceName":"exp-baseline","podTemplateHash":"hb","availableReplicas":1},
                 {"name":"candidate","status":"Running","serviceName":"cand","podTemplateHash":"hc","availableReplicas":2}]}\
                """,
                set("exp-baseline", "hb", 1),
                set("exp-candidate", "hc", 2));
    }

    private static List<Destination> additional(World world) {
        return world.status()
                .trafficPlan()
                .flatMap(TrafficPlan::weights)
                .map(TrafficPlan.Weights::additional)
                .orElse(List.of());
    }

    @Test
    void theStepCreatesOneExperimentFromTheLiveRevisions() {
        World world = atExperiment();
        String hash = world.status().currentPodHash();
        String stable = world.status().stableRS();
        assertThat(current(world)).isEqualTo("demo-" + hash + "-2-1");
        assertThat(world.experiments).hasSize(1);
        assertThat(world.events).containsOnlyOnce("ExperimentCreated");
        ExperimentView experiment = world.experiment(current(world));
        assertThat(experiment.labels()).containsEntry(Names.HASH, hash);
        JsonNode spec = experiment.spec();
        assertThat(spec.path("duration").asText()).isEqualTo("5m");
        assertThat(spec.path("scaleDownDelaySeconds").asInt()).isEqualTo(7);
        assertThat(spec.path("progressDeadlineSeconds").asInt()).isEqualTo(600);
        assertThat(spec.at("/dryRun/0/metricName").asText()).isEqualTo("m");
        assertThat(spec.at("/analysisRunMetadata/labels/team").asText()).isEqualTo("a");
        JsonNode baseline = spec.at("/templates/0");
        assertThat(baseline.at("/template/spec/containers/0/image").asText()).isEqualTo("demo:1");
        assertThat(baseline.path("service").toString()).isEqualTo("{}");
        assertThat(baseline.at("/selector/matchLabels").toString())
                .isEqualTo("{\"app\":\"demo\",\"rollouts-pod-template-hash\":\"" + stable + "\"}");
        JsonNode candidate = spec.at("/templates/1");
        assertThat(candidate.at("/template/spec/containers/0/image").asText()).isEqualTo("demo:2");
        assertThat(candidate.path("replicas").asInt()).isEqualTo(2);
        assertThat(candidate.at("/service/name").asText()).isEqualTo("cand");
        assertThat(candidate.at("/selector/matchLabels/kind").asText()).isEqualTo("exp");
        assertThat(candidate.at("/template/metadata/labels/kind").asText()).isEqualTo("exp");
        assertThat(candidate.at("/template/metadata/annotations/note").asText()).isEqualTo("x");
        assertThat(spec.at("/analyses/0/args").findValuesAsText("value"))
                .containsExactly(hash, "demo", "{{templates.baseline.podTemplateHash}}");
        assertThat(spec.at("/analyses/0/requiredForCompletion").asBoolean()).isTrue();
    }

    @Test
    void aCrashBeforeTheCreationGivesTheSameExperiment_G9() {
        World world = atExperiment();
        String name = current(world);
        world.experiments.clear();
        world.settle();
        assertThat(world.experiments.keySet()).containsExactly(name);
        assertThat(current(world)).isEqualTo(name);
    }

    @Test
    void aNameOfSomebodyElseIsSteppedOver() {
        World world = atExperiment();
        String name = current(world);
        ExperimentView e = world.experiment(name);
        world.experiments.put(
                name,
                new ExperimentView(
                        name,
                        "other",
                        false,
                        e.labels(),
                        e.spec(),
                        e.status(),
                        e.creation(),
                        false,
                        List.of()));
        world.settle();
        assertThat(current(world)).isEqualTo(name + "-1");
        assertThat(world.experiments).hasSize(2);
    }

    @Test
    void aSuccessfulExperimentCompletesTheStep() {
        World world = atExperiment();
        String name = current(world);
        world.later(3600);
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(1);
        assertThat(world.status().phase()).isEqualTo("Progressing");
        world.finishExperiment(name, "Successful", "");
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(2);
        assertThat(current(world)).isEmpty();
        assertThat(world.experiments).hasSize(1);
        assertThat(world.experiment(name).spec().path("terminate").asBoolean()).isFalse();
    }

    @Test
    void aFailedExperimentAbortsAndSaysWhy() {
        World world = atExperiment();
        world.finishExperiment(current(world), "Failed", "too slow");
        world.settle();
        assertThat(world.status().abort()).isTrue();
        assertThat(world.status().message())
                .isEqualTo(
                        "RolloutAborted: Rollout aborted update to revision 2: Experiment analysis"
                                + " phase is error/failed: too slow");
        assertThat(current(world)).isEmpty();
        assertThat(world.experiments).hasSize(1);
    }

    @Test
    void anInconclusiveExperimentPausesAndNoOtherIsMadeUntilAPersonResumes() {
        World world = atExperiment();
        String name = current(world);
        world.finishExperiment(name, "Inconclusive", "");
        world.settle();
        assertThat(world.status().message()).isEqualTo("InconclusiveExperiment");
        assertThat(current(world)).isEmpty();
        for (int i = 0; i < 5; i++) {
            world.later(600);
            world.settle();
        }
        assertThat(world.experiments).hasSize(1);
        world.status("{\"pauseConditions\":null}");
        world.settle();
        assertThat(current(world)).isEqualTo(name + "-1");
        assertThat(world.experiments).hasSize(2);
        world.settle();
        assertThat(world.experiments).hasSize(2);
    }

    @Test
    void aRetryAfterAnAbortRunsANewExperiment() {
        World world = atExperiment();
        String name = current(world);
        world.status("{\"abort\":true}");
        world.settle();
        assertThat(world.experiment(name).phase()).isEqualTo("Successful");
        assertThat(current(world)).isEmpty();
        world.status("{\"abort\":false}");
        world.settle();
        assertThat(current(world)).isEqualTo(name + "-1");
    }

    /// The cache has not heard of the one that the attempt before had.
    @Test
    void aRetryNamesItsExperimentByWhatIsRecorded_X3() {
        World world = atExperiment();
        String name = current(world);
        world.status("{\"abort\":true}");
        world.settle();
        world.experiments.clear();
        world.status("{\"abort\":false}");
        world.settle();
        assertThat(current(world)).isEqualTo(name + "-1");
    }

    /// The name was taken while the cache knew neither of it nor of the revision's number.
    @Test
    void theExperimentOfAnotherAttemptDoesNotCount_X3() {
        World world = atExperiment();
        String name = current(world);
        world.finishExperiment(name, "Successful", "");
        ((ObjectNode) world.rollout.at("/status/release")).put("attempt", 7);
        world.settle();
        assertThat(current(world)).isEqualTo(name + "-1");
        assertThat(world.status().currentStepIndex()).contains(1);
    }

    @Test
    void anExperimentThatIsNotCurrentIsEnded() {
        World world = atExperiment();
        String name = current(world);
        world.status("{\"currentStepIndex\":2}");
        world.settle();
        assertThat(world.experiment(name).phase()).isEqualTo("Successful");
        World full = atExperiment();
        String other = current(full);
        full.status("{\"promoteFull\":true}");
        full.settle();
        assertThat(full.experiment(other).phase()).isEqualTo("Successful");
        assertThat(full.status().phase()).isEqualTo("Healthy");
        assertThat(current(full)).isEmpty();
    }

    @Test
    void aNewRevisionEndsTheExperimentAndHasItsOwn() {
        World world = atExperiment();
        String name = current(world);
        world.image("demo:3");
        world.settle();
        assertThat(world.experiment(name).phase()).isEqualTo("Successful");
        assertThat(current(world)).isNotEmpty().isNotEqualTo(name).endsWith("-3-1");
    }

    @Test
    void nothingIsCreatedOnAFirstDeployment() {
        World world = new World(ROUTED).service("stable").service("canary");
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Healthy");
        assertThat(world.experiments).isEmpty();
    }

    @Test
    void theTemplatesGetTheirShareOnlyWhileTheExperimentRunsWithPods_T2_R7() {
        World world = atExperiment();
        String name = current(world);
        assertThat(additional(world)).isEmpty();
        world.experiment(
                name,
                """
                {"phase":"Pending","templateStatuses":[
                 {"name":"baseline","status":"Running","serviceName":"exp-baseline","podTemplateHash":"hb","availableReplicas":1},
                 {"name":"candidate","status":"Progressing","serviceName":"cand","podTemplateHash":"hc"}]}\
                """,
                set("exp-baseline", "hb", 1),
                set("exp-candidate", "hc", 0));
        world.settle();
        assertThat(additional(world)).isEmpty();
        runs(world);
        world.settle();
        assertThat(additional(world))
                .containsExactly(
                        new Destination("exp-baseline", "hb", 5),
                        new Destination("cand", "hc", 10));
        assertThat(world.status().trafficPlan().orElseThrow().weights().orElseThrow().stable())
                .isEqualTo(60);
        assertThat(world.status().weights().orElseThrow().additional()).hasSize(2);
        world.finishExperiment(name, "Successful", "");
        world.settle();
        assertThat(additional(world)).isEmpty();
        assertThat(world.status().currentStepIndex()).contains(2);
    }

    @Test
    void aTemplateWithoutServiceOrPodsGetsNoShare_T2() {
        World world = atExperiment();
        world.experiment(
                current(world),
                """
                {"phase":"Running","templateStatuses":[
                 {"name":"baseline","status":"Running","availableReplicas":1},
                 {"name":"candidate","status":"Running","serviceName":"cand","podTemplateHash":"hc","availableReplicas":2}]}\
                """,
                set("exp-baseline", "hb", 1),
                set("exp-candidate", "hc", 0));
        world.settle();
        assertThat(additional(world)).isEmpty();
    }

    @Test
    void theStampIsOnTheExperimentsPodsBeforeThePlanLeadsThere() {
        World world = atExperiment();
        long before = world.status().trafficPlan().orElseThrow().id();
        runs(world);
        Decision decision = world.decide();
        assertThat(decision.before())
                .filteredOn(Command.AnnotateReplicaSet.class::isInstance)
                .extracting(c -> ((Command.AnnotateReplicaSet) c).name())
                .containsExactlyInAnyOrder("exp-baseline", "exp-candidate");
        assertThat(decision.next().trafficPlan().orElseThrow().id()).isEqualTo(before + 1);
        assertThat(decision.next().trafficPlan().orElseThrow().liveShare("hc")).isEqualTo(10);
    }

    @Test
    void aStampThatNoPlanFollowedIsReleasedByAPlanOfItsOwn_L5() {
        World world = atExperiment();
        runs(world);
        long id = world.status().trafficPlan().orElseThrow().id();
        // The stamps are written, then the service dies before the plan is, and the experiment
        // ends.
        for (Command command : world.decide().before()) {
            if (command instanceof Command.AnnotateReplicaSet a) {
                assertThat(a.annotations())
                        .containsEntry(Names.KEEP_PLAN, Optional.of(Long.toString(id + 1)));
            }
        }
        ReplicaSetView stamped = stamped(set("exp-candidate", "hc", 2), id + 1);
        world.experiment(current(world), "{\"phase\":\"Successful\"}", stamped);
        world.settle();
        assertThat(world.status().trafficPlan().orElseThrow().provenPlan()).isGreaterThan(id);
    }

    private static ReplicaSetView stamped(ReplicaSetView rs, long plan) {
        return new ReplicaSetView(
                rs.name(),
                rs.uid(),
                rs.resourceVersion(),
                true,
                false,
                rs.creation(),
                rs.labels(),
                Map.of(Names.KEEP, "1", Names.KEEP_PLAN, Long.toString(plan)),
                rs.template(),
                0,
                rs.replicas(),
                rs.created(),
                rs.ready(),
                rs.available(),
                true,
                Optional.empty());
    }

    @Test
    void anAbortTakesTheSharesAwayAtOnce() {
        World world = atExperiment();
        runs(world);
        world.settle();
        assertThat(additional(world)).hasSize(2);
        world.status("{\"abort\":true}");
        world.settle();
        assertThat(additional(world)).isEmpty();
        assertThat(world.status().trafficPlan().orElseThrow().liveShare("hc")).isZero();
    }

    @Test
    void finishedExperimentsAreKeptWithinTheLimitsAndNeverDeletedWithPods_D9() {
        World world = atExperiment();
        world.spec("{\"analysis\":{\"successfulRunHistoryLimit\":0}}");
        String name = current(world);
        world.experiment(name, "{\"phase\":\"Successful\"}", set("exp-candidate", "hc", 1));
        world.settle();
        assertThat(world.experiments).containsKey(name);

        // The cache has not heard of its ReplicaSet.
        world.experiment(
                name,
                "{\"phase\":\"Successful\",\"templateStatuses\":[{\"name\":\"a\",\"replicas\":1}]}");
        world.settle();
        assertThat(world.experiments).containsKey(name);

        world.experiment(name, "{\"phase\":\"Successful\"}");
        world.settle();
        assertThat(world.experiments).doesNotContainKey(name);
    }

    @Test
    void anExperimentOfARevisionThatIsGoneIsDeleted() {
        World world = atExperiment();
        String name = current(world);
        world.finishExperiment(name, "Successful", "");
        world.settle();
        String hash = world.status().currentPodHash();
        world.image("demo:3");
        world.settle();
        world.sets.values().removeIf(p -> p.hash().equals(hash));
        world.settle();
        assertThat(world.experiments).doesNotContainKey(name);
    }

    @Test
    void aStrategyThatIsSwitchedLeavesNoExperimentRunning_B7() {
        World world = atExperiment();
        String name = current(world);
        world.service("active");
        world.spec("{\"strategy\":{\"canary\":null,\"blueGreen\":{\"activeService\":\"active\"}}}");
        world.settle();
        assertThat(world.experiment(name).phase()).isEqualTo("Successful");
        assertThat(current(world)).isEmpty();
    }

    @Test
    void theDeadlineDoesNotPassWhileAnExperimentRuns_L4() {
        World world = atExperiment();
        runs(world);
        world.settle();
        world.later(100_000);
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Progressing");
    }
}
