package dev.sluice.rollout.core.validation;

import static dev.sluice.rollout.core.validation.FieldError.invalid;
import static dev.sluice.rollout.core.validation.FieldError.required;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/// Checks of what needs a router with a certain ability: header and mirror routes, ping-pong.
final class RouteRules {
    private static final String MANAGED = "spec.strategy.canary.trafficRouting.managedRoutes";
    private static final String MISSING =
            "StringMatch value missed, match value must have one of the following: exact, regex,"
                    + " prefix";
    private static final String SEVERAL =
            "StringMatch match value must have exactly one of the following: exact, regex, prefix";

    private RouteRules() {}

    static Optional<String> firstError(String path, JsonNode step, JsonNode routing) {
        return SpecRules.first(
                List.of(
                        () ->
                                header(
                                        path + ".setHeaderRoute",
                                        step.path("setHeaderRoute"),
                                        routing),
                        () ->
                                mirror(
                                        path + ".setMirrorRoute",
                                        step.path("setMirrorRoute"),
                                        routing)));
    }

    private static boolean hasAny(JsonNode routing, String... routers) {
        return List.of(routers).stream()
                .anyMatch(
                        r ->
                                r.equals("plugins")
                                        ? !routing.path(r).isEmpty()
                                        : routing.hasNonNull(r));
    }

    private static Optional<String> header(String path, JsonNode step, JsonNode routing) {
        if (!step.isObject()) {
            return Optional.empty();
        }
        if (!hasAny(routing, "istio", "alb", "apisix", "plugins")) {
            return Optional.of(
                    invalid(
                            path,
                            step,
                            "SetHeaderRoute requires TrafficRouting, supports Istio and ALB and"
                                    + " Apisix"));
        }
        for (JsonNode match : step.path("match")) {
            JsonNode value = match.path("headerValue");
            boolean isInexact = has(value, "prefix") || has(value, "regex");
            Optional<String> error =
                    routing.hasNonNull("alb") && isInexact
                            ? Optional.of(
                                    "SetHeaderRoute match value invalid. ALB supports 'exact' value"
                                            + " only")
                            : stringMatch(value);
            if (error.isPresent()) {
                return error.map(detail -> invalid(path + ".match", match, detail));
            }
        }
        return managed(path, step, routing);
    }

    private static Optional<String> mirror(String path, JsonNode step, JsonNode routing) {
        if (!step.isObject()) {
            return Optional.empty();
        }
        if (!hasAny(routing, "istio", "plugins")) {
            return Optional.of(
                    invalid(
                            path,
                            step,
                            "SetMirrorRoute requires TrafficRouting, supports Istio and Plugins"));
        }
        for (JsonNode match : step.path("match")) {
            for (String field : List.of("method", "path")) {
                Optional<String> error =
                        match.hasNonNull(field) ? stringMatch(match.path(field)) : Optional.empty();
                if (error.isPresent()) {
                    return error.map(detail -> invalid(path + ".match." + field, match, detail));
                }
            }
        }
        return managed(path, step, routing);
    }

    private static boolean has(JsonNode value, String kind) {
        return !value.path(kind).asText("").isEmpty();
    }

    private static Optional<String> stringMatch(JsonNode value) {
        long kinds =
                List.of("exact", "prefix", "regex").stream().filter(k -> has(value, k)).count();
        return kinds == 1 ? Optional.empty() : Optional.of(kinds == 0 ? MISSING : SEVERAL);
    }

    private static Optional<String> managed(String path, JsonNode step, JsonNode routing) {
        JsonNode routes = routing.path("managedRoutes");
        if (routes.isEmpty()) {
            return Optional.of(
                    required(
                            MANAGED,
                            "Rollout has missing field"
                                    + " 'spec.strategy.canary.trafficRouting.managedRoutes'"));
        }
        for (JsonNode route : routes) {
            if (route.path("name").asText("").equals(step.path("name").asText(""))) {
                return Optional.empty();
            }
        }
        return Optional.of(
                invalid(
                        path + ".name",
                        step.path("name"),
                        "Steps define a route that does not exist in " + MANAGED));
    }

    static Optional<String> pingPong(JsonNode canary) {
        JsonNode pair = canary.path("pingPong");
        JsonNode routing = canary.path("trafficRouting");
        String path = "spec.strategy.pingPong";
        if (!pair.isObject()) {
            return Optional.empty();
        }
        if (routing.isObject() && !hasAny(routing, "alb", "istio", "plugins")) {
            return Optional.of(
                    invalid(
                            "spec.strategy.trafficRouting",
                            pair,
                            "Ping-pong feature works with the ALB, Istio, and plugin-based traffic"
                                    + " routers only"));
        }
        String ping = pair.path("pingService").asText("");
        String pong = pair.path("pongService").asText("");
        if (ping.isEmpty() || pong.isEmpty()) {
            return Optional.of(
                    invalid(
                            path + (ping.isEmpty() ? ".pingService" : ".pongService"),
                            "\"\"",
                            "Ping service and Pong service must to be set to use Ping-Pong"
                                    + " feature"));
        }
        if (ping.equals(pong)) {
            return Optional.of(
                    invalid(
                            path + ".pingService",
                            pair.path("pingService"),
                            "This rollout uses the same service for the ping and pong services,"
                                    + " but two different services are required."));
        }
        boolean isRootless =
                routing.hasNonNull("alb")
                        && routing.path("alb").path("rootService").asText("").isEmpty();
        return isRootless
                ? Optional.of(
                        invalid(
                                "spec.strategy.trafficRouting.alb.rootService",
                                "\"\"",
                                "Root service field is required for the configuration with ALB and"
                                        + " ping-pong feature enabled"))
                : Optional.empty();
    }
}
