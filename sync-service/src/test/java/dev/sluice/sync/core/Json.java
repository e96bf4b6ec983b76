package dev.sluice.sync.core;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// Objects from JSON with single quotes, for tables.
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Json() {}

    static ObjectNode of(String text) {
        try {
            return (ObjectNode) MAPPER.readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    static KubeObject object(String text) {
        return new KubeObject(of(text));
    }

    static KubeObject object(String apiVersion, String kind, String name, String rest) {
        return object(
                "{'apiVersion':'"
                        + apiVersion
                        + "','kind':'"
                        + kind
                        + "','metadata':{'name':'"
                        + name
                        + "','namespace':'ns','uid':'u-"
                        + name
                        + "'}"
                        + (rest.isEmpty() ? "" : "," + rest)
                        + "}");
    }
}
