package dev.sluice.rollout.core.experiment;

import static dev.sluice.rollout.core.Trees.json;
import static dev.sluice.rollout.core.Trees.merge;
import static dev.sluice.rollout.core.Trees.strings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.Trees;
import dev.sluice.rollout.core.experiment.ExperimentObservation.Refusal;
import dev.sluice.rollout.core.experiment.ExperimentObservation.ServiceView;
import dev.sluice.rollout.core.experiment.ExperimentStatus.RunStatus;
import dev.sluice.rollout.core.experiment.ExperimentStatus.TemplateStatus;
import dev.sluice.rollout.core.status.StatusJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/// One Experiment in a cluster in memory: carries out decisions, makes pods available on request.
final class Lab {
    final ObjectNode experiment;
    final Map<String, ObjectNode> sets = new LinkedHashMap<>();
    final Map<String, ObjectNode> services = new LinkedHashMap<>();
    final Map<String, AnalysisRunView> runs = new LinkedHashMap<>();
    final Map<TemplateRef, JsonNode> templates = new TreeMap<>();
    final Set<String> hashesInUse = new TreeSet<>();
    final Set<String> takenNames = new TreeSet<>();
    final List<String> events = new ArrayList<>();
    final List<String> texts = new ArrayList<>();
    final List<String> ownerTexts = new ArrayList<>();
    Predicate<ExperimentCommand> refuses = _ -> false;
    Optional<TrafficPlan> plan = Optional.empty();
    Instant now = Instant.parse("2026-03-01T10:00:00Z");
    private long version = 1;

    Lab(String spec) {
        experiment =
                (ObjectNode)
                        json(
                                """
                                {"apiVersion":"argoproj.io/v1alpha1","kind":"Experiment",
                                 "metadata":{"name":"exp","namespace":"ns","uid":"u-1","resourceVersion":"1",
                                  "labels":{"argo-rollouts.argoproj.io/controller-instance-id":"blue"}},
                                 "spec":{},"status":{}}\
                                """);
        experiment.set("spec", json(spec));
    }

    static String template(String name, String more) {
        return """
        {"name":"%s","selector":{"matchLabels":{"app":"%s"}},
         "template":{"metadata":{"labels":{"app":"%s"}},
          "spec":{"containers":[{"name":"c","image":"demo:1","ports":[{"containerPort":8080}]}]}}%s}\
        """
                .formatted(name, name, name, more);
    }

    Experiment parsed() {
        return ExperimentParser.parse(experiment);
    }

    ExperimentStatus status() {
        return parsed().status();
    }

    TemplateStatus template(String name) {
        return status().template(name);
    }

    RunStatus run(String analysis) {
        return status().run(analysis).orElseThrow();
    }

    ObjectNode set(String name) {
        ObjectNode found = sets.get(name);
        if (found == null) {
            throw new AssertionError("no ReplicaSet " + name + " in " + sets.keySet());
        }
        return found;
    }

    ObjectNode serviceOf(String name) {
        ObjectNode found = services.get(name);
        if (found == null) {
            throw new AssertionError("no Service " + name + " in " + services.keySet());
        }
        return found;
    }

    AnalysisRunView runOf(String name) {
        AnalysisRunView found = runs.get(name);
        if (found == null) {
            throw new AssertionError("no run " + name + " in " + runs.keySet());
        }
        return found;
    }

    int size(String name) {
        return set(name).at("/spec/replicas").asInt();
    }

    String hash(String name) {
        return set(name).at("/metadata/labels/rollouts-pod-template-hash").asText();
    }

    String note(String name, String key) {
        return set(name).path("metadata").path("annotations").path(key).asText("");
    }

    ExperimentObservation observe() {
        return new ExperimentObservation(
                parsed(),
                sets.values().stream().map(Lab::view).toList(),
                services.values().stream().map(Lab::service).toList(),
                List.copyOf(runs.values()),
                templates,
                hashesInUse,
                plan,
                List.of());
    }

    private static ReplicaSetView view(ObjectNode rs) {
        return new ReplicaSetView(
                rs.at("/metadata/name").asText(),
                "uid-" + rs.at("/metadata/name").asText(),
                rs.at("/metadata/resourceVersion").asText(),
                true,
                false,
                Instant.EPOCH,
                strings(rs.at("/metadata/labels")),
                strings(rs.at("/metadata/annotations")),
                rs.at("/spec/template"),
                rs.at("/spec/minReadySeconds").asInt(),
                rs.at("/spec/replicas").asInt(),
                rs.at("/status/replicas").asInt(),
                rs.at("/status/availableReplicas").asInt(),
                rs.at("/status/availableReplicas").asInt(),
                true,
                Optional.empty());
    }

    private static ServiceView service(ObjectNode s) {
        return new ServiceView(
                s.at("/metadata/name").asText(),
                "uid-" + s.at("/metadata/name").asText(),
                strings(s.at("/metadata/annotations")),
                false);
    }

    ExperimentDecision decide() {
        return ExperimentDecider.decide(observe(), now);
    }

