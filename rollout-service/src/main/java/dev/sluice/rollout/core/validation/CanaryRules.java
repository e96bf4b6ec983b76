package dev.sluice.rollout.core.validation;

import static dev.sluice.rollout.core.validation.FieldError.invalid;
import static dev.sluice.rollout.core.validation.FieldError.required;
import static dev.sluice.rollout.core.validation.FieldError.unsupported;
import static dev.sluice.rollout.core.validation.SpecRules.first;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.Durations;
import dev.sluice.rollout.core.Strategy.Routing;
import dev.sluice.rollout.core.gate.EventGate;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Checks of the canary strategy. Field paths are rooted at `spec.strategy.` as users of the
/// original know them.
final class CanaryRules {
    private static final String GATEWAY_PLUGIN = "argoproj-labs/gatewayAPI";
    private static final List<String> ROUTERS =
            List.of("alb", "istio", "smi", "apisix", "ambassador", "nginx", "appMesh", "traefik");
    private static final Set<String> PAIRED_ROUTERS = Set.of("alb", "istio");

    /// The only place that says which routers router-service does not drive.
    private static final List<String> REFUSED_ROUTERS = List.of("appMesh");
    private static final List<String> EXCLUSIVE =
            List.of("setWeight", "pause", "experiment", "analysis");
    private static final Set<String> OTHER_STEPS =
            Set.of("setCanaryScale", "setHeaderRoute", "setMirrorRoute", "plugin");

    private CanaryRules() {}

    static Optional<String> firstError(JsonNode canary) {
        return first(
                List.of(
                        () -> antiAffinity(canary),
                        () -> surge(canary),
                        () -> services(canary),
                        () -> RouteRules.pingPong(canary),
                        () -> neededServices(canary),
                        () -> routing(canary),
                        () -> steps(canary),
                        () -> refusedRouters(canary.path("trafficRouting"))));
    }

    static Optional<String> antiAffinity(JsonNode strategy) {
        JsonNode anti = strategy.path("antiAffinity");
        if (!anti.isObject()) {
            return Optional.empty();
        }
        boolean preferred = anti.hasNonNull("preferredDuringSchedulingIgnoredDuringExecution");
        boolean needed = anti.hasNonNull("requiredDuringSchedulingIgnoredDuringExecution");
        if (preferred == needed) {
            return Optional.of(
                    invalid(
                            "spec.strategy.antiAffinity",
                            anti,
                            "AntiAffinity must have exactly one strategy listed"));
        }
        int weight =
                anti.path("preferredDuringSchedulingIgnoredDuringExecution")
                        .path("weight")
                        .asInt(0);
        return preferred && (weight < 1 || weight > 100)
                ? Optional.of(
                        invalid(
                                "spec.strategy.antiAffinity.preferredDuringSchedulingIgnoredDuringExecution.weight",
                                Integer.toString(weight),
                                "AntiAffinity weight must be between 1-100"))
                : Optional.empty();
    }

    private static Optional<String> surge(JsonNode canary) {
        boolean bothZero = isZero(canary.path("maxSurge")) && isZero(canary.path("maxUnavailable"));
        return bothZero
                ? Optional.of(
                        invalid(
                                "spec.strategy.maxSurge",
                                canary.path("maxSurge"),
                                "MaxSurge and MaxUnavailable both can not be zero"))
                : Optional.empty();
    }

    private static boolean isZero(JsonNode n) {
        return (n.isNumber() && n.asInt() == 0)
                || (n.isTextual() && (n.asText().equals("0") || n.asText().equals("0%")));
    }

    private static Optional<String> services(JsonNode canary) {
        String stable = canary.path("stableService").asText("");
        String other = canary.path("canaryService").asText("");
        if (!stable.isEmpty() && stable.equals(other)) {
            return Optional.of(
                    invalid(
                            "spec.strategy.stableService",
                            canary.path("stableService"),
                            "This rollout uses the same service for the stable and canary services,"
                                    + " but two different services are required."));
        }
        return Optional.empty();
    }

    /// Also where the original does without: one of them carries the proof of what the routers
    /// do.
    private static Optional<String> neededServices(JsonNode canary) {
        String stable = canary.path("stableService").asText("");
        String other = canary.path("canaryService").asText("");
        JsonNode routing = canary.path("trafficRouting");
        boolean isPaired = canary.path("pingPong").isObject();
        boolean needed =
                ROUTERS.stream()
                                .filter(r -> !(isPaired && PAIRED_ROUTERS.contains(r)))
                                .anyMatch(routing::hasNonNull)
                        || (!isPaired && routing.path("plugins").hasNonNull(GATEWAY_PLUGIN));
        return needed && (stable.isEmpty() || other.isEmpty())
                ? Optional.of(
                        invalid(
                                "spec.strategy.stableService",
                                canary.path("stableService"),
                                "Canary service and Stable service must to be set to use Traffic"
                                        + " Routing"))
                : Optional.empty();
    }

