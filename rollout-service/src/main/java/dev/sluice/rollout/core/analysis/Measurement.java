package dev.sluice.rollout.core.analysis;

import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.RolloutStatus.Release;
import dev.sluice.rollout.core.status.StatusDraft;
import java.util.Collection;
import java.util.Map;

/// Which measurement an AnalysisRun, or which try the Experiment of a step, is (G9).
///
/// Everything of it follows from the status, never from what is there: whoever decides on the same
/// status, after a crash or beside another replica, begins the same one under the same name.
///
/// @param attempt the attempt for which it counts (X3)
/// @param number of those of the revision, the kind and the step, from 0; it rises with each one
///     that is recorded, so none that is recorded has the number of the next one
/// @param steps hash of the steps for which it counts (P5)
public record Measurement(long attempt, int number, String steps) {

    /// The next one to begin.
    ///
    /// @param kind what is counted together: [Slot#kind], or the Experiments of a step
    public static Measurement next(StatusDraft status, String kind) {
        return numbered(status, kind, 0);
    }

    /// The one that was recorded last.
    public static Measurement current(StatusDraft status, String kind) {
        return numbered(status, kind, -1);
    }

    private static Measurement numbered(StatusDraft status, String kind, int offset) {
        int begun = status.release.map(r -> r.begun(kind)).orElse(0);
        return new Measurement(
                status.release.map(Release::attempt).orElse(0L),
                Math.max(0, begun + offset),
                status.currentStepHash.isEmpty() ? "0" : status.currentStepHash);
    }

    /// Takes account of it: it is recorded.
    public void count(StatusDraft status, String kind) {
        status.release = status.release.map(r -> r.withBegun(kind, number + 1));
    }

    /// The value of its label.
    public String label() {
        return attempt + "." + number + "." + steps;
    }

    /// Its name, as the original numbers further ones.
    ///
    /// @param separator what the original puts before the number
    public String name(String base, String separator) {
        return number == 0 ? base : base + separator + number;
    }

    public Measurement following() {
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
