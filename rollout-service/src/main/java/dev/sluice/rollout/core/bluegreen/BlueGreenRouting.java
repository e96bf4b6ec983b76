package dev.sluice.rollout.core.bluegreen;

import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.Planning;
import dev.sluice.rollout.core.Planning.Wanted;
import dev.sluice.rollout.core.Retirement;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.TrafficPlan.Role;
import dev.sluice.rollout.core.TrafficPlan.RoleService;
import dev.sluice.rollout.core.TrafficPlan.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The routing that a blue-green release wants: one Service on the revision that serves, one on the
/// revision to look at.
final class BlueGreenRouting {
    private static final int MAX_WEIGHT = 100;

    private final Pass pass;
    private final Strategy.BlueGreen bg;
    private final Retirement retirement;
    private final Readiness state;

    BlueGreenRouting(Pass pass, Strategy.BlueGreen bg, Retirement retirement, Readiness state) {
        this.pass = pass;
        this.bg = bg;
        this.retirement = retirement;
        this.state = state;
    }

    /// Preview follows the new revision once it has a pod (B3); active flips only to a
    /// saturated revision (B1).
    Wanted wanted() {
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
        if (present.isEmpty() && state.isStableServing()) {
            return canCarry(pass.next.stableRS) ? pass.next.stableRS : present;
        }
        boolean mayFlip =
                (!pass.isHalted() || present.isEmpty())
                        && !pass.specChanged
                        && state.isReadyForPause()
                        && state.isSaturated();
        boolean isAllowed =
                state.isFastTracked()
                        || (state.isPreDone()
                                && (!state.needsPause() || pass.next.scaleUpPreviewCheckPoint)
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
