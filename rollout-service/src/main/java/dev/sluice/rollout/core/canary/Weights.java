package dev.sluice.rollout.core.canary;

import dev.sluice.rollout.core.Capacity;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.Planning;
import dev.sluice.rollout.core.Step;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.canary.ReplicaMath.Counts;
import java.util.Optional;

/// Which share, and how many pods, the present step asks for.
final class Weights {
    private final Pass pass;
    private final Strategy.Canary canary;

    Weights(Pass pass, Strategy.Canary canary) {
        this.pass = pass;
        this.canary = canary;
    }

    /// The index of the present step; the number of steps when all are done.
    int index() {
        int count = canary.steps().size();
        return Math.max(0, Math.min(count, pass.next.currentStepIndex.orElse(count)));
    }

    Optional<Step> currentStep() {
        int index = index();
        return index < canary.steps().size()
                ? Optional.of(canary.steps().get(index))
                : Optional.empty();
    }

    int setWeight() {
        if (pass.isAborted()) {
            return 0;
        }
        return index() >= canary.steps().size() ? canary.maxWeight() : lastWeight(index());
    }

    private int lastWeight(int upTo) {
        for (int i = Math.min(upTo, canary.steps().size() - 1); i >= 0; i--) {
            if (canary.steps().get(i) instanceof Step.SetWeight(int weight)) {
                return weight;
            }
        }
        return 0;
    }

    private boolean wantsAll() {
        return pass.next.promoteFull || pass.next.stableRS.isEmpty() || pass.isFullyPromoted();
    }

    /// The weight that the steps lead to, a full promotion included.
    int aimedWeight() {
        return wantsAll() ? canary.maxWeight() : setWeight();
    }

    /// The weight of the steps before the present one.
    int weightBefore() {
        return index() == 0 ? 0 : lastWeight(index() - 1);
    }

    /// The counts that the strategy wants in the end; [ReplicaMath] finds the way there without
    /// a router.
    Counts counts() {
        int n = pass.replicas();
        if (isWithoutStable()) {
            return new Counts(n, 0);
        }
        return canary.isRouted()
                ? new Counts(canaryCount(), stableCount())
                : ReplicaMath.desired(
                        n, canary.maxSurge().roundUp(n), aimedWeight(), canary.maxWeight());
    }

    /// No stable revision, or it is the new one itself.
    private boolean isWithoutStable() {
        return pass.next.stableRS.isEmpty() || pass.isFullyPromoted() || pass.stableSet().isEmpty();
    }

    /// A canary scale that the steps declare may exceed what the share needs, never fall below
    /// it (T1).
    private int canaryCount() {
        int n = pass.replicas();
        int max = canary.maxWeight();
        int needed = atLeastMinimum(TrafficPlan.need(aimedWeight(), max, n));
        if (wantsAll() || pass.isAborted() || index() >= canary.steps().size()) {
            return needed;
        }
        Optional<Step.SetCanaryScale> scale = explicitScale();
        boolean isRoutedTo = n > 0 && !ManagedRoutes.at(canary, index()).isEmpty();
        int least = Math.max(isRoutedTo ? 1 : 0, TrafficPlan.need(setWeight(), max, n));
        if (scale.isEmpty()) {
            return Math.max(least, needed);
        }
        if (scale.get().replicas().isPresent()) {
            int given = scale.get().replicas().get();
            return Math.max(least, canary.dynamicStableScale() ? atLeastMinimum(given) : given);
        }
        return scale.get()
                .weight()
                .map(w -> Math.max(least, atLeastMinimum(TrafficPlan.need(w, max, n))))
                .orElse(needed);
    }

    private int stableCount() {
        return canary.dynamicStableScale()
                ? atLeastMinimum(new Course(pass, canary, this).stableSize())
                : pass.replicas();
    }

    private Optional<Step.SetCanaryScale> explicitScale() {
        for (int i = index(); i >= 0; i--) {
            if (canary.steps().get(i) instanceof Step.SetCanaryScale scale) {
                return scale.matchTrafficWeight() ? Optional.empty() : Optional.of(scale);
            }
        }
        return Optional.empty();
    }

    int atLeastMinimum(int count) {
        return count == 0
                ? 0
                : Math.max(count, Math.min(canary.minPodsPerReplicaSet(), pass.replicas()));
    }

    boolean isThresholdMet(int want, int available) {
        return Planning.threshold(pass).map(t -> t.isMet(want, available)).orElse(false);
    }

    /// The gate of every step: the revisions have the counts that the step wants.
    boolean isAtDesiredCounts() {
        int n = pass.replicas();
        Counts want =
                canary.isRouted() ? new Counts(isWithoutStable() ? n : canaryCount(), n) : counts();
        boolean enough =
                pass.sets
                        .newSet()
                        .map(rs -> isEnough(rs, want.canary()))
                        .orElse(want.canary() == 0);
        boolean othersGone =
                canary.isRouted()
                        || pass.others().stream().mapToInt(ReplicaSetView::available).sum() == 0;
        return enough && (isStableAt(want.stable()) || pass.isFullyPromoted()) && othersGone;
    }

    private boolean isEnough(ReplicaSetView set, int want) {
        return isThresholdMet(want, set.available())
                || isKept(set, want)
                || (set.replicas() == want && set.available() == want);
    }

    /// The last pod stays while a Service selects it (D2), and holds nothing up (L5).
    private boolean isKept(ReplicaSetView set, int want) {
        return want == 0 && set.replicas() == 1 && Capacity.isReachable(pass, set.hash());
    }

    /// A stable revision that shrinks with its share, or is gone, holds nothing up (L2).
    private boolean isStableAt(int want) {
        Optional<ReplicaSetView> stable = pass.stableSet();
        return stable.isEmpty()
                ? !pass.next.stableRS.isEmpty()
                : canary.dynamicStableScale()
                        || isKept(stable.get(), want)
                        || (stable.get().replicas() == want && stable.get().created() == want);
    }
}
