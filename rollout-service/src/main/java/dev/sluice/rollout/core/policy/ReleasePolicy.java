package dev.sluice.rollout.core.policy;

import dev.sluice.rollout.core.Strategy.ReplicaThreshold;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Choices of one Rollout that the original does not know. Read from annotations, so that the
/// manifest stays valid for the original; without any of them everything is as it is there.
///
/// @param onFailed what a Failed analysis does; abort by default
/// @param onError what an analysis in Error does; abort by default
/// @param onInconclusive what an Inconclusive analysis does; pause by default
/// @param onNoData what an analysis without data does; as `onError` by default
/// @param threshold how much of a revision's wanted pods must be available, for steps that have
/// no threshold of their own
/// @param stepThresholds the same for single steps, by index
/// @param bypassFreeze the revision number that may pass a freeze, a hotfix
public record ReleasePolicy(
        Action onFailed,
        Action onError,
        Action onInconclusive,
        Action onNoData,
        Optional<ReplicaThreshold> threshold,
        Map<Integer, ReplicaThreshold> stepThresholds,
        Optional<Long> bypassFreeze) {
    /// Part of the message of a run that ended without data.
    private static final String NO_DATA = "no data returned from the metric provider";

    public static final ReleasePolicy DEFAULT =
            new ReleasePolicy(
                    Action.ABORT,
                    Action.ABORT,
                    Action.PAUSE,
                    Action.ABORT,
                    Optional.empty(),
                    Map.of(),
                    Optional.empty());

    public ReleasePolicy {
        stepThresholds = Collections.unmodifiableMap(new TreeMap<>(stepThresholds));
    }

    /// What the end of an analysis does to its release.
    public enum Action {
        /// Traffic goes back to the stable revision.
        ABORT,
        /// The release waits for a person; resuming measures again.
        PAUSE,
        /// The release goes on as if the analysis had passed.
        CONTINUE
    }

    /// The action for a run; empty while it runs and when it passed.
    ///
    /// @param phase of the AnalysisRun
    /// @param message of the AnalysisRun; tells an error without data from others
    public Optional<Action> actionFor(String phase, String message) {
        return switch (phase) {
            case "Failed" -> Optional.of(onFailed);
            case "Inconclusive" -> Optional.of(onInconclusive);
            case "Error" -> Optional.of(message.contains(NO_DATA) ? onNoData : onError);
            default -> Optional.empty();
        };
    }

    /// True when the release may go on after this run: it passed, or the policy says so.
    public boolean isPassed(String phase, String message) {
        return phase.equals("Successful")
                || actionFor(phase, message).filter(Action.CONTINUE::equals).isPresent();
    }

    /// The threshold of a step, if the policy has one.
    public Optional<ReplicaThreshold> thresholdAt(int step) {
        return Optional.ofNullable(stepThresholds.get(step)).or(() -> threshold);
    }
}
