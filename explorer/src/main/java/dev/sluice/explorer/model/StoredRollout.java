package dev.sluice.explorer.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.ParseResult;
import dev.sluice.rollout.core.RolloutParser;
import dev.sluice.rollout.core.RolloutStatus;
import java.util.Optional;

/// One version of the Rollout: as the API server has it, and as rollout-service reads it.
///
/// @param version its resourceVersion
public record StoredRollout(long version, ObjectNode json, ParseResult parsed) {

    static StoredRollout of(long version, ObjectNode json, Optional<ObjectNode> workload) {
        return new StoredRollout(
                version, json, RolloutParser.parse(json, workload.map(JsonNode.class::cast)));
    }

    /// As it is read with another version of the Deployment that it refers to.
    public ParseResult with(ObjectNode workload) {
        return RolloutParser.parse(json, Optional.of(workload));
    }

    public RolloutStatus status() {
        return switch (parsed) {
            case ParseResult.Valid(var rollout) -> rollout.status();
            case ParseResult.Invalid invalid -> invalid.status();
        };
    }

    /// Wanted pods.
    public int replicas() {
        return json.path("spec").path("replicas").asInt(1);
    }

    /// Somebody asked for younger pods and has not got them yet.
    public boolean isRestarting() {
        String asked = json.path("spec").path("restartAt").asText();
        return !asked.isEmpty() && !asked.equals(json.path("status").path("restartedAt").asText());
    }

    public long generation() {
        return json.path("metadata").path("generation").asLong();
    }
}
