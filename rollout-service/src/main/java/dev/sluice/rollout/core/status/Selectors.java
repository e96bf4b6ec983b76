package dev.sluice.rollout.core.status;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A label selector in its text form, as the scale subresource wants it.
final class Selectors {
    private Selectors() {}

    static String text(JsonNode selector, String hash) {
        Map<String, String> labels = new TreeMap<>();
        selector.path("matchLabels")
                .properties()
                .forEach(e -> labels.put(e.getKey(), e.getValue().asText()));
        if (!hash.isEmpty()) {
            labels.put(Names.HASH, hash);
        }
        List<String> terms = new ArrayList<>();
        labels.forEach((k, v) -> terms.add(k + "=" + v));
        for (JsonNode e : selector.path("matchExpressions")) {
            List<String> values = new ArrayList<>();
            e.path("values").forEach(v -> values.add(v.asText()));
            values.sort(String::compareTo);
            String key = e.path("key").asText();
            String set = "(" + String.join(",", values) + ")";
            terms.add(
                    switch (e.path("operator").asText()) {
                        case "In" -> key + " in " + set;
                        case "NotIn" -> key + " notin " + set;
                        case "DoesNotExist" -> "!" + key;
                        default -> key;
                    });
        }
        return String.join(",", terms);
    }
}
