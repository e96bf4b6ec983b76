package dev.sluice.rollout.core.bluegreen;

import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Observation.ServiceView;
import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.Planning.Wanted;
import dev.sluice.rollout.core.Promotion;
import dev.sluice.rollout.core.Reasons;
import dev.sluice.rollout.core.Retirement;
import dev.sluice.rollout.core.RolloutStatus.PauseCondition;
import dev.sluice.rollout.core.RolloutStatus.RunStatus;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.analysis.Runs;
import dev.sluice.rollout.core.analysis.Slot;
import java.time.Instant;
import java.util.Optional;

/// One pass over a blue-green release.
public final class BlueGreenDecider {
    private final Pass pass;
    private final Strategy.BlueGreen bg;
    private final Retirement retirement;
    private final Readiness state;

    public BlueGreenDecider(Pass pass, Strategy.BlueGreen bg) {
        this.pass = pass;
        this.bg = bg;
        this.retirement = new Retirement(pass, bg);
        this.state = new Readiness(pass, bg, retirement);
    }

    public boolean resetsOnChange() {
        if (pass.stored.currentPodHash().isEmpty()) {
            // A first deployment has nothing to give up.
            if (pass.next.release.isEmpty()) {
                Promotion.startAttempt(pass);
            }
            return false;
        }
        // What a canary paused for, measured and was promoted by does not count for this strategy.
        boolean wasCanary = !pass.stored.currentStepHash().isEmpty();
        if (pass.stored.currentPodHash().equals(pass.newHash()) && !wasCanary) {
            return false;
        }
        // The status never shows evidence without the selectors that it is about.
        readSelectors();
        Promotion.reset(pass);
        pass.next.currentStepHash = "";
        Runs runs = new Runs(pass);
        runs.cancel(Slot.STEP);
        runs.cancel(Slot.BACKGROUND);
        runs.cancel(Slot.PRE_PROMOTION);
        runs.cancel(Slot.POST_PROMOTION);
        return true;
    }

    public void decide() {
        readSelectors();
        voidLostPass();
        retirement.trimHistory();
        scale();
        pauseBookkeeping();
        analyse();
        sync();
        if (!state.leansOnDeadline()) {
            retirement.clearDeadlines();
        }
    }

    private void readSelectors() {
        pass.next.activeSelector = hashOf(bg.activeService());
        pass.next.previewSelector = bg.previewService().map(this::hashOf).orElse("");
    }

    /// What was judged is gone when no pod of it is left: others are judged anew (B6). While only
    /// some are missing the switch waits for them.
    private void voidLostPass() {
        boolean isLost = pass.sets.newSet().map(rs -> rs.available() == 0).orElse(true);
        boolean isBefore = !pass.next.activeSelector.equals(pass.newHash());
        if (isLost && isBefore && pass.replicas() > 0 && Runs.isPassed(pass, pass.next.preRun)) {
            pass.next.preRun = Optional.empty();
            pass.next.scaleUpPreviewCheckPoint = false;
        }
    }

    /// What was proven counts; what the Service says only as long as nothing was.
    private String hashOf(String service) {
        return pass.next
                .trafficPlan
                .flatMap(TrafficPlan::observed)
                .flatMap(o -> o.selected(service))
                .orElseGet(
                        () ->
                                Optional.ofNullable(pass.seen.services().get(service))
                                        .map(ServiceView::hash)
                                        .orElse(""));
    }

    private void scale() {
        Optional<ReplicaSetView> stable = pass.stableSet();
        stable.ifPresent(rs -> pass.scale(rs, pass.replicas(), false));
        Optional<ReplicaSetView> fresh =
                pass.sets.newSet().filter(rs -> !rs.hash().equals(pass.next.stableRS));
        if (fresh.isPresent()) {
            if (pass.isAborted() && stable.isPresent()) {
                retirement.scaleAborted(fresh.get());
            } else {
                pass.scale(fresh.get(), state.wantedNew(), false);
            }
        }
        boolean isJudging =
                bg.postPromotion().isPresent()
                        && !pass.isFullyPromoted()
                        && !pass.isAborted()
                        && !Runs.isPassed(pass, pass.next.postRun)
                        && bg.scaleDownDelay().isEmpty();
        if (!pass.stored.hasPause(Reasons.INCONCLUSIVE) && !isJudging) {
            retirement.scaleOthers(true, true);
        }
    }

    private void pauseBookkeeping() {
        if (pass.isAborted() || !state.isReadyForPause() || pass.isHalted()) {
            return;
        }
        if (state.isFastTracked() || pass.next.scaleUpPreviewCheckPoint || !state.needsPause()) {
            pass.next.removePause(Reasons.BLUE_GREEN_PAUSE);
            return;
        }
        if (!state.isPreDone()) {
            return;
        }
        if (pass.next.hasPause(Reasons.BLUE_GREEN_PAUSE)) {
            if (isPauseCompleted()) {
                pass.next.removePause(Reasons.BLUE_GREEN_PAUSE);
                passCheckPoint();
            }
        } else if (pass.stored.controllerPause()) {
            passCheckPoint();
        } else if (!isPauseCompleted()) {
            pass.next.addPause(Reasons.BLUE_GREEN_PAUSE, pass.now);
            pass.pauseRequested = true;
            if (bg.autoPromotion()) {
                pass.wakeAt(pass.now.plusSeconds(bg.autoPromotionSeconds() + 1L));
            }
        }
    }

