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
import dev.sluice.router.core.TrafficPlan.ManagedRoute;
import dev.sluice.router.core.provider.Capabilities.Feature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// APISIX: the weights of the two Services in the rules of the user's ApisixRoute; for each header
/// route an ApisixRoute of our own with a higher priority. Nothing reports back, so the evidence
/// is `Written`.
public record ApisixProvider(RouterConfig.Apisix config, RolloutView rollout, Duration drainBound)
        implements Provider {

    private static final String API = "apisix.apache.org/v2";

    static final Capabilities CAPABILITIES =
            new Capabilities(
                    Set.of(Feature.HEADER_ROUTES),
                    Capabilities.PERCENT,
                    EvidenceLevel.WRITTEN,
                    "by hash, with an ApisixUpstream within one version",
                    "no report; the drain bound");

    @Override
    public Capabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public List<ObjectRef> reads(TrafficPlan plan) {
        List<ObjectRef> refs = new ArrayList<>();
        refs.add(ref(config.route()));
        rollout.managedRoutes().forEach(r -> refs.add(ref(r)));
        return refs;
    }

    @Override
    public Reading read(Snapshot seen, TrafficPlan plan, Instant now) {
        Optional<Pair> pair = Pair.of(rollout, plan);
        if (pair.isEmpty()) {
            return Reading.Unusable.invalid(
                    "trafficRouting.apisix needs stableService and canaryService");
        }
        Optional<JsonNode> base = seen.find(ref(config.route()));
        if (base.isEmpty()) {
            return Reading.Unusable.missing(ref(config.route()));
        }
        ApisixRules document = new ApisixRules(config, pair.get(), plan.maxWeight());
        Optional<String> problem = document.problem(base.get());
        if (problem.isPresent()) {
            return Reading.Unusable.invalid(ref(config.route()) + ": " + problem.get());
        }
        for (ManagedRoute managed : plan.routes()) {
            Optional<JsonNode> present = seen.find(ref(managed.name()));
            if (present.isPresent() && !Owned.isOwnedBy(rollout, present.get())) {
                return new Reading.Unusable(
                        Reason.FOREIGN_OWNER,
                        "duplicate ApisixRoute [%s] already exists".formatted(managed.name()));
            }
        }
        return new Reading.Routes(
                List.of(
                        state(
                                seen,
                                plan,
                                base.get(),
                                document,
                                new Marks(rollout, plan, pair.get(), drainBound, now))));
    }

    /// One route is the user's object and ours beside it. The oldest stamp counts.
    private RouteState state(
            Snapshot seen, TrafficPlan plan, JsonNode base, ApisixRules document, Marks marks) {
        RouteState read = document.state(ref(config.route()), base, marks);
        List<String> managed = new ArrayList<>();
        boolean exact = read.exact();
        OptionalLong stamp = read.stampedPlan();
        for (String name : rollout.managedRoutes()) {
            Optional<JsonNode> ours = ours(seen, name);
            if (ours.isEmpty()) {
                continue;
            }
            managed.add(name);
            for (ManagedRoute wanted : plan.routes()) {
                exact &=
                        !wanted.name().equals(name)
                                || Owned.covers(
                                        ours.get().path("spec"),
                                        document.headerRoute(base, wanted));
            }
            stamp = Marks.older(stamp, marks.stamped(ours.get()));
        }
        return new RouteState(
                read.ref(),
                true,
                read.canary(),
                read.additional(),
                managed,
                read.former(),
                exact,
                stamp,
                read.level(),
                true,
                Optional.empty());
    }

    /// A header route with this name that goes with the Rollout.
    private Optional<JsonNode> ours(Snapshot seen, String name) {
        return seen.find(ref(name)).filter(o -> Owned.isOwnedBy(rollout, o));
    }

    @Override
    public Change desired(
            Snapshot seen, TrafficPlan plan, ObjectRef route, Routing routing, Instant now) {
        Pair pair = Pair.of(rollout, plan).orElseThrow();
        Marks marks = new Marks(rollout, plan, pair, drainBound, now);
        JsonNode base = seen.find(route).orElseThrow();
        ApisixRules document = new ApisixRules(config, pair, plan.maxWeight());
        return headerRoute(seen, routing, base, document, marks)
                .orElseGet(
                        () ->
                                document.change(
                                        state(seen, plan, base, document, marks),
                                        base,
                                        routing,
                                        marks));
    }

    /// The next write on a header route: those that must go come first (A7).
    private Optional<Change> headerRoute(
            Snapshot seen, Routing routing, JsonNode base, ApisixRules document, Marks marks) {
        for (String name : rollout.managedRoutes()) {
            Optional<JsonNode> present = ours(seen, name);
            boolean wanted = routing.routes().stream().anyMatch(r -> r.name().equals(name));
            if (!wanted && present.isPresent()) {
                return Optional.of(Owned.delete(ref(name), present.get()));
            }
        }
        for (ManagedRoute wanted : routing.routes()) {
            ObjectRef ref = ref(wanted.name());
            Optional<JsonNode> present = ours(seen, wanted.name());
            ObjectNode spec = document.headerRoute(base, wanted);
            if (present.isEmpty()) {
                ObjectNode body = Owned.body(ref, rollout);
                body.set("spec", spec);
                marks.stamp(body, body);
                return Optional.of(new Change.Create(ref, body));
            }
            JsonNode before = present.get();
            if (!Owned.covers(before.path("spec"), spec) || !marks.isStamped(before)) {
                ObjectNode after = before.deepCopy();
                if (!Owned.covers(before.path("spec"), spec)) {
                    after.set("spec", spec);
                }
                marks.stamp(after, before);
                return Optional.of(new Change.Operations(ref, Owned.difference(before, after)));
            }
        }
        return Optional.empty();
    }

    private ObjectRef ref(String name) {
        return new ObjectRef(API, "ApisixRoute", rollout.namespace(), name);
    }

    /// What is ours in the user's ApisixRoute, and what a header route copies from it.
    private record ApisixRules(RouterConfig.Apisix config, Pair pair, int whole)
            implements Document {

        /// What APISIX takes where nothing is said.
        private static final long PERCENT = 100;

        Optional<String> problem(JsonNode object) {
            List<String> names = names();
            for (String name : names) {
                Optional<JsonNode> rule =
                        rules(object).stream()
                                .filter(r -> r.path("name").asText().equals(name))
                                .findFirst();
                if (rule.isEmpty()) {
                    return Optional.of("spec.http has no rule '" + name + "'");
                }
                for (String service : List.of(pair.canary(), pair.stable())) {
                    if (backend(rule.get(), service).isEmpty()) {
                        return Optional.of(
                                "rule '%s' has no backend with serviceName '%s'"
                                        .formatted(name, service));
                    }
                }
            }
            return Optional.empty();
        }

        private List<String> names() {
            return config.rules().isEmpty() ? List.of(config.route()) : config.rules();
        }

        private List<JsonNode> rules(JsonNode object) {
            List<JsonNode> found = new ArrayList<>();
            for (JsonNode rule : object.path("spec").path("http")) {
                if (names().contains(rule.path("name").asText())) {
                    found.add(rule);
                }
            }
            return found;
        }

        private static Optional<ObjectNode> backend(JsonNode rule, String service) {
            for (JsonNode backend : rule.path("backends")) {
                if (backend.path("serviceName").asText().equals(service)
                        && backend instanceof ObjectNode found) {
                    return Optional.of(found);
                }
            }
            return Optional.empty();
        }

        private static long weight(JsonNode rule, String service) {
            return backend(rule, service).map(b -> b.path("weight").asLong(PERCENT)).orElse(0L);
        }

        @Override
        public Content read(JsonNode object) {
            List<Integer> shares = new ArrayList<>();
            for (JsonNode rule : rules(object)) {
                long canary = weight(rule, pair.canary());
                long sum = canary + weight(rule, pair.stable());
                shares.add(Document.share(canary, sum, whole));
            }
            return new Content(shares, List.of(), List.of());
        }

        @Override
        public ObjectNode write(JsonNode object, Routing routing) {
            ObjectNode after = object.deepCopy();
            for (JsonNode rule : rules(after)) {
                backend(rule, pair.canary()).ifPresent(b -> b.put("weight", routing.canary()));
                backend(rule, pair.stable())
                        .ifPresent(b -> b.put("weight", (int) routing.stable(whole)));
            }
            return after;
        }

        ObjectNode headerRoute(JsonNode base, ManagedRoute managed) {
            ObjectNode spec = base.path("spec").deepCopy();
            ArrayNode http = Owned.JSON.arrayNode();
            for (JsonNode source : rules(base)) {
                ObjectNode rule = source.deepCopy();
                rule.put("priority", rule.path("priority").asInt() + 1);
                ArrayNode backends = (ArrayNode) rule.path("backends");
                for (int i = backends.size() - 1; i >= 0; i--) {
                    if (backends.path(i).path("serviceName").asText().equals(pair.stable())) {
                        backends.remove(i);
                    }
                }
                backend(rule, pair.canary()).ifPresent(b -> b.put("weight", (int) PERCENT));
                ArrayNode conditions = rule.withObjectProperty("match").withArrayProperty("exprs");
                managed.match().forEach(item -> conditions.add(condition(item)));
                http.add(rule);
            }
            spec.set("http", http);
            return spec;
        }

        private static ObjectNode condition(JsonNode item) {
            JsonNode value = item.path("headerValue");
            ObjectNode condition = Owned.JSON.objectNode();
            condition
                    .putObject("subject")
                    .put("scope", "Header")
                    .put("name", item.path("headerName").asText());
            if (value.has("exact")) {
                return condition.put("op", "Equal").put("value", value.path("exact").asText());
            }
            String pattern =
                    value.has("prefix")
                            ? "^" + value.path("prefix").asText() + ".*"
                            : value.path("regex").asText();
            return condition.put("op", "RegexMatch").put("value", pattern);
        }
    }
}
