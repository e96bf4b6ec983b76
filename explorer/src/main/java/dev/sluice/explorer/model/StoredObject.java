package dev.sluice.explorer.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Observation.ServiceView;
import java.util.Map;
import java.util.TreeMap;

/// One version of a Service, Ingress or route.
///
/// @param service the same as rollout-service sees a Service; of no use for other kinds
public record StoredObject(long version, ObjectNode json, ServiceView service) {

    static StoredObject of(long version, ObjectNode json) {
        return new StoredObject(
                version,
                json,
                new ServiceView(
                        json.path("metadata").path("name").asText(),
                        strings(json.path("spec").path("selector")),
                        strings(json.path("metadata").path("annotations"))));
    }

    private static Map<String, String> strings(JsonNode object) {
        Map<String, String> map = new TreeMap<>();
        object.properties().forEach(e -> map.put(e.getKey(), e.getValue().asText()));
        return map;
    }
}
