package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.EvidenceLevel;
import dev.sluice.router.core.Keys;
import dev.sluice.router.core.Lingering;
import dev.sluice.router.core.Move.Reason;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.RouteState;
import dev.sluice.router.core.RouterConfig;
import dev.sluice.router.core.Routing;
import dev.sluice.router.core.Snapshot;
import dev.sluice.router.core.TrafficPlan;
import dev.sluice.router.core.provider.Capabilities.Feature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// ingress-nginx: a second Ingress, marked as canary, carries the share. The user's own Ingress is
/// never changed.
///
/// The canary Ingress belongs to the Rollout, so it goes with it; idle it stays with weight 0.
/// What others annotate on it is kept. The controller reports nothing back, so the evidence is
/// `Written`.
public record NginxProvider(RouterConfig.Nginx config, RolloutView rollout, Duration drainBound)
        implements Provider {

    private static final String API = "networking.k8s.io/v1";
    private static final String CLASS_ANNOTATION = "kubernetes.io/ingress.class";
    private static final int MAX_BASE = 246;

    static final Capabilities CAPABILITIES =
            new Capabilities(
                    Set.of(Feature.COOKIES),
                    Integer.MAX_VALUE,
                    EvidenceLevel.WRITTEN,
                    "by cookie, with `affinity` annotations on the stable Ingress",
                    "no report; the drain bound");

    @Override
    public Capabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public List<ObjectRef> reads(TrafficPlan plan) {
        List<ObjectRef> refs = new ArrayList<>();
        for (String ingress : config.stableIngresses()) {
            refs.add(ingress(ingress));
            refs.add(canaryOf(ingress));
        }
        return refs;
    }

    @Override
    public Reading read(Snapshot seen, TrafficPlan plan, Instant now) {
        if (config.stableIngresses().isEmpty()) {
            return Reading.Unusable.invalid("trafficRouting.nginx names no stableIngress");
        }
        if (rollout.stableService().isEmpty() || rollout.canaryService().isEmpty()) {
            return Reading.Unusable.invalid(
                    "trafficRouting.nginx needs stableService and canaryService");
        }
        List<RouteState> routes = new ArrayList<>();
        for (String name : config.stableIngresses()) {
            Optional<JsonNode> stable = seen.find(ingress(name));
            if (stable.isEmpty()) {
                return new Reading.Unusable(
                        Reason.MISSING, "ingress.networking.k8s.io \"" + name + "\" not found");
            }
            if (rules(stable.get()).isEmpty()) {
                return Reading.Unusable.invalid(
                        "ingress `%s` has no rules using service %s backend"
                                .formatted(name, rollout.stableService().get()));
            }
            ObjectRef ref = canaryOf(name);
            Optional<JsonNode> canary = seen.find(ref);
            if (canary.isPresent() && !Owned.isOwnedBy(rollout, canary.get())) {
                return new Reading.Unusable(
                        Reason.FOREIGN_OWNER,
                        "canary ingress `%s` controlled by different object".formatted(ref.name()));
            }
            routes.add(
                    canary.map(c -> state(ref, c, stable.get(), plan, now))
                            .orElseGet(() -> RouteState.absent(ref)));
        }
        return new Reading.Routes(routes);
    }

    private RouteState state(
            ObjectRef ref, JsonNode canary, JsonNode stable, TrafficPlan plan, Instant now) {
        JsonNode annotations = canary.path("metadata").path("annotations");
        boolean on = annotations.path(key("canary")).asText().equals("true");
        int weight = on ? share(annotations, plan) : 0;
        List<Integer> former = new ArrayList<>();
        for (String text : Lingering.read(canary, rollout.uid(), drainBound, now).former()) {
            former.add(number(text, plan.maxWeight()));
        }
        return new RouteState(
                ref,
                true,
                weight,
                List.of(),
                List.of(),
                former,
                isExact(canary, stable, weight),
                Lingering.stampedPlan(canary, rollout.uid()),
                EvidenceLevel.WRITTEN,
                true,
                Optional.empty());
    }

    /// The share in parts of maxWeight; rounded up, so that a foreign total never hides a share.
    private int share(JsonNode annotations, TrafficPlan plan) {
        long weight = number(annotations.path(key("canary-weight")).asText(), 0);
        long total = number(annotations.path(key("canary-weight-total")).asText(), 100);
        if (total <= 0 || total == plan.maxWeight()) {
            return Math.clamp(weight, 0, plan.maxWeight());
        }
        return Math.clamp((weight * plan.maxWeight() + total - 1) / total, 0, plan.maxWeight());
    }

    private boolean isExact(JsonNode canary, JsonNode stable, int weight) {
        JsonNode annotations = canary.path("metadata").path("annotations");
        boolean annotated =
                annotations(stable, weight).entrySet().stream()
                        .allMatch(
                                e -> annotations.path(e.getKey()).asText("").equals(e.getValue()));
        JsonNode spec = canary.path("spec");
        ObjectNode wanted = spec(stable);
        return annotated
                && wanted.path("rules").equals(spec.path("rules"))
                && wanted.path("tls").equals(spec.path("tls"))
                && wanted.path("ingressClassName").equals(spec.path("ingressClassName"));
    }

    @Override
    public Change desired(
            Snapshot seen, TrafficPlan plan, ObjectRef route, Routing routing, Instant now) {
        int weight = routing.canary();
        JsonNode stable =
                config.stableIngresses().stream()
                        .filter(n -> canaryOf(n).equals(route))
                        .findFirst()
                        .flatMap(n -> seen.find(ingress(n)))
                        .orElseThrow();
        Optional<JsonNode> present = seen.find(route);
        JsonNode canary = present.orElse(Owned.JSON.objectNode());
        RouteState before =
                present.map(c -> state(route, c, stable, plan, now))
                        .orElseGet(() -> RouteState.absent(route));
        Lingering lingering = Lingering.read(canary, rollout.uid(), drainBound, now);
        if (before.canary() != weight) {
            lingering =
                    lingering.replacing(
                            Integer.toString(before.canary()),
                            Integer.toString(weight),
                            drainBound,
                            now);
        }
        Map<String, String> annotations = annotations(stable, weight);
        annotations.put(Keys.PLAN, Lingering.stamp(canary, rollout.uid(), plan.id()));
        annotations.put(
                Keys.LINGERING,
                lingering.annotation(canary, rollout.uid(), Integer.toString(weight)));
        if (present.isEmpty()) {
            return new Change.Create(route, body(route, stable, annotations));
        }
        ObjectNode patch = Owned.mergePatch(canary);
        annotations.forEach(
                (key, value) -> {
                    if (!canary.path("metadata")
                            .path("annotations")
                            .path(key)
                            .asText("")
                            .equals(value)) {
                        Owned.annotate(patch, key, value);
                    }
                });
        ObjectNode wanted = spec(stable);
        for (String field : List.of("ingressClassName", "rules", "tls")) {
            JsonNode value = wanted.path(field);
            if (!value.equals(canary.path("spec").path(field))) {
                patch.withObjectProperty("spec")
                        .set(field, value.isMissingNode() ? Owned.JSON.nullNode() : value);
            }
        }
        return Owned.merge(route, patch);
    }

    private ObjectNode body(ObjectRef route, JsonNode stable, Map<String, String> annotations) {
        ObjectNode body = Owned.body(route, rollout);
        annotations.forEach(Marks.annotations(body)::put);
        body.set("spec", spec(stable));
        return body;
    }

    private Map<String, String> annotations(JsonNode stable, int weight) {
        Map<String, String> all = new LinkedHashMap<>();
        String ingressClass =
                stable.path("metadata").path("annotations").path(CLASS_ANNOTATION).asText("");
        if (!ingressClass.isEmpty()) {
            all.put(CLASS_ANNOTATION, ingressClass);
        }
        config.additionalAnnotations()
                .forEach(
                        (key, value) ->
                                all.put(
                                        key.startsWith(config.annotationPrefix() + "/")
                                                ? key
                                                : key(key),
                                        value));
        all.putAll(config.canaryAnnotations());
        all.put(key("canary"), "true");
        all.put(key("canary-weight"), Integer.toString(weight));
        config.maxTrafficWeight()
                .ifPresent(w -> all.put(key("canary-weight-total"), Long.toString(w)));
        return all;
    }

    private ObjectNode spec(JsonNode stable) {
        ObjectNode spec = Owned.JSON.objectNode();
        JsonNode from = stable.path("spec");
        if (from.hasNonNull("ingressClassName")) {
            spec.set("ingressClassName", from.path("ingressClassName").deepCopy());
        }
        ArrayNode rules = spec.putArray("rules");
        rules(stable).forEach(rules::add);
        if (from.hasNonNull("tls")) {
            spec.set("tls", from.path("tls").deepCopy());
        }
        return spec;
    }

    /// The rules that use the stable Service, with the canary Service in its place; other paths of
    /// such a rule stay as they are.
    private List<JsonNode> rules(JsonNode stable) {
        List<JsonNode> rules = new ArrayList<>();
        for (JsonNode rule : stable.path("spec").path("rules")) {
            ObjectNode copy = rule.deepCopy();
            boolean used = false;
            for (JsonNode path : copy.path("http").path("paths")) {
                JsonNode service = path.path("backend").path("service");
                if (service instanceof ObjectNode backend
                        && rollout.stableService()
                                .filter(backend.path("name").asText()::equals)
                                .isPresent()) {
                    backend.put("name", rollout.canaryService().orElseThrow());
                    used = true;
                }
            }
            if (used) {
                rules.add(copy);
            }
        }
        return rules;
    }

    private ObjectRef ingress(String name) {
        return new ObjectRef(API, "Ingress", rollout.namespace(), name);
    }

    private ObjectRef canaryOf(String stable) {
        String base = rollout.name() + "-" + stable;
        return ingress((base.length() > MAX_BASE ? base.substring(0, MAX_BASE) : base) + "-canary");
    }

    private String key(String name) {
        return config.annotationPrefix() + "/" + name;
    }

    private static int number(String text, int otherwise) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }
}