    private boolean isPauseCompleted() {
        if (pass.pauseRequested) {
            return false;
        }
        if (pass.next.scaleUpPreviewCheckPoint) {
            return true;
        }
        Optional<PauseCondition> pause =
                pass.stored.pauseConditions().stream()
                        .filter(p -> p.reason().equals(Reasons.BLUE_GREEN_PAUSE))
                        .findFirst();
        if (!bg.autoPromotion()) {
            return pause.isEmpty() && pass.stored.controllerPause();
        }
        if (bg.autoPromotionSeconds() == 0) {
            return true;
        }
        if (pause.isEmpty()) {
            return pass.stored.controllerPause();
        }
        Instant end = pause.get().startTime().plusSeconds(bg.autoPromotionSeconds());
        if (!pass.now.isAfter(end)) {
            pass.wakeAt(end.plusMillis(1));
            return false;
        }
        return true;
    }

    /// Sticky until the next template or promotion. Without a preview count it only remembers
    /// that the pause is over.
    private void passCheckPoint() {
        pass.next.scaleUpPreviewCheckPoint = true;
        pass.next.clearPauses();
    }

    private void analyse() {
        Runs runs = new Runs(pass);
        boolean isMoot =
                pass.isFullyPromoted()
                        || pass.isAborted()
                        || pass.next.promoteFull
                        || state.isFastRollback()
                        || pass.next.stableRS.isEmpty();
        if (isMoot) {
            runs.stop(Slot.PRE_PROMOTION);
            runs.stop(Slot.POST_PROMOTION);
            runs.collect();
            return;
        }
        String active = pass.next.activeSelector;
        boolean isActive = active.equals(pass.newHash());
        if (bg.prePromotion().isEmpty()) {
            runs.cancel(Slot.PRE_PROMOTION);
        } else if (isActive
                || active.isEmpty()
                || isWaitingFor(pass.next.preRun, isReadyForGate())) {
            runs.keep(Slot.PRE_PROMOTION);
        } else {
            runs.ensure(Slot.PRE_PROMOTION, bg.prePromotion().get(), 0);
        }
        if (bg.postPromotion().isEmpty()) {
            runs.cancel(Slot.POST_PROMOTION);
        } else if (!isActive
                || isWaitingFor(pass.next.postRun, state.isSaturated() && state.isSwitchProven())) {
            runs.keep(Slot.POST_PROMOTION);
        } else {
            runs.ensure(Slot.POST_PROMOTION, bg.postPromotion().get(), 0);
        }
        runs.collect();
        if (!pass.isAborted()
                && !state.needsPause()
                && state.isPreDone()
                && state.isReadyForPause()
                && bg.previewReplicaCount().isPresent()
                && !isActive
                && pass.next.pauseConditions.isEmpty()
                && !pass.isHalted()) {
            pass.next.scaleUpPreviewCheckPoint = true;
        }
    }

    private boolean isWaitingFor(Optional<RunStatus> run, boolean isReady) {
        return pass.stored.hasPause(Reasons.INCONCLUSIVE) || (run.isEmpty() && !isReady);
    }

    private boolean isReadyForGate() {
        return bg.previewReplicaCount().isPresent() ? state.isReadyForPause() : state.isSaturated();
    }

    private void sync() {
        if (pass.isFrozen()) {
            return;
        }
        if (pass.next.promoteFull || (state.isWithinWindow() && !pass.isAborted())) {
            pass.next.clearPauses();
            pass.next.clearAbort();
            pass.abortCause = Optional.empty();
        }
        promotionReason().ifPresent(reason -> Promotion.promote(pass, reason));
    }

    private Optional<String> promotionReason() {
        // What takes the place of a first deployment that never served is a first deployment too,
        // unless it is aborted (A6).
        if (pass.next.stableRS.isEmpty()
                || (pass.next.activeSelector.isEmpty()
                        && !state.isStableServing()
                        && !pass.isAborted())) {
            return Optional.of("Initial deploy");
        }
        boolean isServed =
                pass.next.activeSelector.equals(pass.newHash()) && state.isSwitchProven();
        if (!isServed && !pass.isFullyPromoted()) {
            return Optional.empty();
        }
        if (pass.next.promoteFull) {
            return Optional.of("Full promotion requested");
        }
        if (state.isFastRollback()) {
            return Optional.of(state.isWithinWindow() ? "Rollback within window" : "Fast rollback");
        }
        boolean isGated = bg.postPromotion().isPresent() && !Runs.isPassed(pass, pass.next.postRun);
        return pass.isAborted() || isGated
                ? Optional.empty()
                : Optional.of("Completed blue-green update");
    }

    public Wanted wanted() {
        return new BlueGreenRouting(pass, bg, retirement, state).wanted();
    }
}
