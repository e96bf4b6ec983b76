package dev.sluice.router.core;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Everything that the next write depends on.
public record Situation(
        TrafficPlan plan,
        int replicas,
        Threshold threshold,
        List<ServiceState> services,
        List<RouteState> routes,
        Map<String, Capacity> capacity,
        Instant now) {

    public Situation {
        services = List.copyOf(services);
        routes = List.copyOf(routes);
        capacity = new LinkedHashMap<>(capacity);
    }

    /// Capacity of a revision; none when it has no ReplicaSet.
    public Capacity capacityOf(String hash) {
        return capacity.getOrDefault(hash, Capacity.none());
    }
}
