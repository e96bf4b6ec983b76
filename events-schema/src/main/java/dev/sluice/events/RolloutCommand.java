package dev.sluice.events;

import java.util.Optional;

/// Commands to rollout-service. A command names exactly what it is meant for; one that no longer
/// matches is refused with [RolloutEvent.CommandAnswered] and changes nothing. The envelope's
/// `expirytime` bounds it in time.
public sealed interface RolloutCommand extends EventData {

    /// What the command is meant for.
    CommandTarget target();

    /// Who asks.
    String actor();

    @Override
    default Topic topic() {
        return Topic.COMMANDS;
    }

    /// The exact situation that the sender saw.
    ///
    /// @param stepIndex index of the current step, absent to match any
    record CommandTarget(WorkloadRef workload, long attempt, Optional<Integer> stepIndex) {}

    /// Ends the current pause, or the whole of the remaining steps.
    ///
    /// @param full skips steps, pauses and analyses; never capacity and traffic safety
    record PromoteRollout(CommandTarget target, String actor, boolean full, Optional<String> reason)
            implements RolloutCommand {}

    /// Returns to the stable revision.
    record AbortRollout(CommandTarget target, String actor, Optional<String> reason)
            implements RolloutCommand {}

    /// Starts the aborted revision again from its first step.
    record RetryRollout(CommandTarget target, String actor, Optional<String> reason)
            implements RolloutCommand {}
}
