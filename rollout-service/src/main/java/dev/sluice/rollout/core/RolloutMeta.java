package dev.sluice.rollout.core;

import java.util.Map;

/// Identity and metadata of the Rollout that is decided on.
public record RolloutMeta(
        String namespace,
        String name,
        String uid,
        String resourceVersion,
        long generation,
        Map<String, String> labels,
        Map<String, String> annotations) {

    public RolloutMeta {
        labels = Sorted.copy(labels);
        annotations = Sorted.copy(annotations);
    }

    /// The same object after a write of ours.
    public RolloutMeta withVersion(String version) {
        return new RolloutMeta(namespace, name, uid, version, generation, labels, annotations);
    }
}
