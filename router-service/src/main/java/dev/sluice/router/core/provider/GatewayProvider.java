package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.EvidenceLevel;
import dev.sluice.router.core.Keys;
import dev.sluice.router.core.Lingering;
import dev.sluice.router.core.Move.Reason;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.RouteState;
import dev.sluice.router.core.RouterConfig;
import dev.sluice.router.core.Snapshot;
import dev.sluice.router.core.TrafficPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Gateway API: the weights of the two Services' backendRefs in every rule of the named routes.
///
/// Owned fields: those weights, the in-progress label, our marks. A route may be shared with other
/// Rollouts and with its user: every write is a JSON patch of just these values. A route whose
/// parents report status gives `Controller` evidence once each of them has accepted this
/// generation; without any status it is `Written`.
public record GatewayProvider(
        RouterConfig.GatewayApi config, RolloutView rollout, Duration drainBound)
        implements Provider {

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public List<ObjectRef> reads() {
        return config.routes();
    }

    @Override
    public Reading read(Snapshot seen, TrafficPlan plan, Instant now) {
        if (config.problem().isPresent()) {
            return new Reading.Unusable(Reason.INVALID, config.problem().get());
        }
        if (rollout.stableService().isEmpty() || rollout.canaryService().isEmpty()) {
            return new Reading.Unusable(
                    Reason.INVALID, "the Gateway API plugin needs stableService and canaryService");
        }
        List<RouteState> routes = new ArrayList<>();
        for (ObjectRef ref : config.routes()) {
            Optional<JsonNode> route = seen.find(ref);
            if (route.isEmpty()) {
                return new Reading.Unusable(
                        Reason.MISSING,
                        "%ss.gateway.networking.k8s.io \"%s\" not found"
                                .formatted(ref.kind().toLowerCase(Locale.ROOT), ref.name()));
            }
            if (rules(route.get()).isEmpty()) {
                return new Reading.Unusable(
                        Reason.INVALID,
                        "backendRef was not found in " + fieldName(ref) + " '" + ref.name() + "'");
            }
            routes.add(state(ref, route.get(), plan, now));
        }
        return new Reading.Routes(routes);
    }

    private RouteState state(ObjectRef ref, JsonNode route, TrafficPlan plan, Instant now) {
        int wanted = plan.canaryWeight().orElse(0);
        List<Integer> shares = new ArrayList<>();
        boolean exact = true;
        for (Rule rule : rules(route)) {
            int share = rule.share(route, plan.maxWeight());
            shares.add(share);
            exact &= rule.carries(route, share, plan.maxWeight());
        }
        // rules that differ: the farthest from the plan speaks for the route, the others linger
        int share =
                shares.stream()
                        .reduce((a, b) -> Math.abs(b - wanted) > Math.abs(a - wanted) ? b : a)
                        .orElseThrow();
        exact &= shares.stream().distinct().count() == 1;
        List<Integer> former = new ArrayList<>(shares);
        for (String text : Lingering.read(route, rollout.uid(), drainBound, now).former()) {
            try {
                former.add(Math.clamp(Integer.parseInt(text), 0, plan.maxWeight()));
            } catch (NumberFormatException e) {
                former.add(plan.maxWeight()); // unreadable: assume the worst
            }
        }
        Acknowledgement acknowledgement = acknowledgement(route);
        return new RouteState(
                ref,
                true,
                share,
                former.stream().filter(f -> f != share).distinct().sorted().toList(),
                exact && isLabelled(route) == wantsLabel(route, share),
                Lingering.stampedPlan(route, rollout.uid()),
                acknowledgement.level(),
                acknowledgement.current(),
                acknowledgement.problem());
    }

    private record Acknowledgement(
            EvidenceLevel level, boolean current, Optional<String> problem) {}

    /// Each parent has to have seen this generation, accepted it and resolved its references (R8).
    private static Acknowledgement acknowledgement(JsonNode route) {
        JsonNode parents = route.path("status").path("parents");
        if (!parents.isArray() || parents.isEmpty()) {
            return new Acknowledgement(EvidenceLevel.WRITTEN, true, Optional.empty());
        }
        long generation = route.path("metadata").path("generation").asLong();
        boolean current = true;
        for (JsonNode parent : parents) {
            boolean accepted = false;
            for (JsonNode condition : parent.path("conditions")) {
                String type = condition.path("type").asText();
                if (!type.equals("Accepted") && !type.equals("ResolvedRefs")) {
                    continue;
                }
                boolean seen = condition.path("observedGeneration").asLong() >= generation;
                current &= seen;
                accepted |= type.equals("Accepted");
                if (seen && condition.path("status").asText().equals("False")) {
                    return new Acknowledgement(
                            EvidenceLevel.CONTROLLER,
                            true,
                            Optional.of(
                                    "%s is false at parent '%s': %s: %s"
                                            .formatted(
                                                    type,
                                                    parent.path("parentRef").path("name").asText(),
                                                    condition.path("reason").asText(),
                                                    condition.path("message").asText())));
                }
            }
            current &= accepted;
        }
        return new Acknowledgement(EvidenceLevel.CONTROLLER, current, Optional.empty());
    }

    @Override
    public Change desired(Snapshot seen, TrafficPlan plan, ObjectRef ref, int weight, Instant now) {
        JsonNode route = seen.find(ref).orElseThrow();
        RouteState before = state(ref, route, plan, now);
        Lingering lingering = Lingering.read(route, rollout.uid(), drainBound, now);
        ArrayNode operations = Owned.operations(route);
        for (Rule rule : rules(route)) {
            rule.set(operations, route, rule.canary(), weight);
            rule.set(operations, route, rule.stable(), plan.maxWeight() - weight);
        }
        if (before.canary() != weight || !before.exact()) {
            for (int former : before.former()) {
                lingering = replaced(lingering, former, weight, now);
            }
            lingering = replaced(lingering, before.canary(), weight, now);
        }
        Map<String, String> marks = new LinkedHashMap<>();
        marks.put(Keys.PLAN, Lingering.stamp(route, rollout.uid(), plan.id()));
        marks.put(
                Keys.LINGERING,
                lingering.annotation(route, rollout.uid(), Integer.toString(weight)));
        Owned.put(operations, route, "annotations", marks);
        label(operations, route, weight);
        return new Change.Operations(ref, operations);
    }

    private Lingering replaced(Lingering lingering, int former, int weight, Instant now) {
        return lingering.replacing(
                Integer.toString(former), Integer.toString(weight), drainBound, now);
    }

    private void label(ArrayNode operations, JsonNode route, int weight) {
        if (config.inProgress().isEmpty() || isLabelled(route) == wantsLabel(route, weight)) {
            return;
        }
        RouterConfig.GatewayApi.Label label = config.inProgress().get();
        if (wantsLabel(route, weight)) {
            Owned.put(operations, route, "labels", Map.of(label.key(), label.value()));
        } else {
            Owned.remove(operations, "labels", label.key());
        }
    }

    private boolean isLabelled(JsonNode route) {
        return config.inProgress()
                .filter(l -> route.path("metadata").path("labels").has(l.key()))
                .isPresent();
    }

    /// On a shared route the label stays until the last Rollout that uses it is done (R9).
    private boolean wantsLabel(JsonNode route, int weight) {
        return config.inProgress().isPresent()
                && (weight != 0
                        || Lingering.currentOfOthers(route, rollout.uid()).stream()
                                .anyMatch(w -> !w.equals("0")));
    }

    /// Places of the two backends in one rule.
    private record Rule(int index, int canary, int stable) {

        int share(JsonNode route, int maxWeight) {
            long canaryWeight = weight(route, canary);
            long sum = canaryWeight + weight(route, stable);
            if (sum <= 0) {
                return 0;
            }
            return (int) ((canaryWeight * maxWeight + sum - 1) / sum);
        }

        boolean carries(JsonNode route, int share, int maxWeight) {
            return weight(route, canary) == share && weight(route, stable) == maxWeight - share;
        }

        private JsonNode backend(JsonNode route, int backend) {
            return route.path("spec").path("rules").path(index).path("backendRefs").path(backend);
        }

        private long weight(JsonNode route, int backend) {
            return backend(route, backend).path("weight").asLong(1); // the API's own default
        }

        void set(ArrayNode operations, JsonNode route, int backend, int weight) {
            JsonNode present = backend(route, backend).path("weight");
            if (present.isNumber() && present.asInt() == weight) {
                return;
            }
            operations
                    .addObject()
                    .put("op", "add")
                    .put("path", "/spec/rules/" + index + "/backendRefs/" + backend + "/weight")
                    .put("value", weight);
        }
    }

    /// The rules with both Services. Rules made for header routes are left alone.
    private List<Rule> rules(JsonNode route) {
        List<Rule> found = new ArrayList<>();
        JsonNode rules = route.path("spec").path("rules");
        for (int index = 0; index < rules.size(); index++) {
            if (isManaged(rules.path(index).path("name").asText(""))) {
                continue;
            }
            int canary = -1;
            int stable = -1;
            JsonNode backends = rules.path(index).path("backendRefs");
            for (int i = 0; i < backends.size(); i++) {
                String kind = backends.path(i).path("kind").asText("Service");
                String name = backends.path(i).path("name").asText();
                if (!kind.equals("Service")) {
                    continue;
                }
                if (rollout.canaryService().filter(name::equals).isPresent()) {
                    canary = i;
                } else if (rollout.stableService().filter(name::equals).isPresent()) {
                    stable = i;
                }
            }
            if (canary >= 0 && stable >= 0) {
                found.add(new Rule(index, canary, stable));
            }
        }
        return found;
    }

    private boolean isManaged(String rule) {
        return config.managedRoutes().stream()
                .anyMatch(r -> rule.equals(r) || rule.matches(Pattern.quote(r) + "-\\d+"));
    }

    private static String fieldName(ObjectRef ref) {
        return switch (ref.kind()) {
            case "HTTPRoute" -> "httpRoute";
            case "GRPCRoute" -> "grpcRoute";
            case "TCPRoute" -> "tcpRoute";
            case "TLSRoute" -> "tlsRoute";
            default -> ref.kind();
        };
    }
}