    private static Optional<String> routing(JsonNode canary) {
        JsonNode routing = canary.path("trafficRouting");
        boolean routed = routing.isObject();
        JsonNode delay = canary.path("scaleDownDelaySeconds");
        boolean dynamic = canary.path("dynamicStableScale").asBoolean(false);
        if (!routed && delay.isNumber()) {
            return Optional.of(
                    invalid(
                            "spec.strategy.scaleDownDelaySeconds",
                            delay,
                            "Canary scaleDownDelaySeconds can only be used with traffic routing"));
        }
        if (!routed && dynamic) {
            return Optional.of(
                    invalid(
                            "spec.strategy.dynamicStableScale",
                            "true",
                            "Canary dynamicStableScale can only be used with traffic routing"));
        }
        if (dynamic && delay.isNumber()) {
            return Optional.of(
                    invalid(
                            "spec.strategy.dynamicStableScale",
                            "true",
                            "Canary dynamicStableScale cannot be used with scaleDownDelaySeconds"));
        }
        JsonNode max = routing.path("maxTrafficWeight");
        if (max.isNumber() && !routing.hasNonNull("nginx") && !routing.hasNonNull("plugins")) {
            return Optional.of(
                    invalid(
                            "spec.strategy.trafficRouting.maxTrafficWeight",
                            max,
                            "Canary maxTrafficWeight in traffic routing only supported in Nginx and"
                                    + " Plugins"));
        }
        return max.isNumber() && max.asInt() < 1
                ? Optional.of(
                        invalid(
                                "spec.strategy.trafficRouting.maxTrafficWeight",
                                max,
                                "must be greater than 0"))
                : Optional.empty();
    }

    private static Optional<String> steps(JsonNode canary) {
        JsonNode steps = canary.path("steps");
        JsonNode routing = canary.path("trafficRouting");
        int max = routing.path("maxTrafficWeight").asInt(Routing.DEFAULT_MAX_WEIGHT);
        for (int i = 0; i < steps.size(); i++) {
            int index = i;
            Optional<String> error =
                    step("spec.strategy.steps[" + i + "]", steps.get(i), max, routing)
                            .or(() -> ExperimentStepRules.firstError(canary, index));
            if (error.isPresent()) {
                return error;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> step(
            String path, JsonNode step, int maxWeight, JsonNode routing) {
        long exclusive = EXCLUSIVE.stream().filter(step::hasNonNull).count();
        boolean other = OTHER_STEPS.stream().anyMatch(step::hasNonNull);
        if (exclusive > 1 || (exclusive == 0 && !other)) {
            return Optional.of(
                    invalid(
                            path,
                            step,
                            "Step must have one of the following set: experiment, setWeight,"
                                    + " setCanaryScale, plugin or pause"));
        }
        JsonNode weight = step.path("setWeight");
        if (step.hasNonNull("setWeight")
                && (!weight.isIntegralNumber()
                        || weight.asInt() < 0
                        || weight.asInt() > maxWeight)) {
            return Optional.of(
                    invalid(
                            path + ".setWeight",
                            weight,
                            "SetWeight needs to be between 0 and " + maxWeight));
        }
        JsonNode duration = step.path("pause").path("duration");
        if (!duration.isMissingNode() && !duration.isNull() && Durations.seconds(duration) < 0) {
            return Optional.of(
                    invalid(
                            path + ".pause.duration",
                            duration,
                            "Duration needs to be greater than 0"));
        }
        if (step.hasNonNull("setCanaryScale") && !routing.isObject()) {
            return Optional.of(
                    invalid(
                            path + ".trafficRouting",
                            step.path("setCanaryScale"),
                            "SetCanaryScale requires TrafficRouting to be set"));
        }
        JsonNode plugin = step.path("plugin");
        if (plugin.path("name").asText("").equals(EventGate.PLUGIN)) {
            JsonNode config = plugin.path("config");
            return EventGate.problem(config)
                    .map(
                            p ->
                                    invalid(
                                            path + ".plugin.config." + p.field(),
                                            config.path(p.field()),
                                            p.detail()));
        }
        if (step.hasNonNull("plugin")) {
            return Optional.of(
                    invalid(
                            path + ".plugin.name",
                            plugin.path("name"),
                            "no such step plugin: programs of the original are not run; use "
                                    + EventGate.PLUGIN
                                    + " to wait for an event"));
        }
        return RouteRules.firstError(path, step, routing);
    }

    private static Optional<String> refusedRouters(JsonNode routing) {
        Optional<String> known =
                REFUSED_ROUTERS.stream()
                        .filter(routing::hasNonNull)
                        .map(
                                r ->
                                        unsupported(
                                                "spec.strategy.trafficRouting." + r,
                                                "the traffic router " + r))
                        .findFirst();
        if (known.isPresent()) {
            return known;
        }
        for (var plugin : routing.path("plugins").properties()) {
            if (!plugin.getKey().equals(GATEWAY_PLUGIN)) {
                String path = "spec.strategy.trafficRouting.plugins." + plugin.getKey();
                return Optional.of(
                        unsupported(path, "the traffic router plugin " + plugin.getKey()));
            }
        }
        boolean none =
                routing.isObject()
                        && ROUTERS.stream().noneMatch(routing::hasNonNull)
                        && routing.path("plugins").isEmpty();
        return none
                ? Optional.of(
                        required("spec.strategy.trafficRouting", "a traffic router must be named"))
                : Optional.empty();
    }
}
