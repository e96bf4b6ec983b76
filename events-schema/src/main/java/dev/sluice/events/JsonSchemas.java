package dev.sluice.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Derives the JSON Schema (2020-12) of a body from its record. The result is committed under
/// `schemas/` and published with the library; a test keeps the two equal.
public final class JsonSchemas {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private JsonSchemas() {}

    /// The schema of one event type.
    public static ObjectNode of(EventType type) {
        ObjectNode schema = JSON.objectNode();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("$id", "urn:sluice:schema:" + type.wireName());
        schema.put("title", type.wireName());
        schema.setAll(record(type.record()));
        return schema;
    }

    private static ObjectNode record(Class<?> type) {
        ObjectNode schema = JSON.objectNode().put("type", "object");
        ObjectNode properties = JSON.objectNode();
        ArrayNode required = JSON.arrayNode();
        for (RecordComponent component : type.getRecordComponents()) {
            properties.set(component.getName(), of(component.getGenericType()));
            if (component.getType() != Optional.class) {
                required.add(component.getName());
            }
        }
        schema.set("properties", properties);
        schema.set("required", required);
        return schema;
    }

    private static JsonNode of(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type argument = generic.getActualTypeArguments()[0];
            if (generic.getRawType() == Optional.class) {
                return of(argument);
            }
            if (generic.getRawType() == List.class) {
                return JSON.objectNode().put("type", "array").set("items", of(argument));
            }
        }
        if (type instanceof Class<?> plain) {
            return leaf(plain);
        }
        throw new IllegalArgumentException("no schema for " + type);
    }

    private static JsonNode leaf(Class<?> type) {
        if (type.isRecord()) {
            return record(type);
        }
        if (type.isEnum()) {
            ArrayNode values = JSON.arrayNode();
            for (Object constant : type.getEnumConstants()) {
                values.add(constant.toString());
            }
            return JSON.objectNode().put("type", "string").set("enum", values);
        }
        if (type == String.class) {
            return JSON.objectNode().put("type", "string");
        }
        if (type == Instant.class) {
            return JSON.objectNode().put("type", "string").put("format", "date-time");
        }
        if (type == boolean.class) {
            return JSON.objectNode().put("type", "boolean");
        }
        if (type == int.class || type == Integer.class) {
            return JSON.objectNode().put("type", "integer").put("format", "int32");
        }
        if (type == long.class) {
            return JSON.objectNode().put("type", "integer").put("format", "int64");
        }
        throw new IllegalArgumentException("no schema for " + type);
    }
}
