package dev.sluice.analysis.core.expr;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// JSON → values, as a metric sees it: every number is a floating one.
public final class JsonValues {
    private JsonValues() {}

    public static Value of(JsonNode node) {
        return switch (node.getNodeType()) {
            case NULL, MISSING, POJO, BINARY -> Value.Nil.NIL;
            case BOOLEAN -> Value.of(node.booleanValue());
            case NUMBER -> Value.of(node.doubleValue());
            case STRING -> Value.of(node.textValue());
            case ARRAY -> {
                List<Value> items = new ArrayList<>();
                node.forEach(item -> items.add(of(item)));
                yield new Value.Items(items);
            }
            case OBJECT -> {
                Map<String, Value> fields = new LinkedHashMap<>();
                node.properties()
                        .forEach(field -> fields.put(field.getKey(), of(field.getValue())));
                yield new Value.Fields(fields);
            }
        };
    }
}
