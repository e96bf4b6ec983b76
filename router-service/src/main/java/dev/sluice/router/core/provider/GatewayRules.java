package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.core.TrafficPlan.ManagedRoute;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Rules of the Gateway API that stand for a header or mirror route: one for each rule of the user
/// that divides traffic, with the route's conditions added to every match. By the API's own
/// precedence the more specific match wins, so their place in the list does not matter.
final class GatewayRules {

    private static final int ALL = 100;

    private GatewayRules() {}

    /// What a route asks for that the API has no field for.
    static Optional<String> problem(ManagedRoute managed) {
        if (!managed.mirror()) {
            return Optional.empty();
        }
        for (JsonNode item : managed.match()) {
            JsonNode method = item.path("method");
            if (method.has("regex") || method.has("prefix")) {
                return Optional.of(
                        "route '%s': the Gateway API matches methods exactly only"
                                .formatted(managed.name()));
            }
        }
        return Optional.empty();
    }

    /// The rules of one route.
    ///
    /// @param sources the rules that divide traffic, with their weights
    static List<JsonNode> of(ManagedRoute managed, List<JsonNode> sources, String canary) {
        List<JsonNode> rules = new ArrayList<>();
        for (JsonNode source : sources) {
            ArrayNode matches = matches(managed, source);
            if (matches.isEmpty()) {
                continue; // a rule without matches would take everything
            }
            ObjectNode rule = Owned.JSON.objectNode();
            rule.put(
                    "name", rules.isEmpty() ? managed.name() : managed.name() + "-" + rules.size());
            rule.set("matches", matches);
            ArrayNode filters = source.path("filters").deepCopy() instanceof ArrayNode f ? f : null;
            if (managed.mirror()) {
                filters = filters == null ? Owned.JSON.arrayNode() : filters;
                filters.add(mirror(managed, backend(source, canary)));
                rule.set("filters", filters);
                rule.set("backendRefs", source.path("backendRefs").deepCopy());
            } else {
                if (filters != null) {
                    rule.set("filters", filters);
                }
                rule.putArray("backendRefs").add(backend(source, canary));
            }
            for (String kept : List.of("timeouts", "retry", "sessionPersistence")) {
                if (source.has(kept)) {
                    rule.set(kept, source.path(kept).deepCopy());
                }
            }
            rules.add(rule);
        }
        return rules;
    }

    private static ObjectNode backend(JsonNode source, String canary) {
        for (JsonNode backend : source.path("backendRefs")) {
            if (backend.path("name").asText().equals(canary)
                    && backend.path("kind").asText("Service").equals("Service")) {
                ObjectNode copy = backend.deepCopy();
                copy.put("weight", 1);
                return copy;
            }
        }
        throw new IllegalStateException("a rule without the canary Service divides no traffic");
    }

    private static ObjectNode mirror(ManagedRoute managed, ObjectNode backend) {
        ObjectNode filter = Owned.JSON.objectNode();
        filter.put("type", "RequestMirror");
        ObjectNode mirror = filter.putObject("requestMirror");
        backend.remove(List.of("weight", "filters"));
        mirror.set("backendRef", backend);
        int percent = managed.percentage().orElse(ALL);
        if (percent != ALL) {
            mirror.put("percent", percent);
        }
        return filter;
    }

    private static ArrayNode matches(ManagedRoute managed, JsonNode source) {
        ArrayNode matches = Owned.JSON.arrayNode();
        JsonNode present = source.path("matches");
        List<JsonNode> bases = new ArrayList<>();
        present.forEach(bases::add);
        if (bases.isEmpty()) {
            bases.add(Owned.JSON.objectNode());
        }
        for (JsonNode base : bases) {
            if (managed.mirror()) {
                managed.match()
                        .forEach(
                                item -> {
                                    if (isWithin(item.path("path"), base.path("path"))) {
                                        matches.add(mirrored(base, item));
                                    }
                                });
            } else {
                matches.add(withHeaders(base, managed.match()));
            }
        }
        return matches;
    }

    /// All conditions of a header route hold at once.
    private static ObjectNode withHeaders(JsonNode base, JsonNode items) {
        ObjectNode match = base.deepCopy();
        ArrayNode headers = match.withArrayProperty("headers");
        for (JsonNode item : items) {
            headers.add(header(item.path("headerName").asText(), item.path("headerValue")));
        }
        return match;
    }

    /// A mirror route takes no request that the user's rule would not have taken.
    private static boolean isWithin(JsonNode wanted, JsonNode given) {
        String type = given.path("type").asText("PathPrefix");
        String value = given.path("value").asText("/");
        boolean all = type.equals("PathPrefix") && value.equals("/");
        if (wanted.isEmpty() || all) {
            return true;
        }
        String path = wanted.path("exact").asText(wanted.path("prefix").asText());
        return switch (type) {
            case "Exact" -> wanted.path("exact").asText().equals(value);
            case "PathPrefix" ->
                    path.equals(value)
                            || path.startsWith(value.endsWith("/") ? value : value + "/");
            default -> false;
        };
    }

    private static ObjectNode mirrored(JsonNode base, JsonNode item) {
        ObjectNode match = base.deepCopy();
        JsonNode path = item.path("path");
        if (path.isObject() && !path.isEmpty()) {
            ObjectNode wanted = match.putObject("path");
            if (path.has("exact")) {
                wanted.put("type", "Exact").put("value", path.path("exact").asText());
            } else if (path.has("prefix")) {
                wanted.put("type", "PathPrefix").put("value", path.path("prefix").asText());
            } else {
                wanted.put("type", "RegularExpression").put("value", path.path("regex").asText());
            }
        }
        if (item.path("method").has("exact")) {
            match.put("method", item.path("method").path("exact").asText());
        }
        item.path("headers")
                .properties()
                .forEach(
                        e ->
                                match.withArrayProperty("headers")
                                        .add(header(e.getKey(), e.getValue())));
        return match;
    }

    private static ObjectNode header(String name, JsonNode value) {
        ObjectNode header = Owned.JSON.objectNode();
        if (value.has("exact")) {
            header.put("type", "Exact")
                    .put("name", name)
                    .put("value", value.path("exact").asText());
        } else {
            String pattern =
                    value.has("prefix")
                            ? value.path("prefix").asText() + ".*"
                            : value.path("regex").asText();
            header.put("type", "RegularExpression").put("name", name).put("value", pattern);
        }
        return header;
    }
}
