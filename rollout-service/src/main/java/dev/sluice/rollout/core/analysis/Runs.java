package dev.sluice.rollout.core.analysis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.AnalysisSpec;
import dev.sluice.rollout.core.Command;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Owner;
import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.Reasons;
import dev.sluice.rollout.core.RolloutStatus.RunStatus;
import dev.sluice.rollout.core.policy.ReleasePolicy.Action;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Keeps the AnalysisRuns of a Rollout in line with its slots.
public final class Runs {
    private static final int MAX_MESSAGE = 1000;

    private final Pass pass;

    public Runs(Pass pass) {
        this.pass = pass;
    }

    private Optional<AnalysisRunView> find(Slot slot) {
        return slot.in(pass.next)
                .flatMap(
                        s ->
                                pass.seen.analysisRuns().stream()
                                        .filter(r -> r.name().equals(s.name()))
                                        .findFirst());
    }

    /// Ends the slot's run and empties the slot.
    public void cancel(Slot slot) {
        find(slot).ifPresent(this::terminate);

        slot.put(pass.next, Optional.empty());
    }

    /// Ends the slot's run; the slot goes on showing it.
    public void stop(Slot slot) {
        find(slot).ifPresent(this::terminate);
        keep(slot);
    }

    /// Leaves the slot alone, but shows its run's state.
    public void keep(Slot slot) {

        find(slot).ifPresent(run -> record(slot, run));
    }

    /// Has a run in the slot and draws the consequences of its outcome.
    public void ensure(Slot slot, AnalysisSpec analysis, int stepIndex) {
        Optional<AnalysisRunView> run = find(slot);
        boolean isRenewed =
                run.isPresent()
                        && action(run.get()).filter(Action.PAUSE::equals).isPresent()
                        && isResumed();
        boolean isOfThisRevision =
                run.isPresent() && pass.newHash().equals(run.get().labels().get(Names.HASH));
        if (run.isEmpty() || isRenewed || !isOfThisRevision) {
            create(slot, analysis, stepIndex);
            return;
        }
        keep(slot);
        judge(slot, run.get());
    }

    /// `controllerPause` with no pause left means that a person resumed.
    private boolean isResumed() {
        return pass.stored.controllerPause()
                && !pass.stored.hasPause(Reasons.CANARY_PAUSE)
                && !pass.stored.hasPause(Reasons.BLUE_GREEN_PAUSE)
                && !pass.stored.hasPause(Reasons.INCONCLUSIVE);
    }

    private void judge(Slot slot, AnalysisRunView run) {
        Optional<Action> action = action(run);
        if (action.isEmpty()) {
            pass.waitingFor = pass.waitingFor.or(() -> Optional.of("AnalysisRunning"));
            return;
        }
        switch (action.get()) {
            case PAUSE -> {
                pass.next.addPause(Reasons.INCONCLUSIVE, pass.now);
                pass.pauseRequested = true;
            }
            case ABORT -> {
                String message = cap(run.message());
                pass.abort(
                        slot.text()
                                + " phase error/failed"
                                + (message.isEmpty() ? "" : ": " + message));
            }
            case CONTINUE -> {}
        }
    }

    private Optional<Action> action(AnalysisRunView run) {
        return pass.spec.policy().actionFor(run.phase(), run.message());
    }

    /// True when the slot's run lets the release go on: it passed, or the Rollout's policy says
    /// so.
    public static boolean isPassed(Pass pass, Optional<RunStatus> slot) {
        return slot.map(r -> pass.spec.policy().isPassed(r.status(), r.message())).orElse(false);
    }

    private void record(Slot slot, AnalysisRunView run) {
        String old = slot.in(pass.next).map(RunStatus::status).orElse("");
        String phase = run.phaseOrPending();
        if (!old.equals(phase)) {
            String text =
                    slot.label()
                            + " Analysis Run '"
                            + run.name()
                            + "' Status New: '"
                            + phase
                            + "' Previous: '"
                            + (old.isEmpty() ? "NoPreviousStatus" : old)
                            + "'";
            boolean bad = phase.equals("Failed") || phase.equals("Error");
            String reason = "AnalysisRun" + phase;
            pass.notices.add(bad ? Notice.warning(reason, text) : Notice.normal(reason, text));
        }
        slot.put(pass.next, Optional.of(new RunStatus(run.name(), phase, cap(run.message()))));
    }

    private static String cap(String message) {
        return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "…";
    }

    private void terminate(AnalysisRunView run) {
        if (!run.isCompleted() && !run.isToldToEnd()) {
            pass.doAfter(new Command.TerminateAnalysisRun(run.name(), run.uid()));
        }
    }

