package dev.sluice.rollout.core.status;

import dev.sluice.rollout.core.Conditions;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.RolloutStatus.Release;
import dev.sluice.rollout.core.Step;
import dev.sluice.rollout.core.Strategy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What every pass writes about the whole: counts, deadline, abort and pause fields,
/// conditions, phase.
public final class Lifecycle {
    private final Pass pass;
    private final StatusDraft next;

    public Lifecycle(Pass pass) {
        this.pass = pass;
        this.next = pass.next;
    }

    /// Bookkeeping of pauses and aborts that a person or an earlier pass left; true ends the
    /// pass.
    public boolean keepBooks() {
        if (!pass.stored.observedGeneration().equals(generation())) {
            return false;
        }
        boolean isPaused = !next.pauseConditions.isEmpty() || pass.spec.paused();
        String reason = pass.progressing().map(Condition::reason).orElse("");
        boolean wasAborted = reason.equals(Conditions.ABORTED);
        boolean completed = isCompleted();
        boolean changed = false;
        if (isPaused != reason.equals(Conditions.ROLLOUT_PAUSED) && !wasAborted && !completed) {
            changed = progressingUnknown(isPaused);
        }
        changed |=
                reason.equals(Conditions.RETRY)
                        && pass.stored
                                .condition(Conditions.PROGRESSING)
                                .map(c -> c.reason().equals(Conditions.ABORTED))
                                .orElse(false);
        boolean saysPaused =
                next.condition(Conditions.PAUSED)
                        .map(c -> c.status().equals(Conditions.TRUE))
                        .orElse(false);
        if (isPaused != saysPaused && !wasAborted) {
            changed |=
                    next.setCondition(
                            Conditions.PAUSED,
                            isPaused ? Conditions.TRUE : Conditions.FALSE,
                            Conditions.ROLLOUT_PAUSED,
                            "Rollout is paused",
                            pass.now);
        }
        return changed;
    }

    private boolean progressingUnknown(boolean isPaused) {
        String reason = pass.progressing().map(Condition::reason).orElse("");
        if (!isPaused && !reason.equals(Conditions.ROLLOUT_PAUSED)) {
            return false;
        }
        return next.setCondition(
                Conditions.PROGRESSING,
                Conditions.UNKNOWN,
                isPaused ? Conditions.ROLLOUT_PAUSED : Conditions.ROLLOUT_RESUMED,
                isPaused ? "Rollout is paused" : "Rollout is resumed",
                pass.now);
    }

    private String generation() {
        return Long.toString(pass.rollout.meta().generation());
    }

    private boolean isCompleted() {
        return !next.stableRS.isEmpty() && next.stableRS.equals(next.currentPodHash);
    }

    public void count() {
        List<ReplicaSetView> all = pass.sets.owned();
        Optional<ReplicaSetView> fresh = pass.sets.newSet();
        next.currentPodHash = pass.newHash();
        next.replicas = all.stream().mapToInt(ReplicaSetView::created).sum();
        next.updatedReplicas = fresh.map(ReplicaSetView::created).orElse(0);
        int available = all.stream().mapToInt(ReplicaSetView::available).sum();
        int ready = all.stream().mapToInt(ReplicaSetView::ready).sum();
        Optional<ReplicaSetView> active =
                isBlueGreen() ? pass.sets.withHash(next.activeSelector) : Optional.empty();
        next.readyReplicas = active.map(ReplicaSetView::ready).orElse(ready);
        next.availableReplicas = active.map(ReplicaSetView::available).orElse(available);
        next.hpaReplicas = active.map(ReplicaSetView::created).orElse(next.replicas);
        next.selector =
                Selectors.text(pass.spec.selector(), active.map(ReplicaSetView::hash).orElse(""));
        if (isBlueGreen()) {
            next.currentStepIndex = Optional.empty();
            next.stepRun = Optional.empty();
            next.backgroundRun = Optional.empty();
        } else {
            next.activeSelector = "";
            next.previewSelector = "";
            next.scaleUpPreviewCheckPoint = false;
            next.preRun = Optional.empty();
            next.postRun = Optional.empty();
        }
        if (isCompleted() || next.stableRS.isEmpty()) {
            next.promoteFull = false;
        }
    }

    private boolean isBlueGreen() {
        return pass.spec.strategy() instanceof Strategy.BlueGreen;
    }

    /// Ends a pass that only kept the books.
    public void finishBooks() {
        count();
        new Phases(pass).write();
        new Durations(pass).write();
    }

    /// Everything after the strategy has spoken.
    public void finish() {
        count();
        next.observedGeneration = generation();
        next.removeCondition(Conditions.INVALID_SPEC);
        boolean progressed = hasProgressed();
        abortByDeadline(progressed);
        settleAbort();
        new ConditionWriter(pass, progressed, isExempt()).write();
        new Phases(pass).write();
        new Durations(pass).write();
        announcePauses();
        scheduleDeadline();
    }

