package dev.sluice.router.core;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.router.core.RouterConfig.GatewayApi;
import dev.sluice.router.core.RouterConfig.Istio;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Parses `spec.strategy.canary.trafficRouting`.
final class RouterReader {

    private static final String GATEWAY_API = "argoproj-labs/gatewayAPI";
    private static final List<String> ORDER =
            List.of(
                    "istio",
                    "nginx",
                    "alb",
                    "smi",
                    "ambassador",
                    "appMesh",
                    "traefik",
                    "apisix",
                    "plugins");
    private static final List<String> SETTINGS = List.of("managedRoutes", "maxTrafficWeight");

    private RouterReader() {}

    /// The routers in the order in which they are programmed; unknown ones last.
    static List<RouterConfig> read(JsonNode routing, String namespace) {
        List<RouterConfig> routers = new ArrayList<>();
        for (String key : ORDER) {
            if (routing.hasNonNull(key)) {
                add(key, routing, namespace, routers);
            }
        }
        routing.properties().stream()
                .filter(e -> !ORDER.contains(e.getKey()) && !SETTINGS.contains(e.getKey()))
                .filter(e -> !e.getValue().isNull())
                .forEach(e -> routers.add(new RouterConfig.Unsupported(e.getKey(), e.getValue())));
        return routers;
    }

    /// Names of the header and mirror routes that are ours, in their order.
    static List<String> managedRoutes(JsonNode routing) {
        List<String> names = new ArrayList<>();
        routing.path("managedRoutes").forEach(r -> names.add(r.path("name").asText()));
        return names;
    }

    private static void add(
            String key, JsonNode routing, String namespace, List<RouterConfig> into) {
        JsonNode config = routing.path(key);
        switch (key) {
            case "istio" -> into.add(istio(config, namespace));
            case "nginx" -> into.add(nginx(config, routing));
            case "alb" -> into.add(alb(config));
            case "smi" ->
                    into.add(
                            new RouterConfig.Smi(
                                    text(config, "rootService"), text(config, "trafficSplitName")));
            case "ambassador" -> into.add(new RouterConfig.Ambassador(texts(config, "mappings")));
            case "traefik" ->
                    into.add(
                            new RouterConfig.Traefik(
                                    config.path("weightedTraefikServiceName").asText()));
            case "apisix" ->
                    into.add(
                            new RouterConfig.Apisix(
                                    config.path("route").path("name").asText(),
                                    texts(config.path("route"), "rules")));
            case "plugins" -> plugins(config, namespace, into);
            default -> into.add(new RouterConfig.Unsupported(key, config));
        }
    }

    private static RouterConfig istio(JsonNode config, String namespace) {
        List<Istio.VirtualService> services = new ArrayList<>();
        if (config.hasNonNull("virtualService")) {
            services.add(virtualService(config.path("virtualService"), namespace));
        }
        config.path("virtualServices").forEach(v -> services.add(virtualService(v, namespace)));
        boolean both =
                config.hasNonNull("virtualService") && !config.path("virtualServices").isEmpty();
        JsonNode rule = config.path("destinationRule");
        return new Istio(
                services,
                rule.isObject()
                        ? Optional.of(
                                new Istio.DestinationRule(
                                        rule.path("name").asText(),
                                        rule.path("canarySubsetName").asText(),
                                        rule.path("stableSubsetName").asText(),
                                        texts(rule, "additionalSubsetNames")))
                        : Optional.empty(),
                services.isEmpty() || both
                        ? Optional.of("either VirtualService or VirtualServices must be configured")
                        : Optional.empty());
    }

    private static Istio.VirtualService virtualService(JsonNode config, String namespace) {
        String name = config.path("name").asText();
        for (String tail : List.of(".svc.cluster.local", ".cluster.local")) {
            if (name.endsWith(tail)) {
                name = name.substring(0, name.length() - tail.length());
            }
        }
        int dot = name.lastIndexOf('.');
        List<Istio.TlsMatch> tls = new ArrayList<>();
        for (JsonNode route : config.path("tlsRoutes")) {
            tls.add(
                    new Istio.TlsMatch(
                            route.hasNonNull("port")
                                    ? Optional.of(route.path("port").asLong())
                                    : Optional.empty(),
                            texts(route, "sniHosts")));
        }
        List<Long> ports = new ArrayList<>();
        config.path("tcpRoutes").forEach(r -> ports.add(r.path("port").asLong()));
        return new Istio.VirtualService(
                dot < 0 ? namespace : name.substring(dot + 1),
                dot < 0 ? name : name.substring(0, dot),
                texts(config, "routes"),
                tls,
                ports);
    }

    private static RouterConfig nginx(JsonNode nginx, JsonNode routing) {
        return new RouterConfig.Nginx(
                text(nginx, "annotationPrefix").orElse("nginx.ingress.kubernetes.io"),
                oneOrMany(nginx, "stableIngress", "stableIngresses"),
                strings(nginx.path("additionalIngressAnnotations")),
                strings(nginx.path("canaryIngressAnnotations")),
                routing.hasNonNull("maxTrafficWeight")
                        ? Optional.of(routing.path("maxTrafficWeight").asLong())
                        : Optional.empty());
    }

