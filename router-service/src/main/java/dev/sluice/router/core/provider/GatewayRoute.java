package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.core.EvidenceLevel;
import dev.sluice.router.core.Lingering;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.RouterConfig;
import dev.sluice.router.core.Routing;
import dev.sluice.router.core.Snapshot;
import dev.sluice.router.core.TrafficPlan;
import dev.sluice.router.core.TrafficPlan.Destination;
import dev.sluice.router.core.TrafficPlan.ManagedRoute;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// What is ours in one route of the Gateway API: weights in the user's rules, rules of header and
/// mirror routes after them, and a label while a release is under way.
record GatewayRoute(
        RouterConfig.GatewayApi.Route route,
        Optional<RouterConfig.GatewayApi.Label> label,
        RolloutView rollout,
        TrafficPlan plan,
        Pair pair,
        Snapshot seen)
        implements Document {

    private static final int FALLBACK_PORT = 8080;

    /// Whether a header or mirror route has rules in this object.
    boolean takes(JsonNode object, ManagedRoute managed) {
        List<JsonNode> sources = new ArrayList<>();
        weighted(object).forEach(i -> sources.add(rules(object).path(i)));
        return isFor(route, managed) && !GatewayRules.of(managed, sources, pair.canary()).isEmpty();
    }

    /// Whether a header or mirror route may go to such a route.
    static boolean isFor(RouterConfig.GatewayApi.Route route, ManagedRoute managed) {
        return route.headerRoutes()
                && (route.ref().kind().equals("HTTPRoute")
                        || (route.ref().kind().equals("GRPCRoute") && !managed.mirror()));
    }

    @Override
    public Content read(JsonNode object) {
        List<Integer> shares = new ArrayList<>();
        List<Destination> additional = new ArrayList<>();
        Set<String> experiments = experiments(object);
        for (int index : weighted(object)) {
            JsonNode backends = rules(object).path(index).path("backendRefs");
            long sum = 0;
            long canary = 0;
            for (JsonNode backend : backends) {
                if (isOurs(backend, experiments)) {
                    sum += weight(backend);
                    canary += isNamed(backend, pair.canary()) ? weight(backend) : 0;
                }
            }
            shares.add(Document.share(canary, sum, plan.maxWeight()));
            for (JsonNode backend : backends) {
                if (isExperiment(backend, experiments) && weight(backend) > 0) {
                    int share = Document.share(weight(backend), sum, plan.maxWeight());
                    add(additional, backend.path("name").asText(), share);
                }
            }
        }
        return new Content(shares, additional, managedNames(object));
    }

    private static void add(List<Destination> additional, String service, int share) {
        if (additional.stream().noneMatch(d -> d.serviceName().equals(service))) {
            additional.add(new Destination(service, "", share));
        }
    }

    @Override
    public ObjectNode write(JsonNode object, Routing routing) {
        ObjectNode after = object.deepCopy();
        List<JsonNode> sources = new ArrayList<>();
        Set<String> experiments = experiments(object);
        for (int index : weighted(after)) {
            ObjectNode rule = (ObjectNode) rules(after).path(index);
            writeWeights(rule, routing, experiments);
            sources.add(rule);
        }
        List<String> added = routing.additional().stream().map(Destination::serviceName).toList();
        Additions.note(after, rollout.uid(), sources.isEmpty() ? List.of() : added);
        writeManaged(after, object, routing, sources);
        label(after, object, routing.canary());
        return after;
    }

    private void writeWeights(ObjectNode rule, Routing routing, Set<String> experiments) {
        ArrayNode backends = (ArrayNode) rule.path("backendRefs");
        for (int i = backends.size() - 1; i >= 0; i--) {
            ObjectNode backend = (ObjectNode) backends.path(i);
            if (!isService(backend)) {
                continue;
            }
            if (isNamed(backend, pair.canary())) {
                backend.put("weight", routing.canary());
            } else if (isNamed(backend, pair.stable())) {
                backend.put("weight", (int) routing.stable(plan.maxWeight()));
            } else if (isExperiment(backend, experiments)) {
                int weight = routing.weightOf(backend.path("name").asText());
                if (weight == 0) {
                    backends.remove(i);
                } else {
                    backend.put("weight", weight);
                }
            }
        }
        for (Destination destination : routing.additional()) {
            boolean present = false;
            for (JsonNode backend : backends) {
                present |= isNamed(backend, destination.serviceName());
            }
            if (!present) {
                backends.addObject()
                        .put("name", destination.serviceName())
                        .put("namespace", rollout.namespace())
                        .put("port", port(destination.serviceName()))
                        .put("weight", destination.weight());
            }
        }
    }

    /// Rules of header and mirror routes follow the user's. Those that are as they should be stay
    /// as they are.
    private void writeManaged(
            ObjectNode after, JsonNode object, Routing routing, List<JsonNode> sources) {
        ArrayNode rules = (ArrayNode) rules(after);
        List<JsonNode> wanted = new ArrayList<>();
        for (ManagedRoute managed : routing.routes()) {
            if (isFor(route, managed)) {
                wanted.addAll(GatewayRules.of(managed, sources, pair.canary()));
            }
        }
        List<JsonNode> present = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            if (isManaged(rules(object).path(i))) {
                present.add(rules.path(i));
            }
        }
        if (covers(present, wanted)) {
            return;
        }
        for (int i = rules.size() - 1; i >= 0; i--) {
            if (isManaged(rules(object).path(i))) {
                rules.remove(i);
            }
        }
        rules.addAll(wanted);
    }

    /// The API server adds defaults to what we wrote; a CRD without rule names drops them.
    private static boolean covers(List<JsonNode> present, List<JsonNode> wanted) {
        if (present.size() != wanted.size()) {
            return false;
        }
        for (int i = 0; i < wanted.size(); i++) {
            ObjectNode rule = wanted.get(i).deepCopy();
            if (!present.get(i).has("name")) {
                rule.remove("name");
            }
            if (!Owned.covers(present.get(i), rule)) {
                return false;
            }
        }
        return true;
    }

    /// Rules with both Services, other than ours.
    List<Integer> weighted(JsonNode object) {
        List<Integer> found = new ArrayList<>();
        JsonNode rules = rules(object);
        for (int index = 0; index < rules.size(); index++) {
            if (!isManaged(rules.path(index))
                    && has(rules.path(index), pair.canary())
                    && has(rules.path(index), pair.stable())) {
                found.add(index);
            }
        }
        return found;
    }

    /// Ours by name; where names are dropped, ours because it leads to the canary alone.
    private boolean isManaged(JsonNode rule) {
        if (rule.has("name")) {
            return owner(rule.path("name").asText()).isPresent();
        }
        JsonNode backends = rule.path("backendRefs");
        return !rollout.managedRoutes().isEmpty()
                && route.headerRoutes()
                && backends.size() == 1
                && isNamed(backends.path(0), pair.canary());
    }

    private Optional<String> owner(String rule) {
        return rollout.managedRoutes().stream()
                .filter(r -> rule.equals(r) || rule.matches(Pattern.quote(r) + "-\\d+"))
                .findFirst();
    }

    /// An unnamed rule counts for the first header route of the plan: whether it is that one is
    /// told by its content.
    private List<String> managedNames(JsonNode object) {
        Set<String> names = new LinkedHashSet<>();
        for (JsonNode rule : rules(object)) {
            if (isManaged(rule)) {
                names.add(
                        owner(rule.path("name").asText())
                                .or(
                                        () ->
                                                plan.routes().stream()
                                                        .map(ManagedRoute::name)
                                                        .filter(n -> !names.contains(n))
                                                        .findFirst())
                                .orElse("unnamed"));
            }
        }
        // a route that does not take header routes has nothing to say about them
        plan.routes().stream()
                .filter(r -> !takes(object, r))
                .map(ManagedRoute::name)
                .forEach(names::add);
        return List.copyOf(names);
    }

    private static JsonNode rules(JsonNode object) {
        return object.path("spec").path("rules");
    }

    private static boolean has(JsonNode rule, String service) {
        for (JsonNode backend : rule.path("backendRefs")) {
            if (isNamed(backend, service)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isService(JsonNode backend) {
        return backend.path("kind").asText("Service").equals("Service");
    }

    private static boolean isNamed(JsonNode backend, String service) {
        return isService(backend) && backend.path("name").asText().equals(service);
    }

    private boolean isOurs(JsonNode backend, Set<String> experiments) {
        return isNamed(backend, pair.canary())
                || isNamed(backend, pair.stable())
                || isExperiment(backend, experiments);
    }

    /// Services of the plan's experiments and of former ones: the status names those that were
    /// seen to have a share, the object those that got one since. Any other is somebody else's.
    private Set<String> experiments(JsonNode object) {
        Set<String> names = new LinkedHashSet<>(Additions.of(object, rollout.uid()));
        names.addAll(rollout.experimentServices());
        plan.additional().forEach(d -> names.add(d.serviceName()));
        names.remove(pair.canary());
        names.remove(pair.stable());
        return names;
    }

    private static boolean isExperiment(JsonNode backend, Set<String> experiments) {
        return isService(backend) && experiments.contains(backend.path("name").asText());
    }

    private static long weight(JsonNode backend) {
        return backend.path("weight").asLong(1);
    }

    private int port(String service) {
        JsonNode ports =
                seen.find(ObjectRef.service(rollout.namespace(), service))
                        .map(s -> s.path("spec").path("ports"))
                        .orElse(Owned.JSON.arrayNode());
        for (JsonNode port : ports) {
            if (port.path("name").asText().equals("http")) {
                return port.path("port").asInt();
            }
        }
        return ports.path(0).path("port").asInt(FALLBACK_PORT);
    }

    private void label(ObjectNode after, JsonNode object, int weight) {
        if (label.isEmpty()) {
            return;
        }
        // on a shared route the label stays until the last Rollout that uses it is done (R9)
        boolean wanted =
                weight != 0
                        || Lingering.currentOfOthers(object, rollout.uid()).stream()
                                .anyMatch(w -> !w.equals("0"));
        String key = label.get().key();
        if (wanted && !object.path("metadata").path("labels").has(key)) {
            after.withObjectProperty("metadata")
                    .withObjectProperty("labels")
                    .put(key, label.get().value());
        } else if (!wanted && after.path("metadata").path("labels") instanceof ObjectNode labels) {
            labels.remove(key);
        }
    }

    /// Each parent has to have seen this generation, accepted it and resolved its references (R8).
    @Override
    public Acknowledgement acknowledgement(JsonNode route) {
        JsonNode parents = route.path("status").path("parents");
        if (!parents.isArray() || parents.isEmpty()) {
            return Acknowledgement.none();
        }
        long generation = route.path("metadata").path("generation").asLong();
        boolean current = true;
        for (JsonNode wanted : route.path("spec").path("parentRefs")) {
            boolean reported = false;
            for (JsonNode parent : parents) {
                reported |= isAbout(wanted, parent.path("parentRef"));
            }
            current &= reported;
        }
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

    private static boolean isAbout(JsonNode wanted, JsonNode reported) {
        return wanted.path("name").asText().equals(reported.path("name").asText())
                && wanted.path("sectionName").asText().equals(reported.path("sectionName").asText())
                && wanted.path("port").asInt() == reported.path("port").asInt();
    }
}
