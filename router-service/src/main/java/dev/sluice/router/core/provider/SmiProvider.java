package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
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
import dev.sluice.router.core.TrafficPlan.Destination;
import dev.sluice.router.core.provider.Capabilities.Feature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// SMI: a TrafficSplit of our own, which goes with the Rollout. Nothing reports back, so the
/// evidence is `Written`.
public record SmiProvider(
        RouterConfig.Smi config, RolloutView rollout, String apiVersion, Duration drainBound)
        implements Provider {

    static final Capabilities CAPABILITIES =
            new Capabilities(
                    Set.of(Feature.EXPERIMENTS),
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
        return List.of(ref());
    }

    @Override
    public Reading read(Snapshot seen, TrafficPlan plan, Instant now) {
        Optional<Pair> pair = Pair.of(rollout, plan);
        if (pair.isEmpty()) {
            return Reading.Unusable.invalid(
                    "trafficRouting.smi needs stableService and canaryService");
        }
        Optional<JsonNode> split = seen.find(ref());
        if (split.isPresent() && !Owned.isOwnedBy(rollout, split.get())) {
            return new Reading.Unusable(
                    Reason.FOREIGN_OWNER,
                    "Rollout does not own TrafficSplit `%s`".formatted(ref().name()));
        }
        return new Reading.Routes(
                List.of(
                        split.map(s -> state(s, plan, pair.get(), now))
                                .orElseGet(() -> RouteState.absent(ref()))));
    }

    private RouteState state(JsonNode split, TrafficPlan plan, Pair pair, Instant now) {
        return new Split(pair, plan)
                .state(ref(), split, new Marks(rollout, plan, pair, drainBound, now));
    }

    @Override
    public Change desired(
            Snapshot seen, TrafficPlan plan, ObjectRef route, Routing routing, Instant now) {
        Pair pair = Pair.of(rollout, plan).orElseThrow();
        Optional<JsonNode> split = seen.find(route);
        Split document = new Split(pair, plan);
        Marks marks = new Marks(rollout, plan, pair, drainBound, now);
        if (split.isEmpty()) {
            ObjectNode body = document.write(Owned.body(route, rollout), routing);
            marks.put(body, body, RouteState.absent(route), routing);
            return new Change.Create(route, body);
        }
        return document.change(route, split.get(), routing, marks);
    }

    private ObjectRef ref() {
        return new ObjectRef(
                apiVersion,
                "TrafficSplit",
                rollout.namespace(),
                config.trafficSplit().orElse(rollout.name()));
    }

    /// The split is ours as a whole, so its backends are written as a whole.
    private final class Split implements Document {
        private final Pair pair;
        private final TrafficPlan plan;

        Split(Pair pair, TrafficPlan plan) {
            this.pair = pair;
            this.plan = plan;
        }

        @Override
        public Content read(JsonNode split) {
            JsonNode backends = split.path("spec").path("backends");
            long sum = 0;
            long canary = 0;
            for (JsonNode backend : backends) {
                sum += weight(backend);
                canary += isNamed(backend, pair.canary()) ? weight(backend) : 0;
            }
            List<Destination> additional = new ArrayList<>();
            for (JsonNode backend : backends) {
                if (!isNamed(backend, pair.canary())
                        && !isNamed(backend, pair.stable())
                        && weight(backend) > 0) {
                    int share = Document.share(weight(backend), sum, plan.maxWeight());
                    additional.add(new Destination(backend.path("service").asText(), "", share));
                }
            }
            int share = Document.share(canary, sum, plan.maxWeight());
            return new Content(List.of(share), additional, List.of());
        }

        @Override
        public ObjectNode write(JsonNode split, Routing routing) {
            ObjectNode after = split.deepCopy();
            ObjectNode spec = after.withObjectProperty("spec");
            spec.put("service", config.rootService().orElse(pair.stable()));
            ArrayNode backends = Owned.JSON.arrayNode();
            add(backends, pair.canary(), routing.canary());
            routing.additional().forEach(d -> add(backends, d.serviceName(), d.weight()));
            add(backends, pair.stable(), routing.stable(plan.maxWeight()));
            spec.set("backends", backends);
            return after;
        }

        /// The first version of the API has quantities, the later ones numbers.
        private void add(ArrayNode backends, String service, long weight) {
            ObjectNode backend = backends.addObject().put("service", service);
            if (apiVersion.endsWith("/v1alpha1")) {
                backend.put("weight", Long.toString(weight));
            } else {
                backend.put("weight", (int) weight);
            }
        }

        private static boolean isNamed(JsonNode backend, String service) {
            return backend.path("service").asText().equals(service);
        }

        private static long weight(JsonNode backend) {
            return backend.path("weight").asLong();
        }
    }
}
