package dev.sluice.rollout.core.hash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.hash.FieldTables.Field;
import dev.sluice.rollout.core.hash.FieldTables.Shape;
import java.util.List;
import java.util.Map;

/// Pod templates as their author meant them: where the schema is loose a stored one may hold values
/// that no Kubernetes type can take, such as a memory request `invalid`. Such a value counts as
/// absent; the Rollout must not fail on it, and neither must its neighbours (C7).
public final class Lenient {
    private Lenient() {}

    /// The template without what cannot be read; the same object when there is nothing of that.
    public static JsonNode template(JsonNode template) {
        if (!template.isObject() || isReadable("PodTemplateSpec", template)) {
            return template;
        }
        ObjectNode copy = template.deepCopy();
        clean("PodTemplateSpec", copy);
        return copy;
    }

    private static boolean isReadable(String type, JsonNode value) {
        return FieldTables.of(type).stream()
                .filter(f -> isGiven(value.path(f.name())))
                .allMatch(f -> isReadable(f.shape(), value.path(f.name())));
    }

    private static boolean isReadable(Shape shape, JsonNode value) {
        return isOfShape(shape, value)
                && switch (shape) {
                    case Shape.Struct(String type) -> isReadable(type, value);
                    case Shape.StructList(String type) ->
                            value.valueStream().allMatch(item -> isReadable(type, item));
                    case Shape.QuantityMap() -> value.valueStream().allMatch(Lenient::isQuantity);
                    case Shape.Scalar(), Shape.Quantity(), Shape.ScalarList(), Shape.ScalarMap() ->
                            true;
                };
    }

    private static void clean(String type, ObjectNode value) {
        for (Field field : FieldTables.of(type)) {
            JsonNode child = value.path(field.name());
            if (!isGiven(child)) {
                continue;
            }
            if (!isOfShape(field.shape(), child)) {
                value.remove(field.name());
                continue;
            }
            switch (field.shape()) {
                case Shape.Struct(String inner) -> clean(inner, (ObjectNode) child);
                case Shape.StructList(String inner) ->
                        child.forEach(item -> clean(inner, (ObjectNode) item));
                case Shape.QuantityMap() -> dropBadQuantities((ObjectNode) child);
                case Shape.Scalar(), Shape.Quantity(), Shape.ScalarList(), Shape.ScalarMap() -> {}
            }
        }
    }

    private static void dropBadQuantities(ObjectNode map) {
        List<String> bad =
                map.properties().stream()
                        .filter(e -> !isQuantity(e.getValue()))
                        .map(Map.Entry::getKey)
                        .toList();
        map.remove(bad);
    }

    private static boolean isGiven(JsonNode value) {
        return !value.isMissingNode() && !value.isNull();
    }

    private static boolean isOfShape(Shape shape, JsonNode value) {
        return switch (shape) {
            case Shape.Scalar() -> value.isValueNode();
            case Shape.Quantity() -> isQuantity(value);
            case Shape.ScalarList() -> isListOf(value, false);
            case Shape.StructList(_) -> isListOf(value, true);
            case Shape.ScalarMap() ->
                    value.isObject() && value.valueStream().allMatch(JsonNode::isValueNode);
            case Shape.QuantityMap(), Shape.Struct(_) -> value.isObject();
        };
    }

    private static boolean isListOf(JsonNode value, boolean objects) {
        return value instanceof ArrayNode items
                && items.valueStream().allMatch(i -> objects ? i.isObject() : i.isValueNode());
    }

    private static boolean isQuantity(JsonNode value) {
        return value.isValueNode() && Quantities.isQuantity(value.asText());
    }
}