    private static RouterConfig alb(JsonNode alb) {
        JsonNode stickiness = alb.path("stickinessConfig");
        return new RouterConfig.Alb(
                text(alb, "annotationPrefix").orElse("alb.ingress.kubernetes.io"),
                oneOrMany(alb, "ingress", "ingresses"),
                alb.path("servicePort").asInt(),
                text(alb, "rootService"),
                stickiness.path("enabled").asBoolean()
                        ? Optional.of(stickiness.path("durationSeconds").asLong())
                        : Optional.empty());
    }

    private static void plugins(JsonNode plugins, String namespace, List<RouterConfig> into) {
        for (Map.Entry<String, JsonNode> plugin : plugins.properties()) {
            into.add(
                    plugin.getKey().equals(GATEWAY_API)
                            ? gateway(plugin.getValue(), namespace)
                            : new RouterConfig.Unsupported(plugin.getKey(), plugin.getValue()));
        }
    }

    private static RouterConfig gateway(JsonNode config, String namespace) {
        String in = text(config, "namespace").orElse(namespace);
        List<GatewayApi.Route> routes = new ArrayList<>();
        List<Selection> selections = new ArrayList<>();
        Map<String, String> kinds = new LinkedHashMap<>();
        kinds.put("httpRoute", "gateway.networking.k8s.io/v1 HTTPRoute");
        kinds.put("grpcRoute", "gateway.networking.k8s.io/v1 GRPCRoute");
        kinds.put("tcpRoute", "gateway.networking.k8s.io/v1alpha2 TCPRoute");
        kinds.put("tlsRoute", "gateway.networking.k8s.io/v1alpha2 TLSRoute");
        kinds.forEach(
                (key, type) -> {
                    String version = type.substring(0, type.indexOf(' '));
                    String kind = type.substring(type.indexOf(' ') + 1);
                    text(config, key).ifPresent(n -> addRoute(routes, version, kind, in, n, true));
                    for (JsonNode item : config.path(key + "s")) {
                        addRoute(
                                routes,
                                version,
                                kind,
                                in,
                                item.path("name").asText(),
                                item.path("useHeaderRoutes").asBoolean());
                    }
                    JsonNode selector = config.path(key + "Selector");
                    if (selector.isObject()) {
                        selections.add(new Selection(version, kind, in, labels(selector)));
                    }
                });
        Optional<String> problem =
                routes.isEmpty() && selections.isEmpty()
                        ? Optional.of(
                                "No routes configured. At least one of 'httpRoutes', 'grpcRoutes',"
                                        + " 'tcpRoutes', 'tlsRoutes', 'httpRoute', 'grpcRoute',"
                                        + " 'tcpRoute' or 'tlsRoute' must be set")
                        : Optional.empty();
        return new GatewayApi(
                routes,
                selections,
                config.path("disableInProgressLabel").asBoolean()
                        ? Optional.empty()
                        : Optional.of(
                                new GatewayApi.Label(
                                        text(config, "inProgressLabelKey")
                                                .orElse("rollouts.argoproj.io/gatewayapi-canary"),
                                        text(config, "inProgressLabelValue")
                                                .orElse("in-progress"))),
                problem);
    }

    private static void addRoute(
            List<GatewayApi.Route> routes,
            String version,
            String kind,
            String namespace,
            String name,
            boolean headers) {
        ObjectRef ref = new ObjectRef(version, kind, namespace, name);
        if (routes.stream().noneMatch(r -> r.ref().equals(ref))) {
            routes.add(new GatewayApi.Route(ref, headers));
        }
    }

    /// A label selector in its text form.
    private static String labels(JsonNode selector) {
        List<String> terms = new ArrayList<>();
        selector.path("matchLabels")
                .properties()
                .forEach(e -> terms.add(e.getKey() + "=" + e.getValue().asText()));
        for (JsonNode expression : selector.path("matchExpressions")) {
            String key = expression.path("key").asText();
            String values =
                    texts(expression, "values").stream().collect(Collectors.joining(",", "(", ")"));
            terms.add(
                    switch (expression.path("operator").asText()) {
                        case "Exists" -> key;
                        case "DoesNotExist" -> "!" + key;
                        case "NotIn" -> key + " notin " + values;
                        default -> key + " in " + values;
                    });
        }
        return String.join(",", terms);
    }

    private static List<String> oneOrMany(JsonNode config, String one, String many) {
        List<String> names = new ArrayList<>();
        text(config, one).ifPresent(names::add);
        names.addAll(texts(config, many));
        return names.stream().distinct().toList();
    }

    private static List<String> texts(JsonNode object, String field) {
        List<String> all = new ArrayList<>();
        object.path(field).forEach(n -> all.add(n.asText()));
        return all;
    }

    private static Map<String, String> strings(JsonNode object) {
        Map<String, String> all = new LinkedHashMap<>();
        object.properties().forEach(e -> all.put(e.getKey(), e.getValue().asText()));
        return all;
    }

    static Optional<String> text(JsonNode object, String field) {
        return Optional.of(object.path(field).asText("")).filter(s -> !s.isBlank());
    }
}
