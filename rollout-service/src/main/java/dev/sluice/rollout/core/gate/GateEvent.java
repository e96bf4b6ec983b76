package dev.sluice.rollout.core.gate;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/// An event from outside that may complete a step.
///
/// @param type its CDEvents type, with version
/// @param body the whole CDEvent
public record GateEvent(
        String id, String source, String type, Instant time, String subjectId, JsonNode body) {}
