package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.ObjectRef;
import java.util.Map;

/// Builds conditional writes of single fields.
final class Owned {

    static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private Owned() {}

    /// A merge patch with nothing in it but the condition.
    static ObjectNode mergePatch(JsonNode object) {
        ObjectNode patch = JSON.objectNode();
        patch.putObject("metadata")
                .put("resourceVersion", object.path("metadata").path("resourceVersion").asText());
        return patch;
    }

    static void annotate(ObjectNode patch, String key, String value) {
        patch.withObjectProperty("metadata").withObjectProperty("annotations").put(key, value);
    }

    /// A JSON patch with nothing in it but the condition.
    static ArrayNode operations(JsonNode object) {
        ArrayNode operations = JSON.arrayNode();
        operations
                .addObject()
                .put("op", "replace")
                .put("path", "/metadata/resourceVersion")
                .put("value", object.path("metadata").path("resourceVersion").asText());
        return operations;
    }

    /// Sets entries of a string map under `/metadata`, leaving the others as they are.
    static void put(
            ArrayNode operations, JsonNode object, String map, Map<String, String> entries) {
        if (entries.isEmpty()) {
            return;
        }
        if (!object.path("metadata").path(map).isObject()) {
            ObjectNode all = JSON.objectNode();
            entries.forEach(all::put);
            operations
                    .addObject()
                    .put("op", "add")
                    .put("path", "/metadata/" + map)
                    .set("value", all);
            return;
        }
        entries.forEach(
                (key, value) ->
                        operations
                                .addObject()
                                .put("op", "add")
                                .put("path", "/metadata/" + map + "/" + pointer(key))
                                .put("value", value));
    }

    static void remove(ArrayNode operations, String map, String key) {
        operations
                .addObject()
                .put("op", "remove")
                .put("path", "/metadata/" + map + "/" + pointer(key));
    }

    static Change.Merge merge(ObjectRef ref, ObjectNode patch) {
        return new Change.Merge(ref, patch);
    }

    private static String pointer(String key) {
        return key.replace("~", "~0").replace("/", "~1");
    }
}
