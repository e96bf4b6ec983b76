package dev.sluice.sync.core;

import java.util.List;
import java.util.Optional;

/// One object of an application: what Git wants, what is live, and how they differ.
public record ResourceState(
        ObjectKey key,
        String version,
        Optional<KubeObject> target,
        Optional<KubeObject> live,
        Optional<SyncCode> status,
        Optional<Health> health,
        List<ThreeWayDiff.Difference> differences,
        Hooks hooks) {
    public ResourceState {
        differences = List.copyOf(differences);
    }

    public boolean requiresPruning() {
        return target.isEmpty() && live.isPresent();
    }

    public boolean isHook() {
        return hooks instanceof Hooks.In;
    }

    public KubeObject either() {
        return target.or(() -> live).orElseThrow();
    }
}
