package dev.sluice.explorer.check;

import dev.sluice.explorer.model.Cluster;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// ReplicaSets and EndpointSlices at one moment.
///
/// @param sets by name
/// @param slices ready endpoints by Service and revision
public record CapacityRead(
        Map<String, ReplicaSetView> sets, Map<String, Map<String, Integer>> slices) {

    public static CapacityRead of(Cluster cluster) {
        Map<String, Map<String, Integer>> slices = new TreeMap<>();
        cluster.scenario().services().forEach(s -> slices.put(s, cluster.slice(s)));
        return new CapacityRead(cluster.sets(), Collections.unmodifiableMap(slices));
    }

    /// Available pods of a revision, not more than it is to have.
    public int available(String hash) {
        for (ReplicaSetView set : sets.values()) {
            if (set.hash().equals(hash)) {
                return Math.min(set.replicas(), set.available());
            }
        }
        return 0;
    }
}
