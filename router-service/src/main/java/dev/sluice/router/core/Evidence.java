package dev.sluice.router.core;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.core.TrafficPlan.Destination;
import dev.sluice.router.core.TrafficPlan.ServiceTarget;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What was found after a plan was carried out as far as it goes. Written last, on the anchor
/// Service; rollout-service trusts this and nothing else.
///
/// @param rollout uid of the Rollout
/// @param at when it was found
/// @param settlesAt from when no proxy uses the former routing
/// @param canaryWeight the canary's share that was found
/// @param additional the shares of experiments' Services that were found
/// @param services the selectors that were found
/// @param partial whether something of the plan is missing
public record Evidence(
        String rollout,
        long plan,
        EvidenceLevel level,
        Instant at,
        Instant settlesAt,
        Optional<Integer> canaryWeight,
        List<Destination> additional,
        int maxWeight,
        List<ServiceTarget> services,
        boolean partial,
        String message) {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int MAX_MESSAGE = 1_000;

    public Evidence {
        additional = List.copyOf(additional);
        services = List.copyOf(services);
        at = at.truncatedTo(ChronoUnit.MILLIS);
        settlesAt = settlesAt.truncatedTo(ChronoUnit.MILLIS);
        if (message.length() > MAX_MESSAGE) {
            message = message.substring(0, MAX_MESSAGE) + "…";
        }
    }

    /// The evidence of what is in `seen`.
    ///
    /// @param drain drain bound of the weakest router in use
    public static Evidence of(
            String rollout,
            Situation seen,
            boolean partial,
            String message,
            Duration drain,
            Instant at) {
        EvidenceLevel level =
                seen.routes().isEmpty() ? EvidenceLevel.CONTROLLER : EvidenceLevel.DATA_PLANE;
        Routing wanted = seen.plan().routing();
        Optional<Routing> found = Optional.empty();
        for (RouteState route : seen.routes()) {
            level = level.and(route.level());
            // several routers: the one that lags behind the plan most speaks for all (R4)
            Routing routing = route.routing(seen.plan());
            if (found.isEmpty() || routing.distanceTo(wanted) > found.get().distanceTo(wanted)) {
                found = Optional.of(routing);
            }
        }
        List<ServiceTarget> services = new ArrayList<>();
        for (ServiceState service : seen.services()) {
            if (service.kind().equals(ServiceState.SERVICE)) {
                services.add(
                        new ServiceTarget(
                                service.name(), service.role(), service.selected().orElse("")));
            }
        }
        return new Evidence(
                rollout,
                seen.plan().id(),
                level,
                at,
                level == EvidenceLevel.DATA_PLANE ? at : at.plus(drain),
                found.map(Routing::canary),
                found.map(r -> inOrderOf(seen.plan(), r)).orElse(List.of()),
                seen.plan().maxWeight(),
                services,
                partial,
                message);
    }

    /// rollout-service compares lists: same content in another order would not be its plan.
    private static List<Destination> inOrderOf(TrafficPlan plan, Routing routing) {
        List<Destination> ordered = new ArrayList<>();
        plan.additional().stream()
                .filter(d -> routing.weightOf(d.serviceName()) > 0)
                .forEach(
                        d ->
                                ordered.add(
                                        new Destination(
                                                d.serviceName(),
                                                d.podTemplateHash(),
                                                routing.weightOf(d.serviceName()))));
        routing.additional().stream()
                .filter(d -> plan.routing().weightOf(d.serviceName()) == 0)
                .forEach(ordered::add);
        return ordered;
    }

    /// The share of the stable Service.
    public int stableWeight() {
        int others = additional.stream().mapToInt(Destination::weight).sum();
        return maxWeight - canaryWeight.orElse(0) - others;
    }

    /// This evidence with the times of the annotation that already says the same.
    public Evidence recordedAs(JsonNode json) {
        try {
            return new Evidence(
                    rollout,
                    plan,
                    level,
                    Instant.parse(json.path("at").asText()),
                    Instant.parse(json.path("settlesAt").asText()),
                    canaryWeight,
                    additional,
                    maxWeight,
                    services,
                    partial,
                    message);
        } catch (DateTimeException e) {
            return this;
        }
    }

    /// The annotation's value.
    public String toJson() {
        return toJson(at, settlesAt);
    }

    private String toJson(Instant at, Instant settlesAt) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("rollout", rollout);
        json.put("plan", plan);
        json.put("level", level.wireName());
        json.put("at", at.toString());
        json.put("settlesAt", settlesAt.toString());
        canaryWeight.ifPresent(w -> weights(json.putObject("weights"), w));
        ArrayNode list = json.putArray("services");
        services.forEach(
                s ->
                        list.addObject()
                                .put("name", s.name())
                                .put("podTemplateHash", s.podTemplateHash()));
        json.put("partial", partial);
        json.put("message", message);
        return json.toString();
    }

    private void weights(ObjectNode weights, int canary) {
        weights.put("canary", canary).put("stable", stableWeight());
        if (!additional.isEmpty()) {
            ArrayNode list = weights.putArray("additional");
            additional.forEach(
                    d ->
                            list.addObject()
                                    .put("serviceName", d.serviceName())
                                    .put("podTemplateHash", d.podTemplateHash())
                                    .put("weight", d.weight()));
        }
    }

    /// Whether the anchor already says the same as `wanted`; then nothing is written.
    public static boolean isOn(JsonNode anchor, Evidence wanted) {
        return recorded(anchor).filter(json -> sameApartFromTimes(json, wanted)).isPresent();
    }

    /// The evidence on an anchor.
    public static Optional<JsonNode> recorded(JsonNode anchor) {
        String text = Lingering.annotation(anchor, Keys.EVIDENCE);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(MAPPER.readTree(text)).filter(JsonNode::isObject);
        } catch (JsonProcessingException e) {
            return Optional.empty(); // edited by hand: written anew
        }
    }

    private static boolean sameApartFromTimes(JsonNode json, Evidence wanted) {
        ObjectNode copy = json.deepCopy();
        copy.put("at", Instant.EPOCH.toString());
        copy.put("settlesAt", Instant.EPOCH.toString());
        try {
            return copy.equals(MAPPER.readTree(wanted.toJson(Instant.EPOCH, Instant.EPOCH)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("our own JSON does not parse", e);
        }
    }
}
