package dev.sluice.rollout.core.canary;

import dev.sluice.rollout.core.Capacity;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.Retirement;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.canary.ReplicaMath.Counts;
import dev.sluice.rollout.core.canary.ReplicaMath.Present;
import java.util.Optional;

/// Which revision gets how many pods in this pass: stable first, then new, then others; the first
/// that changes a count ends the chain.
final class CanaryScaling {
    private final Pass pass;
    private final Strategy.Canary canary;
    private final Weights weights;
    private final Retirement retirement;

    CanaryScaling(Pass pass, Strategy.Canary canary, Weights weights, Retirement retirement) {
        this.pass = pass;
        this.canary = canary;
        this.weights = weights;
        this.retirement = retirement;
    }

    /// True when `replicas` changed since the new or the stable revision was scaled last.
    boolean isDue() {
        String desired = Integer.toString(pass.replicas());
        return pass.sets.owned().stream()
                .filter(
                        rs ->
                                rs.hash().equals(pass.newHash())
                                        || rs.hash().equals(pass.next.stableRS))
                .filter(rs -> rs.replicas() > 0)
                .anyMatch(
                        rs ->
                                rs.annotation(Names.DESIRED_REPLICAS)
                                        .filter(d -> !d.equals(desired))
                                        .isPresent());
    }

    /// True when a count changed.
    boolean scale() {
        return follow() || (canary.isRouted() ? scaleOthers() : trimOthers());
    }

    /// Only the two revisions of the release, which is all that a change of `replicas` moves while
    /// the release is held (D6).
    boolean follow() {
        Optional<ReplicaSetView> fresh = pass.sets.newSet();
        Optional<ReplicaSetView> stable =
                pass.stableSet().filter(rs -> !rs.hash().equals(pass.newHash()));
        Counts to =
                canary.isRouted() || fresh.isEmpty()
                        ? weights.counts()
                        : basicCounts(fresh.get(), stable);
        if (fresh.isPresent() && stable.isPresent() && makesRoom(fresh.get(), stable.get(), to)) {
            return true;
        }
        if (stable.isPresent() && pass.scale(stable.get(), affordable(stable.get(), to.stable()))) {
            return true;
        }
        return fresh.isPresent() && scaleNew(fresh.get(), stable, to.canary());
    }

    /// The stable revision may need pods back that the new one still holds: those that are not
    /// available yet go first, which costs nobody anything (H7).
    private boolean makesRoom(ReplicaSetView fresh, ReplicaSetView stable, Counts to) {
        int n = pass.replicas();
        boolean isCrowded =
                !canary.isRouted()
                        && to.stable() > stable.replicas()
                        && to.stable() + fresh.replicas() > n + canary.maxSurge().roundUp(n);
        int least = Math.max(to.canary(), Math.min(fresh.replicas(), fresh.available()));
        return isCrowded && least < fresh.replicas() && pass.scale(fresh, least);
    }

    private boolean scaleNew(ReplicaSetView fresh, Optional<ReplicaSetView> stable, int count) {
        boolean isAbort = canary.isRouted() && pass.isAborted() && stable.isPresent();
        if (!isAbort) {
            return pass.scale(fresh, count);
        }
        boolean isDelayed =
                !canary.dynamicStableScale() || canary.abortScaleDownDelay().isPresent();
        return isDelayed
                ? retirement.scaleAborted(fresh)
                : pass.scale(fresh, affordable(fresh, returning()));
    }

    /// What the aborted revision needs for the share that it still has.
    private int returning() {
        int share = new Course(pass, canary, weights).weight();
        return weights.atLeastMinimum(TrafficPlan.need(share, canary.maxWeight(), pass.replicas()));
    }

    private boolean scaleOthers() {
        boolean isDynamic = canary.dynamicStableScale();
        boolean changed = retirement.scaleOthers(pass.isFullyPromoted() && !isDynamic, false);
        if (changed || !isDynamic) {
            return changed;
        }
        // Another revision shrinks with the share that it gives back, which makes room for the
        // stable one.
        for (ReplicaSetView set : retirement.newestRevisionFirst()) {
            boolean waits = retirement.hasDeadline(set);
            if (set.replicas() > 0 && !waits && Capacity.isReachable(pass, set.hash())) {
                changed |= pass.scale(set, affordable(set, 0));
            }
        }
        return changed;
    }

    /// With a stable revision that shrinks, pods go only as far as enough are left available
    /// (T5).
    private int affordable(ReplicaSetView set, int wanted) {
        boolean serves = Capacity.isReachable(pass, set.hash());
        if (!canary.dynamicStableScale() || wanted >= set.replicas() || !serves) {
            return wanted;
        }
        int serving =
                pass.sets.owned().stream()
                        .filter(rs -> Capacity.isReachable(pass, rs.hash()))
                        .mapToInt(rs -> Math.min(rs.replicas(), rs.available()))
                        .sum();
        int spare = Math.max(0, serving - (pass.replicas() - unavailable()));
        return Math.min(set.replicas(), Math.max(wanted, set.available() - spare));
    }

    private Counts basicCounts(ReplicaSetView fresh, Optional<ReplicaSetView> stable) {
        int n = pass.replicas();
        int surge = canary.maxSurge().roundUp(n);
        int old = pass.others().stream().mapToInt(ReplicaSetView::replicas).sum();
        Present is =
                new Present(
                        fresh.replicas(),
                        fresh.available(),
                        stable.map(ReplicaSetView::replicas).orElse(0),
                        stable.map(ReplicaSetView::available).orElse(0),
                        old);
        return ReplicaMath.next(
                weights.counts(), is, n, surge, unavailable(), stable.isPresent(), true);
    }

    private int unavailable() {
        int n = pass.replicas();
        int unavailable = canary.maxUnavailable().roundDown(n);
        if (unavailable == 0 && canary.maxSurge().roundUp(n) == 0) {
            unavailable = 1;
        }
        return Math.min(unavailable, n);
    }

    /// Without a router other revisions give way within the availability budget; unready pods
    /// go first (D8).
    private boolean trimOthers() {
        boolean changed = false;
        int budget =
                pass.sets.owned().stream()
                                // a pod more than wanted is about to go
                                .mapToInt(rs -> Math.min(rs.replicas(), rs.available()))
                                .sum()
                        - (pass.replicas() - unavailable());
        for (ReplicaSetView set : retirement.newestRevisionFirst()) {
            int count = Math.min(set.replicas(), set.available());
            if (count > 0 && budget > 0) {
                int drop = Math.min(count, budget);
                count -= drop;
                budget -= drop;
            }
            if (count < set.replicas()) {
                changed |= pass.scale(set, count);
            }
        }
        return changed;
    }
}
