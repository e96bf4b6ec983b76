package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;

/// Reads a Rollout object once, at the edge; behind it everything is typed.
public final class RolloutParser {
    private RolloutParser() {}

    public static ParseResult parse(JsonNode rollout) {
        throw new UnsupportedOperationException(rollout.path("kind").asText());
    }
}
