package dev.sluice.rollout.core.status;

import dev.sluice.rollout.core.Conditions;
import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.RolloutStatus.RunStatus;
import dev.sluice.rollout.core.RolloutStatus.Why;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.explain.Explanation;
import java.util.Optional;
import java.util.Set;

/// Phase and message as the kubectl plugin shows them, and our own `why`.
public final class Phases {
    private static final Set<String> COMPLETED_RUN =
            Set.of("Successful", "Failed", "Error", "Inconclusive");

    private final Pass pass;
    private final StatusDraft next;

    public Phases(Pass pass) {
        this.pass = pass;
        this.next = pass.next;
    }

    public void write() {
        Verdict verdict = verdict();
        next.phase = verdict.phase();
        next.message = verdict.message();
        writeWhy();
    }

    private record Verdict(String phase, String message) {}

    private static Verdict progressing(String message) {
        return new Verdict("Progressing", message);
    }

    private Verdict verdict() {
        for (Condition c : next.conditions) {
            if (c.type().equals(Conditions.INVALID_SPEC)) {
                return new Verdict("Degraded", "InvalidSpec: " + c.message());
            }
            if (c.reason().equals(Conditions.ABORTED)
                    || c.reason().equals(Conditions.DEADLINE_EXCEEDED)) {
                return new Verdict("Degraded", c.reason() + ": " + c.message());
            }
        }
        if (pass.spec.paused()) {
            return new Verdict("Paused", "manually paused");
        }
        if (!next.pauseConditions.isEmpty()) {
            return new Verdict("Paused", next.pauseConditions.getFirst().reason());
        }
        if (pass.spec.restartAt().isPresent() && !pass.spec.restartAt().equals(next.restartedAt)) {
            return progressing("rollout is restarting");
        }
        if (next.updatedReplicas < pass.replicas()) {
            return progressing("more replicas need to be updated");
        }
        if (next.availableReplicas < next.updatedReplicas) {
            return progressing("updated replicas are still becoming available");
        }
        return switch (pass.spec.strategy()) {
            case Strategy.BlueGreen bg -> blueGreen(bg);
            case Strategy.Canary canary -> canary(canary);
        };
    }

    private Verdict blueGreen(Strategy.BlueGreen bg) {
        if (next.activeSelector.isEmpty() || !next.activeSelector.equals(next.currentPodHash)) {
            return progressing("active service cutover pending");
        }
        if (next.stableRS.isEmpty() || !next.stableRS.equals(next.currentPodHash)) {
            boolean judged =
                    next.postRun.map(RunStatus::status).filter(COMPLETED_RUN::contains).isPresent();
            return bg.postPromotion().isPresent() && !judged
                    ? progressing("waiting for analysis to complete")
                    : progressing("waiting for post-promotion verification to complete");
        }
        return new Verdict("Healthy", "");
    }

    private Verdict canary(Strategy.Canary canary) {
        if (!canary.isRouted() && next.replicas > next.updatedReplicas) {
            return progressing("old replicas are pending termination");
        }
        if (next.stableRS.isEmpty() || !next.stableRS.equals(next.currentPodHash)) {
            return progressing("waiting for all steps to complete");
        }
        return new Verdict("Healthy", "");
    }

    /// `since` stays while state and reason stay.
    private void writeWhy() {
        Why now = Explanation.of(pass);
        boolean same =
                next.why
                        .map(w -> w.state() == now.state() && w.reason().equals(now.reason()))
                        .orElse(false);
        if (same) {
            next.why =
                    next.why.map(
                            w ->
                                    new Why(
                                            w.state(),
                                            w.reason(),
                                            now.message(),
                                            w.since(),
                                            now.unblock()));
        } else {
            next.why = Optional.of(now);
        }
    }
}
