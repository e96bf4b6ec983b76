package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.EvidenceLevel;
import dev.sluice.router.core.Move.Reason;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.RouteState;
import dev.sluice.router.core.RouterConfig;
import dev.sluice.router.core.Routing;
import dev.sluice.router.core.Snapshot;
import dev.sluice.router.core.TrafficPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Ambassador (Emissary): beside each of the user's Mappings a copy that leads to the canary
/// Service with a weight. On the user's Mapping only our mark is written.
///
/// The copy is there while the canary has a share. Its weight goes to 0 first; when no proxy can
/// still apply the former weight it is removed. Nothing reports back, so the evidence is `Written`.
public record AmbassadorProvider(
        RouterConfig.Ambassador config, RolloutView rollout, String apiVersion, Duration drainBound)
        implements Provider {

    private static final int MAX_BASE = 246;
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    static final Capabilities CAPABILITIES =
            new Capabilities(
                    Set.of(),
                    Capabilities.PERCENT,
                    EvidenceLevel.WRITTEN,
                    "none",
                    "no report; the drain bound");

    @Override
    public Capabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public List<ObjectRef> reads(TrafficPlan plan) {
        List<ObjectRef> refs = new ArrayList<>();
        for (String mapping : config.mappings()) {
            refs.add(ref(mapping));
            refs.add(canaryOf(mapping));
        }
        return refs;
    }

    @Override
    public Reading read(Snapshot seen, TrafficPlan plan, Instant now) {
        Optional<Pair> pair = Pair.of(rollout, plan);
        if (config.mappings().isEmpty()) {
            return Reading.Unusable.invalid("must provide at least one mapping");
        }
        if (pair.isEmpty()) {
            return Reading.Unusable.invalid(
                    "trafficRouting.ambassador needs stableService and canaryService");
        }
        List<RouteState> routes = new ArrayList<>();
        for (String name : config.mappings()) {
            Optional<JsonNode> base = seen.find(ref(name));
            if (base.isEmpty()) {
                return Reading.Unusable.missing(ref(name));
            }
            JsonNode spec = base.get().path("spec");
            if (spec.hasNonNull("weight")) {
                return Reading.Unusable.invalid(
                        "Ambassador mapping \"%s\" can not define weight".formatted(name));
            }
            if (!spec.path("service").asText().contains(pair.get().stable())) {
                return Reading.Unusable.invalid(
                        "%s does not lead to service %s".formatted(ref(name), pair.get().stable()));
            }
            Optional<JsonNode> canary = seen.find(canaryOf(name));
            if (canary.isPresent() && !isOurs(canary.get())) {
                return new Reading.Unusable(
                        Reason.FOREIGN_OWNER,
                        canaryOf(name) + " is controlled by a different object");
            }
            routes.add(
                    state(
                            name,
                            base.get(),
                            canary,
                            new Marks(rollout, plan, pair.get(), drainBound, now)));
        }
        return new Reading.Routes(routes);
    }

    /// One route is the pair of Mappings. The older stamp of the two counts.
    private RouteState state(String name, JsonNode base, Optional<JsonNode> canary, Marks marks) {
        int share = canary.map(AmbassadorProvider::weight).orElse(0);
        List<Integer> former =
                canary.map(marks::former).orElse(List.of()).stream()
                        .filter(f -> f != share)
                        .toList();
        boolean leaving = canary.isPresent() && share == 0;
        boolean drained = leaving && former.isEmpty();
        boolean same =
                canary.map(c -> Owned.covers(c.path("spec"), spec(base, share, marks.pair())))
                        .orElse(true);
        return new RouteState(
                ref(name),
                true,
                share,
                List.of(),
                List.of(),
                former,
                same && !drained,
                canary.map(c -> Marks.older(marks.stamped(base), marks.stamped(c)))
                        .orElse(marks.stamped(base)),
                EvidenceLevel.WRITTEN,
                !leaving,
                Optional.empty());
    }

    private static int weight(JsonNode mapping) {
        return Math.clamp(mapping.path("spec").path("weight").asLong(), 0, Capabilities.PERCENT);
    }

    @Override
    public Change desired(
            Snapshot seen, TrafficPlan plan, ObjectRef route, Routing routing, Instant now) {
        Pair pair = Pair.of(rollout, plan).orElseThrow();
        Marks marks = new Marks(rollout, plan, pair, drainBound, now);
        JsonNode base = seen.find(route).orElseThrow();
        ObjectRef ref = canaryOf(route.name());
        Optional<JsonNode> canary = seen.find(ref);
        if (canary.isEmpty() && routing.canary() > 0) {
            ObjectNode body = Owned.body(ref, rollout);
            base.path("metadata")
                    .path("labels")
                    .properties()
                    .forEach(
                            e ->
                                    body.withObjectProperty("metadata")
                                            .withObjectProperty("labels")
                                            .set(e.getKey(), e.getValue()));
            base.path("metadata")
                    .path("annotations")
                    .properties()
                    .forEach(
                            e -> {
                                if (!isNoise(e.getKey())) {
                                    Marks.annotations(body).set(e.getKey(), e.getValue());
                                }
                            });
            body.set("spec", spec(base, routing.canary(), pair));
            marks.put(body, body, RouteState.absent(ref), routing);
            return new Change.Create(ref, body);
        }
        if (canary.isPresent()) {
            RouteState was = state(route.name(), base, canary, marks);
            boolean done = weight(canary.get()) == 0 && routing.canary() == 0;
            if (done && was.former().isEmpty()) {
                return Owned.delete(ref, canary.get());
            }
            ObjectNode wanted = spec(base, routing.canary(), pair);
            if (!Owned.covers(canary.get().path("spec"), wanted)
                    || !marks.isStamped(canary.get())) {
                ObjectNode after = canary.get().deepCopy();
                if (!Owned.covers(after.path("spec"), wanted)) {
                    after.set("spec", wanted);
                }
                marks.put(after, canary.get(), was, routing);
                return new Change.Operations(ref, Owned.difference(canary.get(), after));
            }
        }
        ObjectNode after = base.deepCopy();
        marks.stamp(after, base);
        return new Change.Operations(route, Owned.difference(base, after));
    }

    private static boolean isNoise(String annotation) {
        return annotation.equals(LAST_APPLIED) || annotation.startsWith("sluice.dev/");
    }

    private static ObjectNode spec(JsonNode base, int weight, Pair pair) {
        ObjectNode spec = base.path("spec").deepCopy();
        String service = spec.path("service").asText();
        int at = service.indexOf(pair.stable());
        spec.put(
                "service",
                at < 0
                        ? service
                        : service.substring(0, at)
                                + pair.canary()
                                + service.substring(at + pair.stable().length()));
        return spec.put("weight", weight);
    }

    /// One that the original made has no owner: it is known by its name.
    private boolean isOurs(JsonNode mapping) {
        return mapping.path("metadata").path("ownerReferences").isEmpty()
                || Owned.isOwnedBy(rollout, mapping);
    }

    private ObjectRef ref(String mapping) {
        String kind = apiVersion.startsWith("x.getambassador.io") ? "AmbassadorMapping" : "Mapping";
        return new ObjectRef(apiVersion, kind, rollout.namespace(), mapping);
    }

    private ObjectRef canaryOf(String mapping) {
        String base = mapping.length() > MAX_BASE ? mapping.substring(0, MAX_BASE) : mapping;
        return ref(base + "-canary");
    }
}
