package dev.sluice.sync.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Reading and small edits of opaque JSON trees.
public final class JsonTrees {
    private JsonTrees() {}

    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    public static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    public static JsonNode at(JsonNode node, String... path) {
        JsonNode current = node;
        for (String step : path) {
            current = current.path(step);
        }
        return current;
    }

    /// The scalar at the path as text; empty when there is none.
    public static String text(JsonNode node, String... path) {
        JsonNode found = at(node, path);
        return found.isValueNode() && !found.isNull() ? found.asText() : "";
    }

    public static Optional<String> optional(JsonNode node, String... path) {
        String text = text(node, path);
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    public static boolean flag(JsonNode node, String... path) {
        return at(node, path).asBoolean(false);
    }

    public static OptionalLong number(JsonNode node, String... path) {
        JsonNode found = at(node, path);
        return found.isNumber() ? OptionalLong.of(found.asLong()) : OptionalLong.empty();
    }

    public static long numberOr(long otherwise, JsonNode node, String... path) {
        return number(node, path).orElse(otherwise);
    }

    public static List<JsonNode> items(JsonNode node, String... path) {
        List<JsonNode> found = new ArrayList<>();
        JsonNode list = at(node, path);
        if (list.isArray()) {
            list.forEach(found::add);
        }
        return found;
    }

    public static List<String> texts(JsonNode node, String... path) {
        return items(node, path).stream()
                .filter(JsonNode::isValueNode)
                .map(JsonNode::asText)
                .toList();
    }

    public static List<Map.Entry<String, JsonNode>> fields(JsonNode node) {
        return List.copyOf(node.properties());
    }

    public static ArrayNode arrayOf(List<String> values) {
        ArrayNode array = array();
        values.forEach(array::add);
        return array;
    }

    /// The child object of this name, created when it is missing or not an object.
    public static ObjectNode child(ObjectNode parent, String name) {
        return parent.path(name) instanceof ObjectNode existing ? existing : parent.putObject(name);
    }

    /// Removes what a JSON pointer names; a missing path is no error.
    public static void remove(JsonNode root, String pointer) {
        int slash = pointer.lastIndexOf('/');
        if (slash < 0) {
            return;
        }
        JsonNode parent = slash == 0 ? root : root.at(pointer.substring(0, slash));
        String last = pointer.substring(slash + 1).replace("~1", "/").replace("~0", "~");
        if (parent instanceof ObjectNode object) {
            object.remove(last);
        } else if (parent instanceof ArrayNode array && last.matches("\\d{1,6}")) {
            array.remove(Integer.parseInt(last));
        }
    }

    public static String pointer(String parent, String field) {
        return parent + "/" + field.replace("~", "~0").replace("/", "~1");
    }
}
