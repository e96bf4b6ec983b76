package dev.sluice.explorer.model;

import dev.sluice.rollout.core.Observation.ReplicaSetView;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Versions of a ReplicaSet.
public final class Sets {
    private Sets() {}

    /// After a change of its spec or metadata.
    static ReplicaSetView with(
            ReplicaSetView set,
            long version,
            Map<String, String> annotations,
            int minReadySeconds,
            int replicas) {
        return of(
                set,
                version,
                annotations,
                minReadySeconds,
                replicas,
                set.created(),
                set.available(),
                set.generationObserved() && replicas == set.replicas());
    }

    /// The same version with another annotation.
    public static ReplicaSetView annotated(ReplicaSetView set, String key, String value) {
        Map<String, String> annotations = new TreeMap<>(set.annotations());
        annotations.put(key, value);
        return of(
                set,
                Long.parseLong(set.resourceVersion()),
                annotations,
                set.minReadySeconds(),
                set.replicas(),
                set.created(),
                set.available(),
                set.generationObserved());
    }

    /// After its controller wrote what it found.
    static ReplicaSetView reported(ReplicaSetView set, long version, int created, int ready) {
        return of(
                set,
                version,
                set.annotations(),
                set.minReadySeconds(),
                set.replicas(),
                created,
                ready,
                true);
    }

    private static ReplicaSetView of(
            ReplicaSetView set,
            long version,
            Map<String, String> annotations,
            int minReadySeconds,
            int replicas,
            int created,
            int available,
            boolean observed) {
        return new ReplicaSetView(
                set.name(),
                set.uid(),
                Long.toString(version),
                set.owned(),
                set.deleting(),
                set.creation(),
                set.labels(),
                annotations,
                set.template(),
                minReadySeconds,
                replicas,
                created,
                available,
                available,
                observed,
                Optional.empty());
    }
}
