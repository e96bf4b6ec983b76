package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/// Kubernetes label selectors, with both of their notations.
public final class LabelSelectors {
    private LabelSelectors() {}

    /// A selector without any requirement matches nothing here: adopting everything is never meant.
    public static boolean matches(JsonNode selector, Map<String, String> labels) {
        JsonNode pairs = selector.path("matchLabels");
        JsonNode expressions = selector.path("matchExpressions");
        if (pairs.isEmpty() && expressions.isEmpty()) {
            return false;
        }
        return pairs.properties().stream()
                        .allMatch(e -> e.getValue().asText("").equals(labels.get(e.getKey())))
                && expressions.valueStream().allMatch(e -> holds(e, labels));
    }

    private static boolean holds(JsonNode expression, Map<String, String> labels) {
        String key = expression.path("key").asText("");
        boolean isPresent = labels.containsKey(key);
        return switch (expression.path("operator").asText("")) {
            case "In" -> isPresent && isAmong(expression, labels.getOrDefault(key, ""));
            case "NotIn" -> !isPresent || !isAmong(expression, labels.getOrDefault(key, ""));
            case "Exists" -> isPresent;
            case "DoesNotExist" -> !isPresent;
            default -> false;
        };
    }

    private static boolean isAmong(JsonNode expression, String value) {
        return expression.path("values").valueStream().anyMatch(v -> v.asText("").equals(value));
    }
}
