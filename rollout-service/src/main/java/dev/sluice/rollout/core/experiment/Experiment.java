package dev.sluice.rollout.core.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.Sorted;
import java.util.Map;
import java.util.Optional;

/// An Experiment as it was read.
public record Experiment(Meta meta, ExperimentSpec spec, ExperimentStatus status, JsonNode json) {

    /// Identity and metadata.
    ///
    /// @param rollout the Rollout that controls it, if a canary step asked for it
    public record Meta(
            String namespace,
            String name,
            String uid,
            String resourceVersion,
            boolean deleting,
            Map<String, String> labels,
            Optional<RolloutRef> rollout) {
        public Meta {
            labels = Sorted.copy(labels);
        }
    }

    /// The Rollout that an Experiment belongs to.
    public record RolloutRef(String name, String uid) {}
}