    /// Carries out one decision, deciding again when something is refused; false when there was
    /// nothing to do.
    boolean step() {
        ExperimentObservation seen = observe();
        List<ExperimentCommand> done = new ArrayList<>();
        ExperimentDecision decision = ExperimentDecider.decide(seen, now);
        for (int i = 0; i < 20; i++) {
            Optional<Refusal> refusal = execute(decision.commands(), done);
            if (refusal.isEmpty()) {
                break;
            }
            seen = seen.with(refusal.get());
            decision = ExperimentDecider.decide(seen, now);
        }
        decision.statusPatch().ifPresent(p -> merge(experiment, p));
        decision.notices().forEach(this::tell);
        decision.ownerNotices().forEach(n -> ownerTexts.add(n.type() + " " + n.message()));
        return !decision.isQuiet();
    }

    private void tell(Notice notice) {
        events.add(notice.reason());
        texts.add(notice.type() + " " + notice.message());
    }

    private Optional<Refusal> execute(
            List<ExperimentCommand> commands, List<ExperimentCommand> done) {
        for (ExperimentCommand command : commands) {
            if (done.contains(command)) {
                continue;
            }
            if (refuses.test(command)) {
                return Optional.of(new Refusal(command, false, "no"));
            }
            if (created(command).map(takenNames::contains).orElse(false)) {
                return Optional.of(new Refusal(command, true, "already exists"));
            }
            execute(command);
            command.notices().forEach(this::tell);
            done.add(command);
        }
        return Optional.empty();
    }

    private static Optional<String> created(ExperimentCommand command) {
        return switch (command) {
            case ExperimentCommand.CreateReplicaSet c -> name(c.manifest());
            case ExperimentCommand.CreateService c -> name(c.manifest());
            case ExperimentCommand.CreateAnalysisRun c -> name(c.manifest());
            default -> Optional.empty();
        };
    }

    private static Optional<String> name(ObjectNode manifest) {
        return Optional.of(manifest.at("/metadata/name").asText());
    }

    private void execute(ExperimentCommand command) {
        switch (command) {
            case ExperimentCommand.CreateReplicaSet c -> {
                ObjectNode rs = c.manifest().deepCopy();
                rs.withObject("/metadata").put("resourceVersion", ++version);
                sets.put(rs.at("/metadata/name").asText(), rs);
            }
            case ExperimentCommand.ScaleReplicaSet c -> {
                check(c.name(), c.resourceVersion());
                annotate(c.name(), c.annotations());
                set(c.name()).withObject("/spec").put("replicas", c.to());
            }
            case ExperimentCommand.AnnotateReplicaSet c -> {
                check(c.name(), c.resourceVersion());
                annotate(c.name(), c.annotations());
            }
            case ExperimentCommand.CreateService c ->
                    services.put(c.manifest().at("/metadata/name").asText(), c.manifest());
            case ExperimentCommand.DeleteService c -> services.remove(c.name());
            case ExperimentCommand.CreateAnalysisRun c -> {
                String name = c.manifest().at("/metadata/name").asText();
                runs.put(name, view(c.manifest(), name, "", ""));
            }
            case ExperimentCommand.TerminateAnalysisRun c -> {
                ((ObjectNode) runOf(c.name()).spec()).put("terminate", true);
            }
        }
    }

    private AnalysisRunView view(JsonNode run, String name, String phase, String message) {
        return new AnalysisRunView(
                name,
                "uid-" + name,
                "1",
                strings(run.at("/metadata/labels")),
                run.path("spec"),
                phase,
                message,
                now,
                false);
    }

    void finish(String name, String phase, String message) {
        AnalysisRunView run = runOf(name);
        runs.put(
                name,
                new AnalysisRunView(
                        name,
                        run.uid(),
                        "2",
                        run.labels(),
                        run.spec(),
                        phase,
                        message,
                        run.creation(),
                        false));
    }

    private void check(String name, String seen) {
        if (!set(name).at("/metadata/resourceVersion").asText().equals(seen)) {
            throw new AssertionError("conflicting commands for " + name);
        }
    }

    private void annotate(String name, Map<String, Optional<String>> changes) {
        ObjectNode metadata = set(name).withObject("/metadata");
        metadata.put("resourceVersion", ++version);
        Trees.annotate(metadata.withObject("/annotations"), changes);
    }

    /// Every ReplicaSet has the pods that it wants, and all are available.
    void podsUp() {
        sets.keySet().forEach(name -> available(name, size(name)));
    }

    void available(String name, int count) {
        set(name).putObject("status").put("replicas", size(name)).put("availableReplicas", count);
    }

    /// Runs until nothing happens any more, with every pod available at once.
    void settle() {
        for (int i = 0; i < 100; i++) {
            boolean moved = step();
            podsUp();
            if (!moved && !step()) {
                return;
            }
        }
        throw new AssertionError("does not settle: " + experiment.path("status"));
    }

    void later(int seconds) {
        now = now.plusSeconds(seconds);
    }

    void spec(String mergePatch) {
        merge((ObjectNode) experiment.path("spec"), json(mergePatch));
    }

    /// The plan of the Rollout that the Experiment belongs to.
    void plan(String plan) {
        this.plan = StatusJson.parse(json("{\"trafficPlan\":" + plan + "}")).trafficPlan();
    }
}
