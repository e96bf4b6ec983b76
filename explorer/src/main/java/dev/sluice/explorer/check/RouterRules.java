package dev.sluice.explorer.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Proxy;
import dev.sluice.explorer.model.Proxy.Config;
import dev.sluice.explorer.model.Proxy.Entry;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.TrafficPlan.RoleService;
import dev.sluice.router.core.Evidence;
import dev.sluice.router.core.Keys;
import java.util.Map;
import java.util.Optional;

/// Rules about the objects themselves.
final class RouterRules {
    private RouterRules() {}

    static Optional<String> r1(RouterWrite w) {
        if (w.former().isEmpty() || w.ref().kind().equals("Ingress")) {
            return Optional.empty();
        }
        JsonNode was = others(w.former().get());
        JsonNode is = others(w.present());
        return was.equals(is) ? Optional.empty() : Optional.of(w.ref() + ": " + was + " is " + is);
    }

    /// The object without the fields that are ours.
    private static JsonNode others(JsonNode object) {
        ObjectNode spec = object.path("spec").deepCopy();
        if (spec.path("selector") instanceof ObjectNode selector) {
            selector.remove(Keys.HASH);
        }
        for (JsonNode rule : spec.path("rules")) {
            for (JsonNode backend : rule.path("backendRefs")) {
                if (backend instanceof ObjectNode b) {
                    b.remove("weight");
                }
            }
        }
        return spec;
    }

    /// Complete evidence of a plan while something is not as the plan has it.
    static Optional<String> r5(RouterWrite w) {
        Optional<JsonNode> evidence = Evidence.recorded(w.present());
        if (!w.isService()
                || evidence.isEmpty()
                || evidence.equals(w.former().flatMap(Evidence::recorded))
                || evidence.get().path("partial").asBoolean()) {
            return Optional.empty();
        }
        TrafficPlan plan = w.plan();
        long id = evidence.get().path("plan").asLong();
        if (id != plan.id()
                || id
                        != w.cluster()
                                .rollout()
                                .status()
                                .trafficPlan()
                                .map(TrafficPlan::id)
                                .orElse(0L)) {
            return Optional.empty(); // of a former plan: it may be overtaken already
        }
        for (RoleService service : plan.services()) {
            if (!w.cluster().selected(service.name()).equals(service.podTemplateHash())) {
                return Optional.of("plan " + id + ": " + service + " is not so");
            }
        }
        return plan.weights().flatMap(weights -> wrongWeight(w.cluster(), id, weights.canary()));
    }

    private static Optional<String> wrongWeight(Cluster cluster, long plan, int canary) {
        for (Proxy proxy : cluster.proxies()) {
            Config config = cluster.config(proxy.entry());
            if (!(proxy.entry() instanceof Entry.Whole)
                    && config.shares().getOrDefault("canary", 0) != canary
                    && isProgrammed(cluster, proxy)) {
                return Optional.of(
                        "plan %d gives the canary %d, %s has %s"
                                .formatted(plan, canary, proxy.name(), shares(config)));
            }
        }
        return Optional.empty();
    }

    private static Map<String, Integer> shares(Config config) {
        return config.shares();
    }

    /// Routers that the present spec names.
    private static boolean isProgrammed(Cluster cluster, Proxy proxy) {
        JsonNode routing = cluster.rollout().json().at("/spec/strategy/canary/trafficRouting");
        return switch (proxy.entry()) {
            case Entry.Nginx _ -> routing.has("nginx");
            case Entry.Gateway _ -> routing.has("plugins");
            case Entry.Whole _ -> false;
        };
    }
}
