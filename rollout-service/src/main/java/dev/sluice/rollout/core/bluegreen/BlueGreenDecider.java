package dev.sluice.rollout.core.bluegreen;

import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Observation.ServiceView;
import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.Planning;
import dev.sluice.rollout.core.Planning.Wanted;
import dev.sluice.rollout.core.Promotion;
import dev.sluice.rollout.core.Reasons;
import dev.sluice.rollout.core.Retirement;
import dev.sluice.rollout.core.RolloutStatus.PauseCondition;
import dev.sluice.rollout.core.RolloutStatus.RunStatus;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.TrafficPlan.Role;
import dev.sluice.rollout.core.TrafficPlan.RoleService;
import dev.sluice.rollout.core.TrafficPlan.Share;
import dev.sluice.rollout.core.analysis.Runs;
import dev.sluice.rollout.core.analysis.Slot;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One pass over a blue-green release.
public final class BlueGreenDecider {
    private static final int MAX_WEIGHT = 100;

    private final Pass pass;
    private final Strategy.BlueGreen bg;
    private final Retirement retirement;
    private final boolean isFastRollback;

    public BlueGreenDecider(Pass pass, Strategy.BlueGreen bg) {
        this.pass = pass;
        this.bg = bg;
        this.retirement = new Retirement(pass, bg);
        boolean isWithinDelay =
                pass.sets
                        .newSet()
                        .map(
                                rs ->
                                        rs.annotation(Names.SCALE_DOWN_DEADLINE).isPresent()
                                                && !retirement.isPassed(rs))
                        .orElse(false);
        boolean isBack = pass.newHash().equals(pass.next.stableRS);
        this.isFastRollback =
                isBack
                        || (pass.sets.isRollback(pass.next.stableRS)
                                && (isWithinDelay || isWithinWindow()));
    }

    private boolean isWithinWindow() {
        return pass.sets.isWithinWindow(pass.next.stableRS, pass.spec.rollbackWindow());
    }

    public boolean resetsOnChange() {
        if (pass.stored.currentPodHash().equals(pass.newHash())) {
            return false;
        }
        Promotion.reset(pass);
        Runs runs = new Runs(pass);
        runs.cancel(Slot.PRE_PROMOTION);
        runs.cancel(Slot.POST_PROMOTION);
        return true;
    }

    public void decide() {
        readSelectors();
        retirement.trimHistory();
        scale();
        pauseBookkeeping();
        analyse();
        sync();
        // The deadline of the new revision tells whether a rollback is fast, so it goes last.
        retirement.clearDeadlines();
    }

