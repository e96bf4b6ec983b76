package dev.sluice.rollout.core.analysis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reduces the arguments that a Rollout gives to an analysis to plain values.
public final class Arguments {
    private static final Pattern KEYED =
            Pattern.compile("metadata\\.(labels|annotations)\\['([^']{1,300})']");

    private Arguments() {}

    /// Outcome of a reduction.
    public sealed interface Result {
        record Values(List<JsonNode> values) implements Result {
            public Values {
                values = List.copyOf(values);
            }
        }

        record Failed(String message) implements Result {}
    }

    public static Result reduce(
            List<JsonNode> args, JsonNode rollout, String newHash, String stableHash) {
        List<JsonNode> values = new ArrayList<>();
        for (JsonNode arg : args) {
            JsonNode from = arg.path("valueFrom");
            String value;
            if (from.hasNonNull("podTemplateHashValue")) {
                value =
                        from.path("podTemplateHashValue").asText().equals("Stable")
                                ? stableHash
                                : newHash;
            } else if (from.hasNonNull("fieldRef")) {
                String path = from.path("fieldRef").path("fieldPath").asText("");
                JsonNode found = walk(rollout, path);
                if (found.isMissingNode() || found.isNull()) {
                    return new Result.Failed("invalid path " + path + " in rollout");
                }
                if (found.isContainerNode()) {
                    return new Result.Failed(
                            "path " + path + " in rollout must terminate in a primitive value");
                }
                value = found.asText();
            } else {
                value = arg.path("value").asText("");
            }
            ObjectNode reduced = JsonNodeFactory.instance.objectNode();
            reduced.set("name", arg.path("name"));
            reduced.put("value", value);
            values.add(reduced);
        }
        return new Result.Values(values);
    }

    private static JsonNode walk(JsonNode rollout, String path) {
        Matcher keyed = KEYED.matcher(path);
        if (keyed.matches()) {
            return rollout.path("metadata").path(keyed.group(1)).path(keyed.group(2));
        }
        JsonNode at = rollout;
        for (String segment : path.split("[.\\[\\]]")) {
            if (!segment.isEmpty()) {
                boolean index = at.isArray() && segment.matches("\\d{1,6}");
                at = index ? at.path(Integer.parseInt(segment)) : at.path(segment);
            }
        }
        return at;
    }
}
