package dev.sluice.router.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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
/// @param additional Services of experiments that have a share beside canary and stable
/// @param routes header and mirror routes in force
/// @param live the share for which rollout-service keeps pods, by revision
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
        List<Destination> additional,
        List<ManagedRoute> routes,
        Map<String, Integer> live,
        boolean complete) {

    /// A Service of an experiment, and its share.
    public record Destination(String serviceName, String podTemplateHash, int weight) {}

    /// A route that goes before the weights: matching requests go to the canary Service, or a copy
    /// of them when it is a mirror.
    ///
    /// @param match the conditions as the step has them
    public record ManagedRoute(
            String name, boolean mirror, JsonNode match, Optional<Integer> percentage) {}

    /// One Service and the revision that it has to select.
    public record ServiceTarget(String name, Role role, String podTemplateHash) {}

    public TrafficPlan {
        services = List.copyOf(services);
        additional = List.copyOf(additional);
        routes = List.copyOf(routes);
        live = Map.copyOf(live);
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

    /// What every routing object shall do.
    public Routing routing() {
        return new Routing(canaryWeight.orElse(0), additional, routes);
    }

    /// The target with this role.
    public Optional<ServiceTarget> target(Role role) {
        return services.stream().filter(t -> t.role() == role).findFirst();
    }
}
