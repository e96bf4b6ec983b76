package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// By what the weights of a plan are carried out: the fields of the canary strategy that name its
/// routers and Services, as they were when the plan was written. A plan keeps them, because the
/// spec may name others, or none, before its weights are taken back (B7).
public final class Carriage {
    /// Fields that name no object.
    private static final Set<String> SETTINGS = Set.of("managedRoutes", "maxTrafficWeight");

    /// Where the blocks of the routers name the objects that share traffic out.
    private static final Set<String> OBJECTS =
            Set.of(
                    "stableIngress",
                    "stableIngresses",
                    "ingress",
                    "ingresses",
                    "virtualService",
                    "virtualServices",
                    "destinationRule",
                    "trafficSplitName",
                    "mappings",
                    "weightedTraefikServiceName",
                    "route");

    private Carriage() {}

    /// Of a strategy; empty without a router.
    public static Optional<JsonNode> of(Strategy strategy) {
        if (!(strategy instanceof Strategy.Canary canary) || canary.routing().isEmpty()) {
            return Optional.empty();
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        canary.stableService().ifPresent(name -> json.put("stableService", name));
        canary.canaryService().ifPresent(name -> json.put("canaryService", name));
        canary.pingPong()
                .ifPresent(
                        p ->
                                json.putObject("pingPong")
                                        .put("pingService", p.pingService())
                                        .put("pongService", p.pongService()));
        json.set("trafficRouting", withoutNulls(canary.routing().get().json()));
        return Optional.of(json);
    }

    /// True when an object that shares traffic out is not named any more.
    static boolean isLeaving(JsonNode former, Optional<JsonNode> present) {
        Set<String> named = present.map(Carriage::objects).orElse(Set.of());
        return !named.containsAll(objects(former));
    }

    private static Set<String> objects(JsonNode carriage) {
        Set<String> names = new TreeSet<>();
        for (Map.Entry<String, JsonNode> router : carriage.path("trafficRouting").properties()) {
            if (router.getKey().equals("plugins")) {
                router.getValue().properties().forEach(p -> names.add(p.toString()));
            } else if (!SETTINGS.contains(router.getKey())) {
                names.add(router.getKey());
                for (Map.Entry<String, JsonNode> field : router.getValue().properties()) {
                    if (OBJECTS.contains(field.getKey())) {
                        addNames(router.getKey(), field.getValue(), names);
                    }
                }
            }
        }
        return names;
    }

    private static void addNames(String router, JsonNode value, Set<String> names) {
        if (value.isArray()) {
            value.forEach(item -> addNames(router, item, names));
        } else {
            names.add(router + "/" + value.path("name").asText(value.asText()));
        }
    }

    /// A merge patch cannot write null.
    private static JsonNode withoutNulls(JsonNode node) {
        if (!(node instanceof ObjectNode object)) {
            return node;
        }
        ObjectNode copy = JsonNodeFactory.instance.objectNode();
        object.properties().stream()
                .filter(field -> !field.getValue().isNull())
                .forEach(field -> copy.set(field.getKey(), withoutNulls(field.getValue())));
        return copy;
    }
}
