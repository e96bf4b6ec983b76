package dev.sluice.rollout.core.analysis;

import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.RolloutStatus.Release;
import dev.sluice.rollout.core.status.StatusDraft;
import java.util.Collection;
import java.util.Map;

/// Which measurement an AnalysisRun is (G9).
///
/// Everything of it follows from the status, never from what runs are there: whoever decides on the
/// same status, after a crash or beside another replica, begins the same run under the same name.
///
/// @param attempt the attempt for which it counts (X3)
/// @param number of those of the revision, the kind and the step, from 0; it rises with each run
///     that is recorded, so no recorded run has the number of the next one
/// @param steps hash of the steps for which it counts (P5)
public record Measurement(long attempt, int number, String steps) {

    /// The slot's next run; without an attempt to count in one that is none of anybody's.
    static Measurement next(StatusDraft status, Slot slot, int stepIndex) {
        return numbered(status, slot, stepIndex, 0);
    }

    /// The run that the slot has.
    static Measurement current(StatusDraft status, Slot slot, int stepIndex) {
        return numbered(status, slot, stepIndex, -1);
    }

    private static Measurement numbered(StatusDraft status, Slot slot, int stepIndex, int offset) {
        int begun = status.release.map(r -> r.begun(key(slot, stepIndex))).orElse(0);
        return new Measurement(
                status.release.map(Release::attempt).orElse(0L),
                Math.max(0, begun + offset),
                status.currentStepHash.isEmpty() ? "0" : status.currentStepHash);
    }

    /// Takes account of a run that begins in the slot.
    void count(StatusDraft status, Slot slot, int stepIndex) {
        status.release = status.release.map(r -> r.withBegun(key(slot, stepIndex), number + 1));
    }

    private static String key(Slot slot, int stepIndex) {
        return slot == Slot.STEP ? slot.label() + "-" + stepIndex : slot.label();
    }

    /// The value of its label.
    String label() {
        return attempt + "." + number + "." + steps;
    }

    /// Its name, as the original numbers further runs.
    String name(String base) {
        return number == 0 ? base : base + "." + number;
    }

    Measurement following() {
        return new Measurement(attempt, number + 1, steps);
    }

    static String labelOf(AnalysisRunView run) {
        return run.labels().getOrDefault(Names.MEASUREMENT, "");
    }

    /// The attempt that an object with these labels is for, 0 where that is not known.
    public static long attemptOf(Map<String, String> labels) {
        String label = labels.getOrDefault(Names.MEASUREMENT, "");
        int dot = label.indexOf('.');
        return dot > 0 ? Names.number(label.substring(0, dot)) : 0;
    }

    /// The highest attempt of which a run is left, 0 without one.
    public static long lastAttempt(Collection<AnalysisRunView> runs) {
        return runs.stream().mapToLong(run -> attemptOf(run.labels())).max().orElse(0);
    }
}