    private void create(Slot slot, AnalysisSpec analysis, int stepIndex) {

        switch (spec(analysis)) {
            case Spec.Broken(String message) ->
                    // A gate that is missing or invalid blocks; it is not "no gate" (G6).
                    pass.waitingFor = Optional.of("AnalysisInvalid: " + message);
            case Spec.Ready(ObjectNode spec) -> {
                ObjectNode manifest = manifest(slot, analysis, stepIndex, spec);
                String base = manifest.path("metadata").path("name").asText();
                Optional<RunStatus> unseen = unseen(slot, base);
                if (unseen.isPresent()) {
                    Measurement current = Measurement.current(pass.next, slot.kind(stepIndex));
                    begin(manifest, unseen.get().name(), current);
                    pass.waitingFor = pass.waitingFor.or(() -> Optional.of("AnalysisRunning"));
                } else {
                    begin(slot, stepIndex, base, manifest);
                }
            }
        }
    }

    /// The slot's run, which is not there: deleted by somebody, or our cache has not heard of
    /// it. It begins under the same name, so that there are never two (G9).
    private Optional<RunStatus> unseen(Slot slot, String base) {
        return find(slot).isPresent()
                ? Optional.empty()
                : slot.in(pass.next)
                        .filter(r -> r.name().equals(base) || r.name().startsWith(base + "."));
    }

    private void begin(Slot slot, int stepIndex, String base, ObjectNode manifest) {
        Measurement measurement = Measurement.next(pass.next, slot.kind(stepIndex));
        Optional<AnalysisRunView> taken = byName(measurement.name(base, "."));
        while (taken.map(run -> isOfTheOriginal(run, manifest)).orElse(false)) {
            measurement = measurement.following();
            taken = byName(measurement.name(base, "."));
        }
        String name = measurement.name(base, ".");
        if (taken.isEmpty()) {
            begin(manifest, name, measurement);
        } else if (!isLeft(taken.get(), manifest, measurement)) {
            // Begun for an earlier attempt or other steps, or ended by us, and never recorded.
            pass.doAfter(new Command.DeleteAnalysisRun(name, taken.get().uid()));
            pass.waitingFor = pass.waitingFor.or(() -> Optional.of("AnalysisRunning"));
            return;
        }
        measurement.count(pass.next, slot.kind(stepIndex));
        slot.put(pass.next, Optional.of(new RunStatus(name, "", "")));
        record(slot, taken.orElseGet(() -> unborn(name, manifest.path("spec"))));
    }

    private void begin(ObjectNode manifest, String name, Measurement measurement) {
        ObjectNode metadata = (ObjectNode) manifest.path("metadata");
        metadata.put("name", name);
        metadata.withObject("/labels").put(Names.MEASUREMENT, measurement.label());
        pass.doBefore(new Command.CreateAnalysisRun(manifest));
    }

    private AnalysisRunView unborn(String name, JsonNode spec) {
        return new AnalysisRunView(name, "", "", java.util.Map.of(), spec, "", "", pass.now, false);
    }

    private sealed interface Spec {
        record Ready(ObjectNode spec) implements Spec {}

        record Broken(String message) implements Spec {}
    }

    private Spec spec(AnalysisSpec analysis) {
        Arguments.Result args =
                Arguments.reduce(
                        analysis.args(), pass.rollout.json(), pass.newHash(), pass.next.stableRS);
        return switch (args) {
            case Arguments.Result.Failed(String message) -> new Spec.Broken(message);
            case Arguments.Result.Values(List<JsonNode> values) ->
                    switch (TemplateMerge.merge(analysis, pass.seen.templates(), values)) {
                        case TemplateMerge.Result.Failed(String message) ->
                                new Spec.Broken(message);
                        case TemplateMerge.Result.Merged merged -> {
                            ObjectNode spec = JsonNodeFactory.instance.objectNode();
                            spec.set("metrics", merged.metrics());
                            if (!merged.args().isEmpty()) {
                                spec.set("args", merged.args());
                            }
                            if (!merged.dryRun().isEmpty()) {
                                spec.set("dryRun", merged.dryRun());
                            }
                            if (!merged.measurementRetention().isEmpty()) {
                                spec.set("measurementRetention", merged.measurementRetention());
                            }
                            yield new Spec.Ready(spec);
                        }
                    };
        };
    }

    private Optional<AnalysisRunView> byName(String name) {
        return pass.seen.analysisRuns().stream().filter(r -> r.name().equals(name)).findFirst();
    }

