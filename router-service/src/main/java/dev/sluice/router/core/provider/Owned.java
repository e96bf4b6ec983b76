package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RolloutView;

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

    /// The JSON patch that turns one object into the other, field by field, and only on the
    /// version that was read.
    static ArrayNode difference(JsonNode before, JsonNode after) {
        ArrayNode operations = operations(before);
        difference("", before, after, operations);
        return operations;
    }

    private static void difference(
            String path, JsonNode before, JsonNode after, ArrayNode operations) {
        if (before.equals(after)) {
            return;
        }
        if (before.isObject() && after.isObject()) {
            before.fieldNames()
                    .forEachRemaining(
                            name -> {
                                if (!after.has(name)) {
                                    operations
                                            .addObject()
                                            .put("op", "remove")
                                            .put("path", path + "/" + pointer(name));
                                }
                            });
            after.properties()
                    .forEach(
                            e -> {
                                String field = path + "/" + pointer(e.getKey());
                                if (before.has(e.getKey())) {
                                    difference(
                                            field,
                                            before.path(e.getKey()),
                                            e.getValue(),
                                            operations);
                                } else {
                                    put("add", field, e.getValue(), operations);
                                }
                            });
        } else if (before.isArray() && after.isArray() && before.size() == after.size()) {
            for (int i = 0; i < before.size(); i++) {
                difference(path + "/" + i, before.path(i), after.path(i), operations);
            }
        } else {
            put("replace", path, after, operations);
        }
    }

    private static void put(String op, String path, JsonNode value, ArrayNode operations) {
        operations.addObject().put("op", op).put("path", path).set("value", value);
    }

    /// Whether `present` says all that `wanted` says; defaults that the API server added don't
    /// matter, further elements of lists do.
    static boolean covers(JsonNode present, JsonNode wanted) {
        if (wanted.isObject() && present.isObject()) {
            return wanted.properties().stream()
                    .allMatch(
                            e ->
                                    present.has(e.getKey())
                                            && covers(present.path(e.getKey()), e.getValue()));
        }
        if (wanted.isArray() && present.isArray() && wanted.size() == present.size()) {
            for (int i = 0; i < wanted.size(); i++) {
                if (!covers(present.path(i), wanted.path(i))) {
                    return false;
                }
            }
            return true;
        }
        return present.equals(wanted);
    }

    /// The owner reference of an object that goes with its Rollout.
    static ObjectNode ownedBy(RolloutView rollout) {
        return JSON.objectNode()
                .put("apiVersion", rollout.apiVersion())
                .put("kind", "Rollout")
                .put("name", rollout.name())
                .put("uid", rollout.uid())
                .put("controller", true)
                .put("blockOwnerDeletion", true);
    }

    /// Whether the Rollout controls an object.
    static boolean isOwnedBy(RolloutView rollout, JsonNode object) {
        for (JsonNode owner : object.path("metadata").path("ownerReferences")) {
            if (owner.path("controller").asBoolean()
                    && owner.path("uid").asText().equals(rollout.uid())) {
                return true;
            }
        }
        return false;
    }

    /// A new object of ours.
    static ObjectNode body(ObjectRef ref, RolloutView rollout) {
        ObjectNode body = JSON.objectNode();
        body.put("apiVersion", ref.apiVersion()).put("kind", ref.kind());
        ObjectNode metadata = body.putObject("metadata");
        metadata.put("name", ref.name()).put("namespace", ref.namespace());
        metadata.putObject("annotations");
        metadata.putArray("ownerReferences").add(ownedBy(rollout));
        return body;
    }

    /// Removes an object of ours that was read.
    static Change.Delete delete(ObjectRef ref, JsonNode object) {
        JsonNode metadata = object.path("metadata");
        return new Change.Delete(
                ref, metadata.path("uid").asText(), metadata.path("resourceVersion").asText());
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

    static Change.Merge merge(ObjectRef ref, ObjectNode patch) {
        return new Change.Merge(ref, patch);
    }

    private static String pointer(String key) {
        return key.replace("~", "~0").replace("/", "~1");
    }
}
