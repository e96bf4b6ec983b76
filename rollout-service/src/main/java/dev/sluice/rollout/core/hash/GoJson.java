package dev.sluice.rollout.core.hash;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

/// JSON text as Go's encoder writes it.
public final class GoJson {
    static final Comparator<String> BYTE_ORDER =
            (a, b) ->
                    Arrays.compareUnsigned(
                            a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

    private GoJson() {}

    static void string(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '<', '>', '&', '\u2028', '\u2029' -> escape(out, c);
                default -> {
                    if (c < 0x20) {
                        escape(out, c);
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static void escape(StringBuilder out, char c) {
        out.append("\\u").append("%04x".formatted((int) c));
    }

    /// An untyped value with its keys sorted, as Go writes maps.
    public static String sorted(JsonNode value) {
        StringBuilder out = new StringBuilder();
        untyped(out, value);
        return out.toString();
    }

    static void untyped(StringBuilder out, JsonNode value) {
        if (value.isObject()) {
            Map<String, JsonNode> keys = new TreeMap<>(BYTE_ORDER);
            value.properties().forEach(e -> keys.put(e.getKey(), e.getValue()));
            out.append('{');
            String separator = "";
            for (Map.Entry<String, JsonNode> entry : keys.entrySet()) {
                out.append(separator);
                separator = ",";
                string(out, entry.getKey());
                out.append(':');
                untyped(out, entry.getValue());
            }
            out.append('}');
        } else if (value.isArray()) {
            out.append('[');
            String separator = "";
            for (JsonNode item : value) {
                out.append(separator);
                separator = ",";
                untyped(out, item);
            }
            out.append(']');
        } else if (value.isTextual()) {
            string(out, value.asText());
        } else {
            out.append(value.isMissingNode() ? "null" : value.asText());
        }
    }
}
