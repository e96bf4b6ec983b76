package dev.sluice.rollout.core.analysis;

import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.status.StatusDraft;
import java.util.Collection;

/// What an AnalysisRun is told apart by (G9), as a label of it. A run that was created but not
/// recorded is found by it, also when it has ended since; one of an earlier attempt, of other steps
/// or before a renewal is none of ours (X3).
public final class Measurement {
    private Measurement() {}

    /// The label of the slot's next run, empty while there is no attempt to count in.
    static String next(StatusDraft status, Slot slot) {
        return label(status, slot, 1);
    }

    /// The label of the run that the slot has.
    static String current(StatusDraft status, Slot slot) {
        return label(status, slot, 0);
    }

    private static String label(StatusDraft status, Slot slot, int more) {
        String steps = status.currentStepHash.isEmpty() ? "0" : status.currentStepHash;
        return status.release
                .map(r -> r.attempt() + "." + (r.measurements(slot.label()) + more) + "." + steps)
                .orElse("");
    }

    /// Takes account of a run with the label of [#next].
    static void count(StatusDraft status, Slot slot) {
        status.release = status.release.map(r -> r.withMeasurement(slot.label()));
    }

    static String of(AnalysisRunView run) {
        return run.labels().getOrDefault(Names.MEASUREMENT, "");
    }

    /// The highest attempt of which a run is left, 0 without one.
    public static long lastAttempt(Collection<AnalysisRunView> runs) {
        return runs.stream()
                .map(Measurement::of)
                .filter(label -> label.indexOf('.') > 0)
                .mapToLong(label -> Names.number(label.substring(0, label.indexOf('.'))))
                .max()
                .orElse(0);
    }
}
