package dev.sluice.rollout.core.status;

import dev.sluice.rollout.core.Conditions;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.Reasons;
import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.RolloutStatus.ReleaseDuration;
import dev.sluice.rollout.core.Step;
import dev.sluice.rollout.core.Strategy;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// `status.duration`: how long the release took, manual pauses apart.
final class Durations {
    private final Pass pass;
    private final StatusDraft next;
    private final Instant now;

    Durations(Pass pass) {
        this.pass = pass;
        this.next = pass.next;
        this.now = Times.seconds(pass.now);
    }

    void write() {
        boolean changed = pass.specChanged || pass.stored.currentPodHash().isEmpty();
        boolean done =
                !next.stableRS.isEmpty()
                        && next.stableRS.equals(next.currentPodHash)
                        && pass.sets.newSet().map(ReplicaSetView::available).orElse(0)
                                >= pass.replicas();
        if (isRunning() && changed) {
            supersede();
        }
        if (isRunning()) {
            ReleaseDuration d = next.duration.orElseThrow();
            if (done) {
                finish(d.completionStatus().isEmpty() ? "Promoted" : d.completionStatus());
                return;
            }
            if (next.abort) {
                finish(d.completionStatus().isEmpty() ? "Aborted" : d.completionStatus());
            }
        }
        boolean isOver = next.duration.map(ReleaseDuration::isFinished).orElse(true);
        if (isOver && !done) {
            boolean retried =
                    !next.abort
                            && pass.stored
                                    .condition(Conditions.PROGRESSING)
                                    .map(Condition::reason)
                                    .filter(Conditions.ABORTED::equals)
                                    .isPresent();
            if (changed || retried) {
                next.duration =
                        Optional.of(
                                new ReleaseDuration(
                                        Optional.of(now),
                                        Optional.empty(),
                                        0,
                                        Optional.empty(),
                                        ""));
            }
        }
        if (isRunning()) {
            pauseClock();
        }
    }

    private boolean isRunning() {
        return next.duration
                .map(d -> d.rolloutStartedAt().isPresent() && d.finishedAt().isEmpty())
                .orElse(false);
    }

    private void supersede() {
        if (pass.stored.currentPodHash().isEmpty()) {
            return;
        }
        if (!pass.sets.isRollback(next.stableRS)) {
            finish("Superseded");
            return;
        }
        boolean fast =
                pass.newHash().equals(next.stableRS)
                        || pass.sets.isWithinWindow(next.stableRS, pass.spec.rollbackWindow())
                        || (pass.spec.strategy() instanceof Strategy.BlueGreen && isKeptUp());
        next.duration =
                next.duration.map(
                        d ->
                                new ReleaseDuration(
                                        d.rolloutStartedAt(),
                                        d.manualPauseStartedAt(),
                                        d.totalManualPauseSeconds(),
                                        d.finishedAt(),
                                        fast ? "FastRolledBack" : "RolledBack"));
    }

    /// The revision still has all its pods: its delay before scaling down has not passed.
    private boolean isKeptUp() {
        return pass.sets
                .newSet()
                .flatMap(rs -> rs.annotation(Names.SCALE_DOWN_DEADLINE))
                .flatMap(Times::parse)
                .map(pass.now::isBefore)
                .orElse(false);
    }

    private void finish(String status) {
        next.duration =
                next.duration
                        .map(this::closePause)
                        .map(
                                d ->
                                        new ReleaseDuration(
                                                d.rolloutStartedAt(),
                                                Optional.empty(),
                                                d.totalManualPauseSeconds(),
                                                Optional.of(now),
                                                status));
    }

    private ReleaseDuration closePause(ReleaseDuration d) {
        long more =
                d.manualPauseStartedAt()
                        .map(start -> Duration.between(start, now).toSeconds())
                        .orElse(0L);
        return new ReleaseDuration(
                d.rolloutStartedAt(),
                Optional.empty(),
                d.totalManualPauseSeconds() + Math.max(0, more),
                d.finishedAt(),
                d.completionStatus());
    }

    private void pauseClock() {
        boolean manual =
                pass.spec.paused()
                        || next.pauseConditions.stream().anyMatch(p -> needsHuman(p.reason()));
        ReleaseDuration d = next.duration.orElseThrow();
        if (manual && d.manualPauseStartedAt().isEmpty()) {
            next.duration =
                    Optional.of(
                            new ReleaseDuration(
                                    d.rolloutStartedAt(),
                                    Optional.of(now),
                                    d.totalManualPauseSeconds(),
                                    d.finishedAt(),
                                    d.completionStatus()));
        } else if (!manual && d.manualPauseStartedAt().isPresent()) {
            next.duration = Optional.of(closePause(d));
        }
    }

    private boolean needsHuman(String reason) {
        return switch (reason) {
            case Reasons.INCONCLUSIVE, Reasons.INCONCLUSIVE_EXPERIMENT -> true;
            case Reasons.BLUE_GREEN_PAUSE ->
                    pass.spec.strategy() instanceof Strategy.BlueGreen bg && !bg.autoPromotion();
            case Reasons.CANARY_PAUSE -> isUntimedStep();
            default -> false;
        };
    }

    private boolean isUntimedStep() {
        if (!(pass.spec.strategy() instanceof Strategy.Canary canary)) {
            return false;
        }
        int index = next.currentStepIndex.orElse(-1);
        return index >= 0
                && index < canary.steps().size()
                && canary.steps().get(index) instanceof Step.Pause(Optional<Integer> seconds, _)
                && seconds.isEmpty();
    }
}