    private void readSelectors() {
        pass.next.activeSelector = hashOf(bg.activeService());
        pass.next.previewSelector = bg.previewService().map(this::hashOf).orElse("");
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

    private int wantedNew() {
        int n = pass.replicas();
        if (bg.previewReplicaCount().isEmpty()) {
            return n;
        }
        int preview = bg.previewReplicaCount().get();
        String active = pass.next.activeSelector;
        if (pass.sets.withHash(active).isEmpty()
                || active.equals(pass.newHash())
                || pass.next.promoteFull) {
            return n;
        }
        boolean isHeld = pass.spec.paused() || !pass.next.pauseConditions.isEmpty();
        return !isHeld && pass.stored.scaleUpPreviewCheckPoint() ? n : preview;
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
                pass.scale(fresh.get(), wantedNew(), false);
            }
        }
        boolean isJudging =
                bg.postPromotion().isPresent()
                        && !pass.isFullyPromoted()
                        && !Runs.isPassed(pass, pass.next.postRun)
                        && bg.scaleDownDelay().isEmpty();
        if (!pass.stored.hasPause(Reasons.INCONCLUSIVE) && !isJudging) {
            retirement.scaleOthers(true, true);
        }
    }

    private boolean isReadyForPause() {
        int want = wantedNew();
        return pass.sets
                .newSet()
                .map(rs -> rs.replicas() >= want && rs.available() >= want)
                .orElse(false);
    }

    private boolean isSaturated() {
        int n = pass.replicas();
        return pass.sets
                .newSet()
                .map(
                        rs ->
                                rs.replicas() >= n
                                        && rs.available() >= n
                                        && rs.annotation(Names.DESIRED_REPLICAS)
                                                .equals(Optional.of(Integer.toString(n))))
                .orElse(false);
    }

    private boolean isFastTracked() {
        return isFastRollback
                || pass.next.promoteFull
                || pass.next.activeSelector.isEmpty()
                || pass.next.activeSelector.equals(pass.newHash());
    }

    private boolean needsPause() {
        return !bg.autoPromotion() || bg.autoPromotionSeconds() > 0;
    }

    private boolean isPreDone() {
        return bg.prePromotion().isEmpty() || Runs.isPassed(pass, pass.next.preRun);
    }

    private void pauseBookkeeping() {
        if (pass.isAborted() || !isReadyForPause() || pass.isHalted()) {
            return;
        }
        if (isFastTracked() || pass.next.scaleUpPreviewCheckPoint || !needsPause()) {
            pass.next.removePause(Reasons.BLUE_GREEN_PAUSE);
            return;
        }
        if (!isPreDone()) {
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
                        || isFastRollback
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
                || isWaitingFor(pass.next.postRun, isSaturated() && isSwitchProven())) {
            runs.keep(Slot.POST_PROMOTION);
        } else {
            runs.ensure(Slot.POST_PROMOTION, bg.postPromotion().get(), 0);
        }
        runs.collect();
        if (!pass.isAborted()
                && !needsPause()
                && isPreDone()
                && isReadyForPause()
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
        return bg.previewReplicaCount().isPresent() ? isReadyForPause() : isSaturated();
    }

    private boolean isSwitchProven() {
        return pass.next
                .trafficPlan
                .map(
                        p ->
                                p.isObserved()
                                        && p.selected(Role.ACTIVE)
                                                .equals(Optional.of(pass.newHash())))
                .orElse(false);
    }

    private void sync() {
        if (pass.next.promoteFull || (isWithinWindow() && !pass.isAborted())) {
            pass.next.clearPauses();
            pass.next.clearAbort();
            pass.abortCause = Optional.empty();
        }
        promotionReason().ifPresent(reason -> Promotion.promote(pass, reason));
    }

    private Optional<String> promotionReason() {
        if (pass.next.stableRS.isEmpty() || pass.next.activeSelector.isEmpty()) {
            return Optional.of("Initial deploy");
        }
        boolean isServed = pass.next.activeSelector.equals(pass.newHash()) && isSwitchProven();
        if (!isServed && !pass.isFullyPromoted()) {
            return Optional.empty();
        }
        if (pass.next.promoteFull) {
            return Optional.of("Full promotion requested");
        }
        if (isFastRollback) {
            return Optional.of(isWithinWindow() ? "Rollback within window" : "Fast rollback");
        }
        boolean isGated = bg.postPromotion().isPresent() && !Runs.isPassed(pass, pass.next.postRun);
        return pass.isAborted() || isGated
                ? Optional.empty()
                : Optional.of("Completed blue-green update");
    }

    /// Preview follows the new revision once it has a pod (B3); active flips only to a
    /// saturated revision (B1).
    public Wanted wanted() {
        List<RoleService> services = new ArrayList<>();
        String active = Planning.selected(pass, bg.activeService());
        String activeTarget = activeTarget(active);
        if (activeTarget.isEmpty()) {
            return new Wanted.NotYet("WaitingForAvailablePods");
        }
        services.add(new RoleService(bg.activeService(), Role.ACTIVE, activeTarget));
        bg.previewService()
                .ifPresent(
                        service -> {
                            String present = Planning.selected(pass, service);
                            String hash = previewTarget(present, activeTarget);
                            services.add(new RoleService(service, Role.PREVIEW, hash));
                        });
        return new Wanted.Routing(
                bg.activeService(),
                MAX_WEIGHT,
                services,
                Optional.empty(),
                List.of(),
                List.of(new Share(activeTarget, MAX_WEIGHT)));
    }

    private String previewTarget(String present, String active) {
        boolean isGone =
                pass.isAborted()
                        && !pass.isFullyPromoted()
                        && pass.sets
                                .newSet()
                                .map(rs -> rs.available() == 0 || retirement.isPassed(rs))
                                .orElse(true);
        if (isGone) {
            return active;
        }
        int least = Math.min(1, pass.replicas());
        boolean canServe = pass.sets.newSet().map(rs -> rs.available() >= least).orElse(false);
        if (canServe) {
            return pass.newHash();
        }
        return pass.sets.withHash(present).map(rs -> rs.available() >= 1).orElse(false)
                ? present
                : active;
    }

    private String activeTarget(String present) {
        if (pass.isAborted() && !pass.next.stableRS.isEmpty()) {
            return canCarry(pass.next.stableRS) || present.isEmpty() ? pass.next.stableRS : present;
        }
        boolean mayFlip =
                (!pass.isHalted() || present.isEmpty())
                        && !pass.specChanged
                        && isReadyForPause()
                        && isSaturated();
        boolean isAllowed =
                isFastTracked()
                        || (isPreDone()
                                && (!needsPause() || pass.next.scaleUpPreviewCheckPoint)
                                && !pass.pauseRequested
                                && pass.next.pauseConditions.isEmpty());
        return mayFlip && isAllowed ? pass.newHash() : present;
    }

    /// B5: back to the old revision only when it can carry everything.
    private boolean canCarry(String hash) {
        return pass.sets
                .withHash(hash)
                .map(
                        rs ->
                                rs.available()
                                        >= TrafficPlan.need(
                                                MAX_WEIGHT, MAX_WEIGHT, pass.replicas()))
                .orElse(false);
    }
}
