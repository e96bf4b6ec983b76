package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.policy.ReleasePolicy;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// The spec of a Rollout with its defaults filled in. The pod template and the selector stay
/// opaque JSON.
public record RolloutSpec(
        int replicas,
        boolean replicasGiven,
        JsonNode selector,
        Map<String, String> matchLabels,
        JsonNode template,
        int minReadySeconds,
        int rollbackWindow,
        int revisionHistoryLimit,
        boolean paused,
        int progressDeadlineSeconds,
        boolean progressDeadlineAbort,
        Optional<Instant> restartAt,
        int successfulRunHistoryLimit,
        int unsuccessfulRunHistoryLimit,
        Strategy strategy,
        Optional<WorkloadRef> workloadRef,
        ReleasePolicy policy) {

    public RolloutSpec {
        matchLabels = Sorted.copy(matchLabels);
    }

    /// The object whose pod template is released instead of one of our own.
    public record WorkloadRef(String apiVersion, String kind, String name, ScaleDown scaleDown) {}

    /// What becomes of the referenced Deployment's own pods.
    public enum ScaleDown {
        NEVER,
        ONSUCCESS,
        PROGRESSIVELY
    }
}
