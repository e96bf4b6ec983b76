package dev.sluice.explorer.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// Patches of JSON trees that leave the original as it is, so that caches may keep it.
public final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    public static ObjectNode object(String text) {
        try {
            if (MAPPER.readTree(text) instanceof ObjectNode found) {
                return found;
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
        throw new IllegalArgumentException("not an object: " + text);
    }

    /// A JSON merge patch (RFC 7386); what does not change is shared with the original.
    public static ObjectNode merged(ObjectNode base, JsonNode patch) {
        ObjectNode next = JsonNodeFactory.instance.objectNode();
        next.setAll(base);
        patch.properties()
                .forEach(
                        field -> {
                            JsonNode value = field.getValue();
                            if (value.isNull()) {
                                next.remove(field.getKey());
                            } else if (value.isObject()) {
                                next.set(
                                        field.getKey(), merged(child(base, field.getKey()), value));
                            } else {
                                next.set(field.getKey(), value);
                            }
                        });
        return next;
    }

    private static ObjectNode child(ObjectNode base, String field) {
        return base.path(field) instanceof ObjectNode found
                ? found
                : JsonNodeFactory.instance.objectNode();
    }

    /// A JSON patch (RFC 6902) of `add`, `replace` and `remove`.
    public static ObjectNode patched(ObjectNode base, ArrayNode operations) {
        ObjectNode next = base.deepCopy();
        for (JsonNode operation : operations) {
            apply(next, operation);
        }
        return next;
    }

    private static void apply(ObjectNode root, JsonNode operation) {
        String pointer = operation.path("path").asText();
        int last = pointer.lastIndexOf('/');
        String key = pointer.substring(last + 1).replace("~1", "/").replace("~0", "~");
        boolean isRemoval = operation.path("op").asText().equals("remove");
        JsonNode value = operation.path("value");
        switch (root.at(pointer.substring(0, last))) {
            case ObjectNode parent -> {
                if (isRemoval) {
                    parent.remove(key);
                } else {
                    parent.set(key, value);
                }
            }
            case ArrayNode parent -> change(parent, key, operation.path("op").asText(), value);
            default -> throw new IllegalArgumentException("no such place: " + pointer);
        }
    }

    private static void change(ArrayNode parent, String key, String op, JsonNode value) {
        int index = key.equals("-") ? parent.size() : Integer.parseInt(key);
        switch (op) {
            case "remove" -> parent.remove(index);
            case "replace" -> parent.set(index, value);
            default -> parent.insert(index, value);
        }
    }
}
