package dev.sluice.events;

import java.time.Instant;
import java.util.Optional;

/// Facts of a release, from rollout-service. Each attempt has exactly one [RolloutStarted] and
/// exactly one of [RolloutCompleted] and [RolloutAborted], unless a newer revision supersedes it.
public sealed interface RolloutEvent extends EventData {

    /// The release that the fact belongs to.
    ReleaseContext release();

    @Override
    default Topic topic() {
        return Topic.ROLLOUT;
    }

    /// An attempt began.
    ///
    /// @param strategy `canary` or `blueGreen`
    record RolloutStarted(ReleaseContext release, String strategy, int steps)
            implements RolloutEvent {}

    /// The release has arrived at a step and wants its effect. Sent again under the same id while
    /// the effect is not observed.
    ///
    /// @param plan the routing that the step wants, absent where nothing is routed
    record StepReached(ReleaseContext release, StepRef step, Optional<TrafficPlanRef> plan)
            implements RolloutEvent {}

    /// The effect of a step was observed.
    ///
    /// @param observed the shares that were observed, absent where nothing is routed
    record StepCompleted(ReleaseContext release, StepRef step, Optional<Shares> observed)
            implements RolloutEvent {}

    /// The release waits.
    ///
    /// @param reason `CanaryPauseStep`, `BlueGreenPause`, `InconclusiveAnalysisRun`, `Manual`
    record RolloutPaused(
            ReleaseContext release, Optional<StepRef> step, String reason, Instant since)
            implements RolloutEvent {}

    /// A pause ended, by its duration or by a person.
    record RolloutResumed(ReleaseContext release, String reason, Instant pausedSince)
            implements RolloutEvent {}

    /// The release is stable. Terminal.
    ///
    /// @param reason for example `Completed all 6 canary steps`
    record RolloutCompleted(ReleaseContext release, String reason) implements RolloutEvent {}

    /// The release was aborted. Terminal for this attempt; traffic returns to the stable revision.
    record RolloutAborted(ReleaseContext release, Optional<StepRef> step, String reason)
            implements RolloutEvent {}

    /// The release can't move, which is not the same as being broken.
    ///
    /// @param reason short CamelCase reason
    /// @param message what it waits for and what would unblock it
    record RolloutBlocked(ReleaseContext release, String reason, String message)
            implements RolloutEvent {}

    /// A command was answered.
    ///
    /// @param commandId id of the command's event
    /// @param outcome what became of it
    record CommandAnswered(
            ReleaseContext release, String commandId, CommandOutcome outcome, String message)
            implements RolloutEvent {}

    /// What became of a command.
    enum CommandOutcome {
        /// Carried out.
        DONE,
        /// Not carried out: it named another uid, attempt or step, had expired, or did not apply.
        REFUSED,
        /// A newer revision or command made it moot.
        SUPERSEDED
    }
}