    /// One that the original controller left stays, and does not count; but one that goes on with
    /// the same spec is taken over.
    private static boolean isOfTheOriginal(AnalysisRunView run, ObjectNode manifest) {
        return Measurement.labelOf(run).isEmpty()
                && (run.isCompleted() || !run.measures(manifest.path("spec")));
    }

    /// Whether it is the very run that is to begin: what a crash, or a status that could not be
    /// written, left behind (G9). It counts also when it has ended since.
    private static boolean isLeft(
            AnalysisRunView run, ObjectNode manifest, Measurement measurement) {
        String label = Measurement.labelOf(run);
        return (label.isEmpty() || label.equals(measurement.label()))
                && run.measures(manifest.path("spec"));
    }

    private ObjectNode manifest(Slot slot, AnalysisSpec analysis, int stepIndex, ObjectNode spec) {
        String revision =
                Long.toString(pass.sets.newSet().map(ReplicaSetView::revision).orElse(0L));
        ObjectNode run = JsonNodeFactory.instance.objectNode();
        run.put("apiVersion", Names.API_VERSION).put("kind", "AnalysisRun");
        ObjectNode metadata = run.putObject("metadata");
        metadata.put(
                "name",
                pass.rollout.meta().name()
                        + "-"
                        + pass.newHash()
                        + "-"
                        + revision
                        + slot.suffix(stepIndex));
        metadata.put("namespace", pass.rollout.meta().namespace());
        ObjectNode labels = metadata.putObject("labels");
        labels.put(Names.HASH, pass.newHash()).put(Names.ROLLOUT_TYPE, slot.label());
        if (slot == Slot.STEP) {
            labels.put(Names.STEP_INDEX, Integer.toString(stepIndex));
        }
        String instance = pass.rollout.meta().labels().getOrDefault(Names.INSTANCE_ID, "");
        if (!instance.isEmpty()) {
            labels.put(Names.INSTANCE_ID, instance);
        }
        analysis.runMetadata()
                .path("labels")
                .properties()
                .forEach(e -> labels.set(e.getKey(), e.getValue()));
        pass.spec.matchLabels().forEach(labels::put);
        ObjectNode annotations = metadata.putObject("annotations");
        annotations.put(Names.REVISION, revision);
        analysis.runMetadata()
                .path("annotations")
                .properties()
                .forEach(e -> annotations.set(e.getKey(), e.getValue()));
        metadata.putArray("ownerReferences").add(Owner.reference(pass.rollout.meta()));
        run.set("spec", spec);
        return run;
    }

    /// Ends every run that stands in no slot, and deletes what exceeds the history limits.
    public void collect() {
        Set<String> hashes = new HashSet<>();
        pass.sets.owned().stream()
                .filter(rs -> !rs.deleting())
                .forEach(rs -> hashes.add(rs.hash()));
        List<AnalysisRunView> good = new ArrayList<>();
        List<AnalysisRunView> bad = new ArrayList<>();
        for (AnalysisRunView run : pass.seen.analysisRuns()) {
            boolean inSlot =
                    List.of(Slot.values()).stream()
                            .anyMatch(
                                    s ->
                                            s.in(pass.next)
                                                    .map(RunStatus::name)
                                                    .equals(Optional.of(run.name())));
            if (inSlot || run.deleting()) {
                continue;
            }
            if (!hashes.contains(run.labels().getOrDefault(Names.HASH, ""))) {
                pass.doAfter(new Command.DeleteAnalysisRun(run.name(), run.uid()));
            } else if (!run.isCompleted()) {
                terminate(run);
            } else {
                (run.phase().equals("Successful") ? good : bad).add(run);
            }
        }
        trim(good, pass.spec.successfulRunHistoryLimit());
        trim(bad, pass.spec.unsuccessfulRunHistoryLimit());
    }

    /// Creation is told in whole seconds; within one, the run of the newer revision is the newer
    /// run.
    private void trim(List<AnalysisRunView> runs, int limit) {
        runs.stream()
                .sorted(
                        Comparator.comparing(AnalysisRunView::creation)
                                .thenComparing(this::revision)
                                .reversed()
                                .thenComparing(AnalysisRunView::name))
                .skip(limit)
                .forEach(r -> pass.doAfter(new Command.DeleteAnalysisRun(r.name(), r.uid())));
    }

    private long revision(AnalysisRunView run) {
        return pass.sets
                .withHash(run.labels().getOrDefault(Names.HASH, ""))
                .map(ReplicaSetView::revision)
                .orElse(0L);
    }
}
