package dev.sluice.router.core;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.router.core.TrafficPlan.Destination;
import dev.sluice.router.core.TrafficPlan.ManagedRoute;
import dev.sluice.router.core.TrafficPlan.ServiceTarget;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Parses a Rollout, once, at the edge: what follows works on records that are valid.
public final class RolloutReader {

    private static final String GATEWAY_API = "argoproj-labs/gatewayAPI";

    private RolloutReader() {}

    /// What router-service needs of a Rollout. A plan that can't be read is reported in
    /// `planProblem`, never guessed.
    public static RolloutView read(JsonNode rollout) {
        JsonNode metadata = rollout.path("metadata");
        JsonNode canary = rollout.path("spec").path("strategy").path("canary");
        JsonNode blueGreen = rollout.path("spec").path("strategy").path("blueGreen");
        String namespace = metadata.path("namespace").asText();
        Optional<TrafficPlan> plan = Optional.empty();
        Optional<String> problem = Optional.empty();
        JsonNode status = rollout.path("status").path("trafficPlan");
        if (status.hasNonNull("id")) {
            try {
                plan = Optional.of(plan(status));
            } catch (IllegalArgumentException | DateTimeException e) {
                problem = Optional.of("status.trafficPlan: " + e.getMessage());
            }
        }
        List<String> referenced = new ArrayList<>();
        text(canary, "stableService").ifPresent(referenced::add);
        text(canary, "canaryService").ifPresent(referenced::add);
        text(canary.path("pingPong"), "pingService").ifPresent(referenced::add);
        text(canary.path("pingPong"), "pongService").ifPresent(referenced::add);
        text(blueGreen, "activeService").ifPresent(referenced::add);
        text(blueGreen, "previewService").ifPresent(referenced::add);
        return new RolloutView(
                namespace,
                metadata.path("name").asText(),
                metadata.path("uid").asText(),
                rollout.path("apiVersion").asText("argoproj.io/v1alpha1"),
                metadata.hasNonNull("deletionTimestamp"),
                routers(canary.path("trafficRouting"), namespace),
                text(canary, "stableService"),
                text(canary, "canaryService"),
                text(blueGreen, "activeService"),
                text(blueGreen, "previewService"),
                referenced,
                rollout.path("spec").path("replicas").asInt(1),
                threshold(canary.path("replicaProgressThreshold")),
                plan,
                problem);
    }

    private static TrafficPlan plan(JsonNode plan) {
        List<ServiceTarget> services = new ArrayList<>();
        for (JsonNode service : plan.path("services")) {
            Role role =
                    Role.named(service.path("role").asText())
                            .orElseThrow(
                                    () ->
                                            new IllegalArgumentException(
                                                    "unknown role " + service.path("role")));
            String hash = service.path("podTemplateHash").asText("");
            if (!hash.isBlank()) { // a role that selects no revision yet is not ours to change
                services.add(new ServiceTarget(service.path("name").asText(), role, hash));
            }
        }
        JsonNode weights = plan.path("weights");
        JsonNode observed = plan.path("observed");
        int maxWeight = plan.path("maxWeight").asInt(100);
        List<Destination> additional = new ArrayList<>();
        long sum = weights.path("canary").asLong() + weights.path("stable").asLong();
        for (JsonNode destination : weights.path("additional")) {
            int weight = destination.path("weight").asInt();
            sum += weight;
            additional.add(
                    new Destination(
                            destination.path("serviceName").asText(),
                            destination.path("podTemplateHash").asText(),
                            weight));
        }
        List<ManagedRoute> routes = new ArrayList<>();
        for (JsonNode route : plan.path("routes")) {
            routes.add(
                    new ManagedRoute(
                            route.path("name").asText(),
                            route.path("mirror").asBoolean(),
                            route.path("match"),
                            route.hasNonNull("percentage")
                                    ? Optional.of(route.path("percentage").asInt())
                                    : Optional.empty()));
        }
        if (weights.isObject() && sum != maxWeight) {
            throw new IllegalArgumentException("weights sum to " + sum + ", not " + maxWeight);
        }
        return new TrafficPlan(
                plan.path("id").asLong(),
                plan.path("attempt").asLong(),
                plan.hasNonNull("writtenAt")
                        ? Instant.parse(plan.path("writtenAt").asText())
                        : Instant.EPOCH,
                plan.path("abort").asBoolean(),
                maxWeight,
                plan.path("anchor").asText(""),
                services,
                weights.isObject() ? Optional.of(weights.path("canary").asInt()) : Optional.empty(),
                additional,
                routes,
                observed.path("plan").asLong(-1) == plan.path("id").asLong()
                        && !observed.path("partial").asBoolean());
    }

