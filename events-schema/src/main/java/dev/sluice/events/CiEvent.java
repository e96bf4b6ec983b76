package dev.sluice.events;

import com.fasterxml.jackson.databind.JsonNode;

/// A CDEvent from outside CI, kept as it came.
///
/// @param cdType its CDEvents type, for example `dev.cdevents.testsuiterun.finished.0.2.0`
/// @param subjectId id of its subject
/// @param content the whole CDEvent
public record CiEvent(String cdType, String subjectId, JsonNode content) implements EventData {
    @Override
    public Topic topic() {
        return Topic.CI;
    }
}