    private void settleAbort() {
        if (next.abort && isCompleted()) {
            next.clearAbort();
            pass.abortCause = Optional.empty();
        }
        if (next.abort) {
            next.clearPauses();
            if (next.abortedAt.isEmpty()) {
                next.abortedAt = Optional.of(Times.seconds(pass.now));
            }
        } else {
            next.abortedAt = Optional.empty();
        }
        if (next.pauseConditions.isEmpty()) {
            next.controllerPause = false;
        }
    }

    /// Any movement in the right direction restarts the progress deadline, and so does a new
    /// attempt (L4) and the end of a freeze, under which nothing could move.
    private boolean hasProgressed() {
        var old = pass.stored;
        boolean canaryMoved =
                !isBlueGreen()
                        && (!old.stableRS().equals(next.stableRS)
                                || !old.currentStepIndex().equals(next.currentStepIndex)
                                || !old.currentStepHash().equals(next.currentStepHash));
        boolean switched =
                isBlueGreen()
                        && (!old.activeSelector().equals(next.activeSelector)
                                || !old.previewSelector().equals(next.previewSelector));
        boolean startsOver =
                !next.release.map(Release::attempt).equals(old.release().map(Release::attempt));
        boolean wasFrozen =
                pass.progressing().map(c -> c.reason().equals(Conditions.FROZEN)).orElse(false);
        return startsOver
                || wasFrozen
                || old.updatedReplicas() != next.updatedReplicas
                || next.replicas - next.updatedReplicas < old.replicas() - old.updatedReplicas()
                || next.readyReplicas > old.readyReplicas()
                || next.availableReplicas > old.availableReplicas()
                || canaryMoved
                || switched;
    }

    private boolean isExempt() {
        boolean atWaitingStep = false;
        if (pass.spec.strategy() instanceof Strategy.Canary canary) {
            int index = next.currentStepIndex.orElse(canary.steps().size());
            if (index >= 0 && index < canary.steps().size()) {
                Step step = canary.steps().get(index);
                atWaitingStep =
                        switch (step) {
                            case Step.Pause _, Step.Analysis _, Step.Experiment _, Step.Plugin _ ->
                                    true;
                            case Step.SetWeight _,
                                    Step.SetCanaryScale _,
                                    Step.SetHeaderRoute _,
                                    Step.SetMirrorRoute _ ->
                                    false;
                        };
            }
        }
        boolean wasPaused =
                pass.stored
                        .condition(Conditions.PAUSED)
                        .map(c -> c.status().equals(Conditions.TRUE))
                        .orElse(false);
        boolean retiring =
                pass.others().stream()
                        .anyMatch(rs -> rs.annotation(Names.SCALE_DOWN_DEADLINE).isPresent());
        return atWaitingStep || wasPaused || retiring || pass.isFrozen();
    }

    private void abortByDeadline(boolean progressed) {
        if (!pass.spec.progressDeadlineAbort()
                || next.abort
                || isCompleted()
                || progressed
                || isExempt()) {
            return;
        }
        Optional<Condition> stored = pass.stored.condition(Conditions.PROGRESSING);
        if (stored.isPresent() && ConditionWriter.isTimedOut(pass, stored.get())) {
            pass.abort(ConditionWriter.timeoutMessage(pass));
        }
    }

    /// Wakes the rollout when the deadline could pass, so that it fires without any event (L4).
    private void scheduleDeadline() {
        Optional<Condition> progressing = pass.progressing();
        boolean waits =
                !next.phase.equals("Progressing")
                        || next.abort
                        || isExempt()
                        || progressing.isEmpty();
        if (!waits && !progressing.get().reason().equals(Conditions.DEADLINE_EXCEEDED)) {
            Instant due =
                    progressing
                            .get()
                            .lastUpdateTime()
                            .plusSeconds(pass.spec.progressDeadlineSeconds() + 1L);
            pass.wakeAt(due.isAfter(pass.now) ? due : pass.now.plusSeconds(1));
        }
    }

    private void announcePauses() {
        List<Notice> pauses = new ArrayList<>();
        boolean was = !pass.resumeAnnounced && !pass.stored.pauseConditions().isEmpty();
        boolean is = !next.pauseConditions.isEmpty();
        if (!was && is) {
            String reason = next.pauseConditions.getFirst().reason();
            pauses.add(Notice.normal("RolloutPaused", "Rollout is paused (" + reason + ")"));
        } else if (was && !is && !next.abort) {
            pauses.add(Notice.normal("RolloutResumed", "Rollout is resumed"));
        }
        pass.notices.addAll(pauses);
    }
}
