package dev.sluice.rollout.core.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.AnalysisSpec;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.analysis.TemplateMerge;
import dev.sluice.rollout.core.experiment.ExperimentObservation.Refusal;
import dev.sluice.rollout.core.experiment.ExperimentStatus.RunStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One analysis of an Experiment: its AnalysisRun, and how it stands.
final class AnalysisWork {
    private static final int MAX_MESSAGE = 1000;
    private final ExperimentPass pass;
    private final ExperimentSpec.Analysis analysis;
    private final Optional<RunStatus> before;

    AnalysisWork(ExperimentPass pass, ExperimentSpec.Analysis analysis) {
        this.pass = pass;
        this.analysis = analysis;
        this.before = pass.stored.run(analysis.name());
    }

    void run() {
        if (before.map(RunStatus::isCompleted).orElse(false)) {
            return;
        }
        Optional<String> run = before.map(RunStatus::run).filter(name -> !name.isEmpty());
        if (run.isPresent()) {
            follow(run.get());
        } else if (pass.stored.availableAt().isEmpty()) {
            verify();
        } else if (!pass.isTerminating) {
            create();
        }
    }

    private void verify() {
        JsonNode spec = pass.seen.templates().get(analysis.template());
        if (spec == null && !pass.isTerminating) {
            record(
                    "",
                    Verdicts.ERROR,
                    analysis.template().kind()
                            + " verification failed for analysis '"
                            + analysis.name()
                            + "': "
                            + analysis.template().kind()
                            + " '"
                            + analysis.template().name()
                            + "' not found");
        }
    }

    private void follow(String name) {
        Optional<AnalysisRunView> found = byName(name);
        if (found.isEmpty()) {
            record(name, Verdicts.ERROR, "analysisruns.argoproj.io \"" + name + "\" not found");
            return;
        }
        AnalysisRunView run = found.get();
        boolean isTold = run.isToldToEnd();
        if (pass.isTerminating && !run.isCompleted() && !isTold) {
            String text = "Terminating " + analysis.name() + " (" + name + ")";
            pass.command(
                    new ExperimentCommand.TerminateAnalysisRun(
                            name,
                            run.uid(),
                            List.of(Notice.normal("AnalysisRunTerminating", text))));
        }
        // The Experiment waits for what is required, also while it ends; else it would wait for
        // ever (L1). How the others end is of no interest then.
        if (!pass.isTerminating || (analysis.required() && !pass.stored.isCompleted())) {
            record(name, run.phaseOrPending(), run.message());
        }
    }

    private void create() {
        switch (spec()) {
            case Spec.Broken(String why) -> fail(why);
            case Spec.Ready(ObjectNode spec) -> {
                Optional<Refusal> refusal =
                        pass.refusal(c -> isCreation(c)).filter(r -> !r.taken());
                if (refusal.isPresent()) {
                    fail(refusal.get().reason());
                    return;
                }
                String name = freeName(spec);
                if (byName(name).isEmpty()) {
                    pass.command(
                            new ExperimentCommand.CreateAnalysisRun(
                                    analysis.name(),
                                    Manifests.analysisRun(pass.experiment, name, spec)));
                }
                record(name, Verdicts.PENDING, "");
            }
        }
    }

    private boolean isCreation(ExperimentCommand command) {
        return command instanceof ExperimentCommand.CreateAnalysisRun create
                && create.analysis().equals(analysis.name());
    }

    private void fail(String why) {
        record(
                "",
                Verdicts.ERROR,
                "Failed to create AnalysisRun for analysis '" + analysis.name() + "': " + why);
    }

    private sealed interface Spec {
        record Ready(ObjectNode spec) implements Spec {}

        record Broken(String why) implements Spec {}
    }

    private Spec spec() {
        List<JsonNode> values = new ArrayList<>();
        for (JsonNode arg : analysis.args()) {
            if (!arg.hasNonNull("value")) {
                values.add(arg);
                continue;
            }
            switch (Placeholders.resolve(arg.path("value").asText(""), pass)) {
                case Placeholders.Result.Unknown(String placeholder) -> {
                    return new Spec.Broken("failed to resolve {{" + placeholder + "}}");
                }
                case Placeholders.Result.Text(String value) -> {
                    ObjectNode resolved = JsonNodeFactory.instance.objectNode();
                    resolved.set("name", arg.path("name"));
                    values.add(resolved.put("value", value));
                }
            }
        }
        AnalysisSpec merged =
                new AnalysisSpec(
                        List.of(analysis.template()),
                        List.of(),
                        pass.spec.dryRun(),
                        pass.spec.measurementRetention(),
                        pass.spec.runMetadata());
        return switch (TemplateMerge.merge(merged, pass.seen.templates(), values)) {
            case TemplateMerge.Result.Failed(String why) -> new Spec.Broken(why);
            case TemplateMerge.Result.Merged result -> {
                ObjectNode spec = JsonNodeFactory.instance.objectNode();
                spec.set("metrics", result.metrics());
                put(spec, "args", result.args());
                put(spec, "dryRun", result.dryRun());
                put(spec, "measurementRetention", result.measurementRetention());
                yield new Spec.Ready(spec);
            }
        };
    }

    private static void put(ObjectNode spec, String field, JsonNode items) {
        if (!items.isEmpty()) {
            spec.set(field, items);
        }
    }

    private Optional<AnalysisRunView> byName(String name) {
        return pass.seen.runs().stream().filter(r -> r.name().equals(name)).findFirst();
    }

    /// The first name that is free, or that has an unfinished run of the very same spec: what a
    /// crash left (G9).
    private String freeName(ObjectNode spec) {
        String base = pass.experiment.meta().name() + "-" + analysis.name();
        String name = base;
        for (int i = 1; isTaken(name, spec); i++) {
            name = base + "." + i;
        }
        return name;
    }

    private boolean isTaken(String name, ObjectNode spec) {
        boolean isForeign =
                pass.seen.refusals().stream()
                        .filter(Refusal::taken)
                        .map(Refusal::command)
                        .anyMatch(
                                c ->
                                        c instanceof ExperimentCommand.CreateAnalysisRun create
                                                && create.manifest()
                                                        .path("metadata")
                                                        .path("name")
                                                        .asText()
                                                        .equals(name));
        return isForeign
                || byName(name).map(r -> r.isCompleted() || !r.measures(spec)).orElse(false);
    }

    private void record(String run, String phase, String message) {
        String shown =
                message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "…";
        String old = before.map(RunStatus::phase).orElse("");
        if (!old.equals(phase)) {
            String text =
                    "AnalysisRun '"
                            + analysis.name()
                            + "' transitioned from "
                            + old
                            + " -> "
                            + phase
                            + (shown.isEmpty() ? "" : ": " + shown);
            String reason = "AnalysisRun" + phase;
            boolean isBad = Verdicts.isBad(phase);
            pass.notices.add(isBad ? Notice.warning(reason, text) : Notice.normal(reason, text));
            if (isBad) {
                pass.ownerNotices.add(Notice.warning(reason, text));
            }
        }
        pass.runs.put(analysis.name(), new RunStatus(analysis.name(), run, phase, shown));
    }
}