    private static Threshold threshold(JsonNode threshold) {
        String type = threshold.path("type").asText("");
        int value = threshold.path("value").asInt(-1);
        if (value < 0) {
            return new Threshold.All();
        }
        return switch (type) {
            case "Percent", "Percentage" -> new Threshold.Percent(Math.min(value, 100));
            case "Pod", "Pods" -> new Threshold.Pods(value);
            default -> new Threshold.All();
        };
    }

    private static List<RouterConfig> routers(JsonNode routing, String namespace) {
        List<RouterConfig> routers = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : routing.properties()) {
            String key = entry.getKey();
            if (entry.getValue().isNull()) {
                continue;
            }
            switch (key) {
                case "managedRoutes", "maxTrafficWeight" -> {}
                case "nginx" -> routers.add(nginx(entry.getValue(), routing));
                case "plugins" -> plugins(entry.getValue(), routing, namespace, routers);
                default -> routers.add(new RouterConfig.Unsupported(key, entry.getValue()));
            }
        }
        return routers;
    }

    private static RouterConfig nginx(JsonNode nginx, JsonNode routing) {
        List<String> ingresses = new ArrayList<>();
        text(nginx, "stableIngress").ifPresent(ingresses::add);
        nginx.path("stableIngresses").forEach(i -> ingresses.add(i.asText()));
        return new RouterConfig.Nginx(
                text(nginx, "annotationPrefix").orElse("nginx.ingress.kubernetes.io"),
                ingresses.stream().distinct().toList(),
                strings(nginx.path("additionalIngressAnnotations")),
                strings(nginx.path("canaryIngressAnnotations")),
                routing.hasNonNull("maxTrafficWeight")
                        ? Optional.of(routing.path("maxTrafficWeight").asLong())
                        : Optional.empty());
    }

    private static void plugins(
            JsonNode plugins, JsonNode routing, String namespace, List<RouterConfig> into) {
        for (Map.Entry<String, JsonNode> plugin : plugins.properties()) {
            into.add(
                    plugin.getKey().equals(GATEWAY_API)
                            ? gateway(plugin.getValue(), routing, namespace)
                            : new RouterConfig.Unsupported(plugin.getKey(), plugin.getValue()));
        }
    }

    private static RouterConfig gateway(JsonNode config, JsonNode routing, String namespace) {
        String in = text(config, "namespace").orElse(namespace);
        List<ObjectRef> routes = new ArrayList<>();
        Map<String, String> kinds = new LinkedHashMap<>();
        kinds.put("httpRoute", "gateway.networking.k8s.io/v1 HTTPRoute");
        kinds.put("grpcRoute", "gateway.networking.k8s.io/v1 GRPCRoute");
        kinds.put("tcpRoute", "gateway.networking.k8s.io/v1alpha2 TCPRoute");
        kinds.put("tlsRoute", "gateway.networking.k8s.io/v1alpha2 TLSRoute");
        kinds.forEach(
                (key, type) -> {
                    String version = type.substring(0, type.indexOf(' '));
                    String kind = type.substring(type.indexOf(' ') + 1);
                    text(config, key)
                            .ifPresent(n -> routes.add(new ObjectRef(version, kind, in, n)));
                    for (JsonNode item : config.path(key + "s")) {
                        routes.add(new ObjectRef(version, kind, in, item.path("name").asText()));
                    }
                });
        Optional<String> problem = Optional.empty();
        boolean selectors =
                kinds.keySet().stream().anyMatch(k -> config.hasNonNull(k + "Selector"));
        if (selectors) {
            problem = Optional.of("route selectors are not supported yet: name the routes");
        } else if (routes.isEmpty()) {
            problem =
                    Optional.of(
                            "No routes configured. At least one of 'httpRoutes', 'grpcRoutes',"
                                    + " 'tcpRoutes', 'tlsRoutes', 'httpRoute', 'grpcRoute',"
                                    + " 'tcpRoute' or 'tlsRoute' must be set");
        }
        List<String> managed = new ArrayList<>();
        routing.path("managedRoutes").forEach(r -> managed.add(r.path("name").asText()));
        return new RouterConfig.GatewayApi(
                routes.stream().distinct().toList(),
                managed,
                config.path("disableInProgressLabel").asBoolean()
                        ? Optional.empty()
                        : Optional.of(
                                new RouterConfig.GatewayApi.Label(
                                        text(config, "inProgressLabelKey")
                                                .orElse("rollouts.argoproj.io/gatewayapi-canary"),
                                        text(config, "inProgressLabelValue")
                                                .orElse("in-progress"))),
                problem);
    }

    private static Map<String, String> strings(JsonNode object) {
        Map<String, String> all = new LinkedHashMap<>();
        object.properties().forEach(e -> all.put(e.getKey(), e.getValue().asText()));
        return all;
    }

    private static Optional<String> text(JsonNode object, String field) {
        return Optional.of(object.path(field).asText("")).filter(s -> !s.isBlank());
    }
}
