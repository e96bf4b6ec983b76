package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.EvidenceLevel;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.RouterConfig;
import dev.sluice.router.core.Routing;
import dev.sluice.router.core.Snapshot;
import dev.sluice.router.core.TrafficPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Traefik: the weights of the two Services in the user's weighted TraefikService. Nothing reports
/// back, so the evidence is `Written`.
public record TraefikProvider(
        RouterConfig.Traefik config, RolloutView rollout, String apiVersion, Duration drainBound)
        implements Provider {

    static final Capabilities CAPABILITIES =
            new Capabilities(
                    Set.of(),
                    Capabilities.PERCENT,
                    EvidenceLevel.WRITTEN,
                    "by cookie, with `sticky` of the TraefikService",
                    "no report; the drain bound");

    @Override
    public Capabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public List<ObjectRef> reads(TrafficPlan plan) {
        return List.of(ref());
    }

    @Override
    public Reading read(Snapshot seen, TrafficPlan plan, Instant now) {
        Optional<Pair> pair = Pair.of(rollout, plan);
        if (pair.isEmpty()) {
            return Reading.Unusable.invalid(
                    "trafficRouting.traefik needs stableService and canaryService");
        }
        Optional<JsonNode> object = seen.find(ref());
        if (object.isEmpty()) {
            return Reading.Unusable.missing(ref());
        }
        Weighted document = new Weighted("/spec/weighted/services", "name", pair.get(), plan);
        for (String service : List.of(pair.get().canary(), pair.get().stable())) {
            if (document.find(object.get(), service).isEmpty()) {
                return Reading.Unusable.invalid(
                        "%s: spec.weighted.services has no service '%s'".formatted(ref(), service));
            }
        }
        return new Reading.Routes(
                List.of(
                        document.state(
                                ref(),
                                object.get(),
                                new Marks(rollout, plan, pair.get(), drainBound, now))));
    }

    @Override
    public Change desired(
            Snapshot seen, TrafficPlan plan, ObjectRef route, Routing routing, Instant now) {
        Pair pair = Pair.of(rollout, plan).orElseThrow();
        return new Weighted("/spec/weighted/services", "name", pair, plan)
                .change(
                        route,
                        seen.find(route).orElseThrow(),
                        routing,
                        new Marks(rollout, plan, pair, drainBound, now));
    }

    private ObjectRef ref() {
        return new ObjectRef(apiVersion, "TraefikService", rollout.namespace(), config.service());
    }

    /// A list of backends with a name and a weight each; others in it are not ours.
    record Weighted(String list, String nameField, Pair pair, TrafficPlan plan)
            implements Document {

        Optional<ObjectNode> find(JsonNode object, String service) {
            for (JsonNode entry : object.at(list)) {
                if (entry.path(nameField).asText().equals(service)
                        && entry instanceof ObjectNode found) {
                    return Optional.of(found);
                }
            }
            return Optional.empty();
        }

        @Override
        public Content read(JsonNode object) {
            long canary = weight(object, pair.canary());
            long sum = canary + weight(object, pair.stable());
            return new Content(
                    List.of(Document.share(canary, sum, plan.maxWeight())), List.of(), List.of());
        }

        private long weight(JsonNode object, String service) {
            return find(object, service).map(e -> e.path("weight").asLong(1)).orElse(0L);
        }

        @Override
        public ObjectNode write(JsonNode object, Routing routing) {
            ObjectNode after = object.deepCopy();
            find(after, pair.canary()).ifPresent(e -> e.put("weight", routing.canary()));
            find(after, pair.stable())
                    .ifPresent(e -> e.put("weight", (int) routing.stable(plan.maxWeight())));
            return after;
        }
    }
}
