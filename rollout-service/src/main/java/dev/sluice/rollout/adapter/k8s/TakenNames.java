package dev.sluice.rollout.adapter.k8s;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Names that a Rollout wanted for a ReplicaSet and that belong to somebody else, as the API server
/// said when we tried. Such ReplicaSets may lack the label that our cache is limited to.
final class TakenNames {
    private final Map<String, Set<String>> byRollout = new ConcurrentHashMap<>();

    void add(String rolloutUid, String name) {
        byRollout.computeIfAbsent(rolloutUid, _ -> ConcurrentHashMap.newKeySet()).add(name);
    }

    Set<String> of(String rolloutUid) {
        return byRollout.getOrDefault(rolloutUid, Set.of());
    }

    void forget(String rolloutUid) {
        byRollout.remove(rolloutUid);
    }
}
