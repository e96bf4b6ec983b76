package dev.sluice.explorer.check;

import dev.sluice.explorer.model.Cluster;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// ReplicaSets and EndpointSlices at one moment.
///
/// @param sets by name
/// @param experimentSets those of Experiments, by name
/// @param slices ready endpoints by Service and revision
/// @param changed when they changed last, by Service
/// @param millis when all of it was read
public record CapacityRead(
        Map<String, ReplicaSetView> sets,
        Map<String, ReplicaSetView> experimentSets,
        Map<String, Map<String, Integer>> slices,
        Map<String, Instant> changed,
        long millis) {

    public static CapacityRead of(Cluster cluster) {
        Map<String, Map<String, Integer>> slices = new TreeMap<>();
        Map<String, Instant> changed = new TreeMap<>();
        for (String service : cluster.services()) {
            slices.put(service, cluster.slice(service));
            cluster.sliceChangedAt(service).ifPresent(at -> changed.put(service, at));
        }
        Map<String, ReplicaSetView> experimentSets = new TreeMap<>();
        cluster.experimentSets().forEach((name, set) -> experimentSets.put(name, set.object()));
        return new CapacityRead(
                cluster.sets(),
                experimentSets,
                Collections.unmodifiableMap(slices),
                Collections.unmodifiableMap(changed),
                cluster.millis());
    }

    /// Available pods of a revision, not more than it is to have; those of an Experiment are
    /// counted behind its Service.
    public int available(String hash) {
        for (ReplicaSetView set : sets.values()) {
            if (set.hash().equals(hash)) {
                return Math.min(set.replicas(), set.available());
            }
        }
        boolean isOfExperiment =
                experimentSets.values().stream().anyMatch(s -> s.hash().equals(hash));
        return isOfExperiment ? listed(hash) : 0;
    }

    private int listed(String hash) {
        return slices.values().stream()
                .filter(slice -> slice.size() == 1)
                .mapToInt(slice -> slice.getOrDefault(hash, 0))
                .max()
                .orElse(0);
    }
}
