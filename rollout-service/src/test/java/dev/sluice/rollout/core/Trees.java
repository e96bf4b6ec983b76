package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// JSON as the API server treats it.
public final class Trees {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Trees() {}

    public static JsonNode json(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A JSON merge patch.
    public static void merge(ObjectNode target, JsonNode patch) {
        for (Map.Entry<String, JsonNode> e : patch.properties()) {
            if (e.getValue().isNull()) {
                target.remove(e.getKey());
            } else if (e.getValue().isObject()) {
                ObjectNode child =
                        target.path(e.getKey()).isObject()
                                ? (ObjectNode) target.path(e.getKey())
                                : target.putObject(e.getKey());
                merge(child, e.getValue());
            } else {
                target.set(e.getKey(), e.getValue());
            }
        }
    }

    /// Changes of annotations; what is empty goes.
    public static void annotate(ObjectNode annotations, Map<String, Optional<String>> changes) {
        changes.forEach(
                (k, v) ->
                        v.ifPresentOrElse(x -> annotations.put(k, x), () -> annotations.remove(k)));
    }

    /// Labels, annotations or a selector.
    public static Map<String, String> strings(JsonNode object) {
        Map<String, String> map = new TreeMap<>();
        object.properties().forEach(e -> map.put(e.getKey(), e.getValue().asText()));
        return map;
    }
}
