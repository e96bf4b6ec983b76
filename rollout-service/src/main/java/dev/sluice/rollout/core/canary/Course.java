package dev.sluice.rollout.core.canary;

import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.Planning;
import dev.sluice.rollout.core.Step;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.TrafficPlan;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/// The way from the share that the canary Service has to the one that it should have, and the
/// size that the stable revision needs on it.
///
/// Up, the share follows the canary's pods. Down, it follows the stable revision's: with
/// `dynamicStableScale` that revision has grown small, so the share goes back level by level,
/// each only when the stable pods for it are there (A2). A level is a weight of the steps. No
/// level waits for anything but pods of the stable revision and evidence for the one before, so
/// the way cannot block itself (L5).
final class Course {
    private final Pass pass;
    private final Strategy.Canary canary;
    private final Weights weights;

    /// The share that the canary Service has in the plan.
    private final int present;

    /// The revision that receives this share.
    private final String carrier;

    Course(Pass pass, Strategy.Canary canary, Weights weights) {
        this.pass = pass;
        this.canary = canary;
        this.weights = weights;
        String service = ServicePair.of(canary, pass.next.stablePingPong).canary();
        this.present = pass.next.trafficPlan.map(p -> p.shareOf(service)).orElse(0);
        this.carrier = Planning.selected(pass, service);
    }

    /// The share that the router should give to the canary Service now (T1, T2).
    int weight() {
        int goal = goal();
        if (goal >= present || isCarriedByStable() || (!canary.dynamicStableScale() && isOver())) {
            return goal;
        }
        boolean isDead = available(carrier) == 0;
        return isDead ? goal : lowestCarried(goal);
    }

    /// The pods that a dynamically scaled stable revision should have: for what it should carry,
    /// and for what it is seen to carry. A router that may give the canary less than planned, for
    /// an abort raises nothing, would otherwise wait for ever for the stable pods (A3, L5).
    int stableSize() {
        int seen =
                pass.next
                        .trafficPlan
                        .flatMap(plan -> plan.observed().filter(o -> o.plan() == plan.id()))
                        .flatMap(TrafficPlan.Observed::weights)
                        .map(TrafficPlan.Weights::stable)
                        .orElse(0);
        return Math.max(plannedStableSize(), need(seen));
    }

    private int plannedStableSize() {
        if (pass.next.trafficPlan.isEmpty()) {
            return pass.replicas(); // nothing is routed yet, and the first plan waits for all (L5)
        }
        int max = canary.maxWeight();
        int goal = goal();
        if (isCarriedByStable()) {
            return need(max);
        }
        if (goal >= present) {
            return need(max - present);
        }
        int weight = weight();
        if (weight < present) {
            return need(max - weight);
        }
        return need(max - (isCarrierTrimmed() ? nextLevel(goal) : present));
    }

    /// Neither the present share's revision nor its steps count any more.
    private boolean isOver() {
        return pass.isAborted() || pass.isFullyPromoted() || isSuperseded();
    }

    /// A revision that is neither the new one nor the stable one still has the canary's share.
    boolean isSuperseded() {
        return present > 0 && !carrier.equals(pass.newHash()) && !isCarriedByStable();
    }

    private boolean isCarriedByStable() {
        return carrier.equals(pass.next.stableRS);
    }

    private int goal() {
        Optional<ReplicaSetView> fresh = pass.sets.newSet();
        int n = pass.replicas();
        if (isOver() || fresh.isEmpty() || (fresh.get().available() == 0 && n > 0)) {
            return 0;
        }
        int max = canary.maxWeight();
        int available = fresh.get().available();
        if (pass.next.promoteFull && canary.dynamicStableScale()) {
            int carried = n == 0 ? max : (int) Math.min(max, (long) max * available / n);
            return weights.isAtDesiredCounts() ? max : Math.max(present, carried);
        }
        int aim = weights.setWeight();
        if (pass.next.promoteFull) {
            return weights.isAtDesiredCounts() ? aim : present;
        }
        if (aim < present) {
            return aim;
        }
        boolean isMet =
                aim > present
                        ? weights.isAtDesiredCounts()
                        : available >= need(aim) || weights.isThresholdMet(need(aim), available);
        if (isMet) {
            return aim;
        }
        return canary.dynamicStableScale() ? present : Math.min(weights.weightBefore(), present);
    }

    /// The lowest level from `goal` up to the present share that leaves the stable revision no
    /// more than it can carry (A2, T7).
    private int lowestCarried(int goal) {
        int max = canary.maxWeight();
        int stable = available(pass.next.stableRS);
        for (int level : levels(goal)) {
            if (stable >= need(max - level)) {
                return level;
            }
        }
        return present;
    }

    private NavigableSet<Integer> levels(int goal) {
        NavigableSet<Integer> levels = new TreeSet<>();
        levels.add(goal);
        for (Step step : canary.steps()) {
            if (step instanceof Step.SetWeight(int w) && w > goal && w < present) {
                levels.add(w);
            }
        }
        return levels;
    }

    /// The next level on the way down for which fewer pods of the carrier suffice.
    private int nextLevel(int goal) {
        return levels(goal).descendingSet().stream()
                .filter(w -> need(w) < need(present))
                .findFirst()
                .orElse(goal);
    }

    /// Before the stable revision grows further the other gives its surplus back, so that never
    /// more than one level is run twice (H7).
    private boolean isCarrierTrimmed() {
        boolean isKept =
                pass.isAborted()
                        && canary.abortScaleDownDelay().isPresent()
                        && carrier.equals(pass.newHash());
        Optional<ReplicaSetView> set = pass.sets.withHash(carrier);
        return isKept
                || set.isEmpty()
                || set.get().replicas() <= weights.atLeastMinimum(need(present));
    }

    private int need(int share) {
        return TrafficPlan.need(share, canary.maxWeight(), pass.replicas());
    }

    private int available(String hash) {
        return pass.sets.withHash(hash).map(ReplicaSetView::available).orElse(0);
    }
}
