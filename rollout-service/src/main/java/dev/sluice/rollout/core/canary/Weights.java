package dev.sluice.rollout.core.canary;

import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Pass;
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

    /// The counts that the strategy wants in the end; [ReplicaMath] finds the way there without
    /// a router.
    Counts counts() {
        int n = pass.replicas();
        if (pass.next.stableRS.isEmpty() || pass.isFullyPromoted() || pass.stableSet().isEmpty()) {
            return new Counts(n, 0);
        }
        int max = canary.maxWeight();
        int weight = wantsAll() ? max : setWeight();
        if (!canary.isRouted()) {
            return ReplicaMath.desired(n, canary.maxSurge().roundUp(n), weight, max);
        }
        if (!wantsAll() && !pass.isAborted() && index() < canary.steps().size()) {
            Optional<Step.SetCanaryScale> scale = explicitScale();
            if (scale.isPresent() && scale.get().replicas().isPresent()) {
                return new Counts(scale.get().replicas().get(), n);
            }
            weight = scale.flatMap(Step.SetCanaryScale::weight).orElse(weight);
        }
        return new Counts(atLeastMinimum(TrafficPlan.need(weight, max, n)), n);
    }

    private Optional<Step.SetCanaryScale> explicitScale() {
        for (int i = index(); i >= 0; i--) {
            if (canary.steps().get(i) instanceof Step.SetCanaryScale scale) {
                return scale.matchTrafficWeight() ? Optional.empty() : Optional.of(scale);
            }
        }
        return Optional.empty();
    }

    private int atLeastMinimum(int count) {
        return count == 0
                ? 0
                : Math.max(count, Math.min(canary.minPodsPerReplicaSet(), pass.replicas()));
    }

    boolean isThresholdMet(int want, int available) {
        return canary.threshold().map(t -> t.isMet(want, available)).orElse(false);
    }

    /// The gate of every step: both revisions have the counts that the step wants.
    boolean isAtDesiredCounts() {
        Counts want = counts();
        Optional<ReplicaSetView> fresh = pass.sets.newSet();
        boolean enough =
                fresh.map(
                                rs ->
                                        isThresholdMet(want.canary(), rs.available())
                                                || (rs.replicas() == want.canary()
                                                        && rs.available() == want.canary()))
                        .orElse(want.canary() == 0);
        Optional<ReplicaSetView> stable = pass.stableSet();
        boolean stableFits =
                stable.map(rs -> rs.replicas() == want.stable() && rs.created() == want.stable())
                        .orElse(false);
        boolean othersGone =
                canary.isRouted()
                        || pass.others().stream().mapToInt(ReplicaSetView::available).sum() == 0;
        return enough && (stableFits || pass.isFullyPromoted()) && othersGone;
    }

    /// The share that the router should give to the canary Service now (T1, T2).
    int routed() {
        Optional<ReplicaSetView> fresh = pass.sets.newSet();
        if (pass.isFullyPromoted()
                || pass.isAborted()
                || fresh.isEmpty()
                || fresh.get().available() == 0) {
            return 0;
        }
        if (isAtDesiredCounts()) {
            return setWeight();
        }
        int before = pass.next.promoteFull || index() == 0 ? 0 : lastWeight(index() - 1);
        int present =
                pass.next
                        .trafficPlan
                        .flatMap(TrafficPlan::weights)
                        .map(TrafficPlan.Weights::canary)
                        .orElse(0);
        return pass.next.promoteFull ? present : Math.min(before, present);
    }
}
