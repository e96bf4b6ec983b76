package dev.sluice.rollout.app;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.events.RolloutCommand;
import dev.sluice.events.RolloutCommand.AbortRollout;
import dev.sluice.events.RolloutCommand.PromoteRollout;
import dev.sluice.events.RolloutCommand.RetryRollout;
import dev.sluice.rollout.core.Rollout;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.RolloutStatus.Release;
import dev.sluice.rollout.core.Strategy;
import java.time.Instant;
import java.util.Optional;

/// What a command from outside does to a Rollout: the same status change that the kubectl plugin
/// writes, or a refusal. A pure function of the Rollout as it is now (P3, V5).
public final class CommandRules {
    private CommandRules() {}

    /// What becomes of a command.
    public sealed interface Ruling {
        /// To be carried out by this merge patch of the status, and of the spec where given.
        record Accepted(ObjectNode status, Optional<ObjectNode> spec) implements Ruling {}

        /// Already so; nothing to do.
        record Done(String message) implements Ruling {}

        /// Not carried out, for this reason.
        record Refused(String message) implements Ruling {}

        /// A newer revision or attempt made it moot.
        record Superseded(String message) implements Ruling {}
    }

    /// Judges `command` against the Rollout as it is now.
    public static Ruling judge(
            RolloutCommand command, Optional<Instant> expiresAt, Rollout rollout, Instant now) {
        if (expiresAt.isPresent() && !now.isBefore(expiresAt.get())) {
            return new Ruling.Refused("expired at " + expiresAt.get());
        }
        if (!command.target().workload().uid().equals(rollout.meta().uid())) {
            return new Ruling.Refused("the Rollout of this name has another uid");
        }
        long attempt = rollout.status().release().map(Release::attempt).orElse(0L);
        if (command.target().attempt() != attempt) {
            String message = "attempt is " + attempt + ", not " + command.target().attempt();
            return command.target().attempt() < attempt
                    ? new Ruling.Superseded(message)
                    : new Ruling.Refused(message);
        }
        Optional<Integer> step = command.target().stepIndex();
        Optional<Integer> current = rollout.status().currentStepIndex();
        if (step.isPresent() && !step.equals(current)) {
            return new Ruling.Refused(
                    "step is "
                            + current.map(String::valueOf).orElse("none")
                            + ", not "
                            + step.get());
        }
        return switch (command) {
            case PromoteRollout promote -> promote(promote, rollout);
            case AbortRollout _ -> abort(rollout);
            case RetryRollout _ -> retry(rollout);
        };
    }

    private static Ruling abort(Rollout rollout) {
        if (rollout.status().abort()) {
            return new Ruling.Done("already aborted");
        }
        if (rollout.isFullyPromoted()) {
            return new Ruling.Refused("no update is in progress"); // A1
        }
        return accepted(status().put("abort", true), false);
    }

    private static Ruling retry(Rollout rollout) {
        return rollout.status().abort()
                ? accepted(status().put("abort", false), false)
                : new Ruling.Refused("the Rollout is not aborted");
    }

    private static Ruling promote(PromoteRollout command, Rollout rollout) {
        RolloutStatus status = rollout.status();
        if (status.abort()) {
            return new Ruling.Refused("the Rollout is aborted; retry it first");
        }
        if (rollout.isFullyPromoted()) {
            return new Ruling.Done("already fully promoted");
        }
        boolean isHeld = rollout.spec().paused();
        if (command.full()) {
            return accepted(status().put("promoteFull", true), isHeld);
        }
        ObjectNode change = status().putNull("pauseConditions");
        boolean isInconclusive = status.hasPause("InconclusiveAnalysisRun");
        if (!status.pauseConditions().isEmpty() && !(isInconclusive && status.controllerPause())) {
            return accepted(change, isHeld);
        }
        if (isInconclusive) {
            change.put("controllerPause", false);
        }
        next(rollout).ifPresent(index -> change.put("currentStepIndex", index));
        return accepted(change, isHeld);
    }

    /// The step after the current one, at most the number of steps.
    private static Optional<Integer> next(Rollout rollout) {
        return switch (rollout.spec().strategy()) {
            case Strategy.BlueGreen _ -> Optional.empty();
            case Strategy.Canary canary ->
                    rollout.status()
                            .currentStepIndex()
                            .map(index -> Math.min(index + 1, canary.steps().size()));
        };
    }

    private static Ruling accepted(ObjectNode status, boolean unpauseSpec) {
        ObjectNode patch = status();
        patch.set("status", status);
        if (!unpauseSpec) {
            return new Ruling.Accepted(patch, Optional.empty());
        }
        ObjectNode spec = status();
        spec.set("spec", status().put("paused", false));
        return new Ruling.Accepted(patch, Optional.of(spec));
    }

    private static ObjectNode status() {
        return JsonNodeFactory.instance.objectNode();
    }
}
