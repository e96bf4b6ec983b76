package dev.sluice.rollout.core.hash;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.hash.FieldTables.Field;
import dev.sluice.rollout.core.hash.FieldTables.Shape;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Serialises a pod template as the Go types of Kubernetes would: declared field order, empty
/// values left out, canonical quantities. Takeover of running Rollouts depends on these bytes
/// (S5).
final class TypedJson {
    private final StringBuilder out = new StringBuilder();

    private TypedJson() {}

    static String write(String type, JsonNode value) {
        TypedJson json = new TypedJson();
        json.struct(type, value);
        return json.out.toString();
    }

    private void struct(String type, JsonNode value) {
        out.append('{');
        boolean first = true;
        for (Field field : FieldTables.of(type)) {
            JsonNode child = value.path(field.name());
            if (!isEmitted(field, child)) {
                continue;
            }
            if (!first) {
                out.append(',');
            }
            first = false;
            GoJson.string(out, field.name());
            out.append(':');
            value(field, child);
        }
        out.append('}');
    }

    private static boolean isEmitted(Field field, JsonNode child) {
        if (field.always()) {
            return true;
        }
        boolean absent = child.isMissingNode() || child.isNull();
        return switch (field.shape()) {
            case Shape.Scalar() ->
                    !absent && child.isValueNode() && (field.pointer() || !isZero(child));
            case Shape.Quantity() -> !absent && child.isValueNode();
            case Shape.Struct(_) -> child.isObject();
            case Shape.ScalarList(), Shape.StructList(_) -> child.isArray() && !child.isEmpty();
            case Shape.ScalarMap(), Shape.QuantityMap() -> child.isObject() && !child.isEmpty();
        };
    }

    private static boolean isZero(JsonNode n) {
        return (n.isTextual() && n.asText().isEmpty())
                || (n.isBoolean() && !n.asBoolean())
                || (n.isNumber() && n.asDouble() == 0);
    }

    private void value(Field field, JsonNode child) {
        switch (field.shape()) {
            case Shape.Scalar() -> {
                if (child.isValueNode() && !child.isNull()) {
                    scalar(child);
                } else {
                    out.append(zero(field));
                }
            }
            case Shape.Quantity() ->
                    GoJson.string(
                            out,
                            child.isValueNode() && !child.isNull()
                                    ? Quantities.canonical(child.asText())
                                    : "0");
            case Shape.Struct(String type) -> struct(type, child);
            case Shape.ScalarList() -> list(child, null);
            case Shape.StructList(String type) -> list(child, type);
            case Shape.ScalarMap() -> map(child, false);
            case Shape.QuantityMap() -> map(child, true);
        }
    }

    /// A required scalar that is missing has its Go zero value; numbers are the required `int`
    /// fields.
    private static String zero(Field field) {
        if (field.pointer()) {
            return "null";
        }
        return switch (field.name()) {
            case "containerPort", "weight", "maxSkew", "lun", "seconds", "port" -> "0";
            default -> "\"\"";
        };
    }

    private void scalar(JsonNode n) {
        if (n.isTextual()) {
            GoJson.string(out, n.asText());
        } else {
            out.append(n.asText());
        }
    }

    private void list(JsonNode items, @Nullable String type) {
        if (!items.isArray()) {
            out.append("null");
            return;
        }
        out.append('[');
        boolean first = true;
        for (JsonNode item : items) {
            if (!first) {
                out.append(',');
            }
            first = false;
            if (type == null) {
                scalar(item);
            } else {
                struct(type, item);
            }
        }
        out.append(']');
    }

    private void map(JsonNode entries, boolean quantities) {
        Map<String, JsonNode> sorted = new TreeMap<>(GoJson.BYTE_ORDER);
        entries.properties().forEach(e -> sorted.put(e.getKey(), e.getValue()));
        out.append('{');
        boolean first = true;
        for (Map.Entry<String, JsonNode> entry : sorted.entrySet()) {
            if (!first) {
                out.append(',');
            }
            first = false;
            GoJson.string(out, entry.getKey());
            out.append(':');
            if (quantities) {
                GoJson.string(out, Quantities.canonical(entry.getValue().asText()));
            } else {
                GoJson.string(out, entry.getValue().asText());
            }
        }
        out.append('}');
    }
}
