package dev.sluice.router.core;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.router.core.TrafficPlan.Destination;
import dev.sluice.router.core.TrafficPlan.ManagedRoute;
import dev.sluice.router.core.TrafficPlan.ServiceTarget;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Parses a Rollout, once, at the edge: what follows works on records that are valid.
public final class RolloutReader {

    private static final String CANARY = "/spec/strategy/canary";

    private RolloutReader() {}

    /// What router-service needs of a Rollout. A plan that can't be read is reported in
    /// `planProblem`, never guessed.
    public static RolloutView read(JsonNode rollout) {
        JsonNode metadata = rollout.path("metadata");
        JsonNode canary = routed(rollout);
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
        for (JsonNode named : List.of(rollout.at(CANARY), canary)) {
            text(named, "stableService").ifPresent(referenced::add);
            text(named, "canaryService").ifPresent(referenced::add);
            text(named.path("pingPong"), "pingService").ifPresent(referenced::add);
            text(named.path("pingPong"), "pongService").ifPresent(referenced::add);
        }
        text(blueGreen, "activeService").ifPresent(referenced::add);
        text(blueGreen, "previewService").ifPresent(referenced::add);
        status.path("services").forEach(s -> referenced.add(s.path("name").asText()));
        return new RolloutView(
                namespace,
                metadata.path("name").asText(),
                metadata.path("uid").asText(),
                rollout.path("apiVersion").asText("argoproj.io/v1alpha1"),
                metadata.hasNonNull("deletionTimestamp"),
                RouterReader.read(canary.path("trafficRouting"), namespace),
                RouterReader.managedRoutes(canary.path("trafficRouting")),
                text(canary, "stableService"),
                text(canary, "canaryService"),
                text(blueGreen, "activeService"),
                text(blueGreen, "previewService"),
                referenced,
                experiments(rollout.path("status")),
                canary.path("pingPong").isObject(),
                rollout.path("spec").path("replicas").asInt(1),
                threshold(
                        status.has("threshold")
                                ? status.path("threshold")
                                : rollout.at(CANARY).path("replicaProgressThreshold")),
                plan,
                problem);
    }

    /// The fields that say by what weights are carried out: the plan's own, for the spec may name
    /// other routers, or none, by now (B7).
    private static JsonNode routed(JsonNode rollout) {
        JsonNode carriage = rollout.path("status").path("trafficPlan").path("carriage");
        return carriage.isObject() ? carriage : rollout.at(CANARY);
    }

    private static List<String> experiments(JsonNode status) {
        Set<String> names = new LinkedHashSet<>();
        for (JsonNode weights :
                List.of(
                        status.path("canary").path("weights"),
                        status.path("trafficPlan").path("observed").path("weights"))) {
            weights.path("additional").forEach(d -> names.add(d.path("serviceName").asText()));
        }
        return List.copyOf(names);
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
            if (route.path("match").isEmpty()) {
                continue; // a step without conditions takes the route away
            }
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
                live(plan.path("live")),
                observed.path("plan").asLong(-1) == plan.path("id").asLong()
                        && !observed.path("partial").asBoolean());
    }

    private static Map<String, Integer> live(JsonNode shares) {
        Map<String, Integer> live = new TreeMap<>();
        for (JsonNode share : shares) {
            live.merge(
                    share.path("podTemplateHash").asText(),
                    share.path("weight").asInt(),
                    Math::max);
        }
        return live;
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

    private static Optional<String> text(JsonNode object, String field) {
        return RouterReader.text(object, field);
    }
}
