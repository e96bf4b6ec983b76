package dev.sluice.router.core;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Everything that the next write depends on.
///
/// @param capacity pods by revision of the Rollout
/// @param destinations pods behind each additional Service of the plan
public record Situation(
        TrafficPlan plan,
        int replicas,
        Threshold threshold,
        List<ServiceState> services,
        List<RouteState> routes,
        Map<String, Capacity> capacity,
        Map<String, Capacity> destinations,
        Instant now) {

    public Situation {
        services = List.copyOf(services);
        routes = List.copyOf(routes);
        capacity = new LinkedHashMap<>(capacity);
        destinations = new LinkedHashMap<>(destinations);
    }

    /// Capacity of a revision; none when it has no ReplicaSet.
    public Capacity capacityOf(String hash) {
        return capacity.getOrDefault(hash, Capacity.none());
    }

    /// Capacity behind an additional Service; none when it has no endpoints.
    public Capacity destination(String service) {
        return destinations.getOrDefault(service, Capacity.none());
    }
}
