package dev.sluice.router.core.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.RouterConfig;
import dev.sluice.router.core.Routing;
import dev.sluice.router.core.TrafficPlan.Destination;
import dev.sluice.router.core.TrafficPlan.ManagedRoute;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is ours on one Ingress of the AWS load balancer controller: the forward action's
/// annotation, annotations and paths of header routes, and the list of what we wrote, by which
/// other tools know our annotations.
record AlbActions(RouterConfig.Alb config, RolloutView rollout, Pair pair, int whole)
        implements Document {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String MANAGED = "rollouts.argoproj.io/managed-alb-annotations";
    private static final String USE_ANNOTATION = "use-annotation";

    /// The Service whose action divides traffic.
    String actionService() {
        return config.rootService().orElse(pair.stable());
    }

    /// Whether a rule of the Ingress uses that action.
    boolean hasRule(JsonNode ingress) {
        for (JsonNode rule : ingress.path("spec").path("rules")) {
            for (JsonNode path : rule.path("http").path("paths")) {
                if (service(path).equals(actionService())) {
                    return true;
                }
            }
        }
        JsonNode otherwise = ingress.path("spec").path("defaultBackend");
        return otherwise.path("service").path("name").asText().equals(actionService());
    }

    private static String service(JsonNode path) {
        return path.path("backend").path("service").path("name").asText();
    }

    @Override
    public Content read(JsonNode ingress) {
        JsonNode groups =
                parse(annotation(ingress, actionKey(actionService())))
                        .path("ForwardConfig")
                        .path("TargetGroups");
        long sum = 0;
        long canary = 0;
        for (JsonNode group : groups) {
            sum += group.path("Weight").asLong();
            canary += name(group).equals(pair.canary()) ? group.path("Weight").asLong() : 0;
        }
        List<Destination> additional = new ArrayList<>();
        for (JsonNode group : groups) {
            long weight = group.path("Weight").asLong();
            boolean role = name(group).equals(pair.canary()) || name(group).equals(pair.stable());
            if (!role && weight > 0) {
                additional.add(
                        new Destination(name(group), "", Document.share(weight, sum, whole)));
            }
        }
        List<String> managed =
                rollout.managedRoutes().stream()
                        .filter(r -> !annotation(ingress, actionKey(r)).isEmpty())
                        .toList();
        return new Content(List.of(Document.share(canary, sum, whole)), additional, managed);
    }

    private static String name(JsonNode group) {
        return group.path("ServiceName").asText();
    }

    @Override
    public ObjectNode write(JsonNode ingress, Routing routing) {
        ObjectNode after = ingress.deepCopy();
        Map<String, JsonNode> wanted = new LinkedHashMap<>();
        wanted.put(actionKey(actionService()), action(routing));
        List<ManagedRoute> routes = new ArrayList<>();
        for (String name : rollout.managedRoutes()) {
            routing.routes().stream().filter(r -> r.name().equals(name)).forEach(routes::add);
        }
        for (ManagedRoute route : routes) {
            wanted.put(actionKey(route.name()), only(pair.canary()));
            wanted.put(conditionKey(route.name()), conditions(route));
        }
        wanted.forEach((key, value) -> put(after, key, value));
        for (String name : rollout.managedRoutes()) {
            if (!wanted.containsKey(actionKey(name))) {
                Marks.annotations(after).remove(List.of(actionKey(name), conditionKey(name)));
            }
        }
        put(after, MANAGED, managed(ingress, List.copyOf(wanted.keySet())));
        after.path("spec").path("rules").forEach(r -> paths(r, routes));
        return after;
    }

    /// A value that says the same keeps its text.
    private static void put(ObjectNode after, String key, JsonNode value) {
        if (!parse(annotation(after, key)).equals(value)) {
            Marks.annotations(after).put(key, value.toString());
        }
    }

    private ObjectNode action(Routing routing) {
        ObjectNode action = Owned.JSON.objectNode().put("Type", "forward");
        ObjectNode forward = action.putObject("ForwardConfig");
        ArrayNode groups = forward.putArray("TargetGroups");
        group(groups, pair.canary(), routing.canary());
        routing.additional().forEach(d -> group(groups, d.serviceName(), d.weight()));
        group(groups, pair.stable(), (int) routing.stable(whole));
        config.stickiness()
                .ifPresent(
                        seconds ->
                                forward.putObject("TargetGroupStickinessConfig")
                                        .put("Enabled", true)
                                        .put("DurationSeconds", seconds.intValue()));
        return action;
    }

    private ObjectNode only(String service) {
        ObjectNode action = Owned.JSON.objectNode().put("Type", "forward");
        group(action.putObject("ForwardConfig").putArray("TargetGroups"), service, whole);
        return action;
    }

    private void group(ArrayNode groups, String service, int weight) {
        groups.addObject()
                .put("ServiceName", service)
                .put("ServicePort", Integer.toString(config.servicePort()))
                .put("Weight", weight);
    }

    /// Values of one header are alternatives, different headers must all match.
    private static ArrayNode conditions(ManagedRoute route) {
        Map<String, ArrayNode> values = new LinkedHashMap<>();
        route.match()
                .forEach(
                        item ->
                                values.computeIfAbsent(
                                                item.path("headerName").asText(),
                                                _ -> Owned.JSON.arrayNode())
                                        .add(item.path("headerValue").path("exact").asText()));
        ArrayNode conditions = Owned.JSON.arrayNode();
        values.forEach(
                (name, list) -> {
                    ObjectNode condition = conditions.addObject().put("field", "http-header");
                    condition
                            .putObject("httpHeaderConfig")
                            .put("httpHeaderName", name)
                            .set("values", list);
                });
        return conditions;
    }

    private JsonNode managed(JsonNode ingress, List<String> keys) {
        JsonNode present = parse(annotation(ingress, MANAGED));
        ObjectNode all =
                present instanceof ObjectNode found ? found.deepCopy() : Owned.JSON.objectNode();
        ArrayNode list = all.putArray(rollout.name());
        keys.forEach(list::add);
        return all;
    }

    /// Paths of header routes stand before all others.
    private void paths(JsonNode rule, List<ManagedRoute> routes) {
        if (!(rule.path("http").path("paths") instanceof ArrayNode paths)) {
            return;
        }
        List<JsonNode> all = new ArrayList<>();
        for (ManagedRoute route : routes) {
            all.add(path(route.name()));
        }
        for (JsonNode path : paths) {
            boolean ours =
                    rollout.managedRoutes().contains(service(path))
                            && path.path("backend")
                                    .path("service")
                                    .path("port")
                                    .path("name")
                                    .asText()
                                    .equals(USE_ANNOTATION);
            if (!ours) {
                all.add(path);
            }
        }
        paths.removeAll();
        paths.addAll(all);
    }

    private static ObjectNode path(String route) {
        ObjectNode path =
                Owned.JSON.objectNode().put("path", "/*").put("pathType", "ImplementationSpecific");
        ObjectNode service = path.putObject("backend").putObject("service");
        service.put("name", route);
        service.putObject("port").put("name", USE_ANNOTATION);
        return path;
    }

    private String actionKey(String name) {
        return config.annotationPrefix() + "/actions." + name;
    }

    private String conditionKey(String name) {
        return config.annotationPrefix() + "/conditions." + name;
    }

    private static String annotation(JsonNode object, String key) {
        return object.path("metadata").path("annotations").path(key).asText("");
    }

    /// An annotation that was edited into something else is none.
    private static JsonNode parse(String text) {
        try {
            return text.isEmpty() ? Owned.JSON.missingNode() : MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            return Owned.JSON.missingNode();
        }
    }
}
