package dev.sluice.rollout.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.RolloutMeta;
import dev.sluice.runtime.WriteResult;
import java.util.Optional;

/// Rollouts read past every cache, for commands that must not act on an old state.
public interface Rollouts {
    /// The object as the API server has it now.
    Optional<JsonNode> fresh(String namespace, String name);

    /// The object that the Rollout's `workloadRef` names, as the API server has it now.
    Optional<JsonNode> workload(JsonNode rollout);

    /// Changes the spec, conditional on the version that was read.
    WriteResult writeSpec(RolloutMeta rollout, ObjectNode patch);
}
