package dev.sluice.rollout.core.bluegreen;

import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.Planning;
import dev.sluice.rollout.core.Retirement;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.TrafficPlan.Role;
import dev.sluice.rollout.core.analysis.Runs;
import java.util.Optional;

/// What a blue-green release is ready for, as far as this pass knows.
final class Readiness {
    private final Pass pass;
    private final Strategy.BlueGreen bg;
    private final boolean isWithinDelay;
    private final boolean isFastRollback;

    Readiness(Pass pass, Strategy.BlueGreen bg, Retirement retirement) {
        this.pass = pass;
        this.bg = bg;
        this.isWithinDelay =
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

    boolean isFastRollback() {
        return isFastRollback;
    }

    /// Whether the rollback is fast because the old stack is still up: its deadline says so, and so
    /// must stay until it is promoted.
    boolean leansOnDeadline() {
        return isFastRollback && isWithinDelay && !pass.isFullyPromoted();
    }

    boolean isWithinWindow() {
        return pass.sets.isWithinWindow(pass.next.stableRS, pass.spec.rollbackWindow());
    }

    int wantedNew() {
        int n = pass.replicas();
        if (bg.previewReplicaCount().isEmpty() || n == 0) {
            return n; // without replicas there is no preview either (H6)
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

    boolean isReadyForPause() {
        int want = wantedNew();
        return pass.sets
                .newSet()
                .map(rs -> rs.replicas() >= want && rs.available() >= want)
                .orElse(false);
    }

    boolean isSaturated() {
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

    boolean isFastTracked() {
        return isFastRollback
                || pass.next.promoteFull
                || (pass.next.activeSelector.isEmpty() && !isStableServing())
                || isActive();
    }

    /// The active Service leads to the new revision, and is to stay there: on its way back to the
    /// stable one it does not (X3).
    private boolean isActive() {
        return pass.next.activeSelector.equals(pass.newHash())
                && Planning.selected(pass, bg.activeService()).equals(pass.newHash());
    }

    boolean needsPause() {
        return !bg.autoPromotion() || bg.autoPromotionSeconds() > 0;
    }

    boolean isPreDone() {
        return bg.prePromotion().isEmpty() || Runs.isPassed(pass, pass.next.preRun);
    }

    /// Another strategy may have left a stable revision while the active Service selects none in
    /// particular yet: that one is served first (B7).
    boolean isStableServing() {
        return !pass.isFullyPromoted()
                && pass.stableSet().map(rs -> rs.available() > 0).orElse(false);
    }

    boolean isSwitchProven() {
        return pass.next
                .trafficPlan
                .map(
                        p ->
                                p.isObserved()
                                        && p.selected(Role.ACTIVE)
                                                .equals(Optional.of(pass.newHash())))
                .orElse(false);
    }
}
