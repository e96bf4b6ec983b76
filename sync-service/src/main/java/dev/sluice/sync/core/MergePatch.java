package dev.sluice.sync.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/// The JSON merge patch (RFC 7386) that leads from one tree to another. Equal trees give an empty
/// patch.
public final class MergePatch {
    private MergePatch() {}

    public static ObjectNode between(JsonNode from, JsonNode to) {
        ObjectNode patch = JsonTrees.object();
        for (Map.Entry<String, JsonNode> field : JsonTrees.fields(to)) {
            JsonNode before = from.path(field.getKey());
            if (before.isObject() && field.getValue().isObject()) {
                ObjectNode inner = between(before, field.getValue());
                if (!inner.isEmpty()) {
                    patch.set(field.getKey(), inner);
                }
            } else if (!before.equals(field.getValue())) {
                patch.set(field.getKey(), field.getValue().deepCopy());
            }
        }
        for (Map.Entry<String, JsonNode> field : JsonTrees.fields(from)) {
            if (!to.has(field.getKey()) && !field.getValue().isNull()) {
                patch.putNull(field.getKey());
            }
        }
        return patch;
    }
}
