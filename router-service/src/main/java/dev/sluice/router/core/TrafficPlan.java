package dev.sluice.router.core;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The routing that a Rollout wants now: `status.trafficPlan`, written by rollout-service.
///
/// @param id rises with every plan of a Rollout; an older plan is never written over a newer one
/// @param attempt the release attempt that it belongs to
/// @param writtenAt when it was written; after a grace period it is carried out without its event
/// @param abort whether it takes traffic back
/// @param maxWeight what weights sum to
/// @param anchor the Service that carries the evidence
/// @param services the selectors that are wanted
/// @param canaryWeight share of the canary Service at every router; empty without a router
/// @param complete whether evidence for this plan is already recorded in the Rollout's status
public record TrafficPlan(
        long id,
        long attempt,
        Instant writtenAt,
        boolean abort,
        int maxWeight,
        String anchor,
        List<ServiceTarget> services,
        Optional<Integer> canaryWeight,
        boolean complete) {

    /// One Service and the revision that it has to select.
    public record ServiceTarget(String name, Role role, String podTemplateHash) {}

    public TrafficPlan {
        services = List.copyOf(services);
        if (maxWeight < 1) {
            throw new IllegalArgumentException("maxWeight must be at least 1, is " + maxWeight);
        }
        if (canaryWeight.isPresent()
                && (canaryWeight.get() < 0 || canaryWeight.get() > maxWeight)) {
            throw new IllegalArgumentException(
                    "weights.canary must be between 0 and "
                            + maxWeight
                            + ", is "
                            + canaryWeight.get());
        }
        if (anchor.isBlank()) {
            throw new IllegalArgumentException("anchor is missing");
        }
    }

    /// The target with this role.
    public Optional<ServiceTarget> target(Role role) {
        return services.stream().filter(t -> t.role() == role).findFirst();
    }
}
