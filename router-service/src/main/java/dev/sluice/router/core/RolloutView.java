package dev.sluice.router.core;

import java.util.List;
import java.util.Optional;

/// What router-service needs to know of a Rollout.
///
/// @param apiVersion of the Rollout, for owner references
/// @param routers the configured routers in the order of the specification
/// @param managedRoutes names of header and mirror routes that are ours, in their order
/// @param experimentServices Services of experiments that were seen to have a share
/// @param pingPong whether the two Services change roles at each promotion
/// @param replicas pods wanted in total
/// @param plan the plan, absent until rollout-service wrote one
/// @param planProblem why `status.trafficPlan` could not be read
public record RolloutView(
        String namespace,
        String name,
        String uid,
        String apiVersion,
        boolean deleting,
        List<RouterConfig> routers,
        List<String> managedRoutes,
        Optional<String> stableService,
        Optional<String> canaryService,
        Optional<String> activeService,
        Optional<String> previewService,
        List<String> referencedServices,
        List<String> experimentServices,
        boolean pingPong,
        int replicas,
        Threshold threshold,
        Optional<TrafficPlan> plan,
        Optional<String> planProblem) {

    public RolloutView {
        routers = List.copyOf(routers);
        managedRoutes = List.copyOf(managedRoutes);
        experimentServices = List.copyOf(experimentServices);
        referencedServices = List.copyOf(referencedServices);
    }
}
