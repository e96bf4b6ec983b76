package dev.sluice.explorer.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Proxy;
import dev.sluice.explorer.model.Proxy.Config;
import dev.sluice.explorer.model.Proxy.Entry;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.TrafficPlan.ManagedRoute;
import dev.sluice.rollout.core.TrafficPlan.RoleService;
import dev.sluice.router.core.Evidence;
import dev.sluice.router.core.Keys;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Rules about the objects themselves.
final class RouterRules {
    private RouterRules() {}

    static Optional<String> r1(RouterWrite w) {
        if (w.former().isEmpty() || w.ref().kind().equals("Ingress")) {
            return Optional.empty();
        }
        List<String> known = w.cluster().scenario().services();
        JsonNode was = others(w.former().get(), known);
        JsonNode is = others(w.present(), known);
        return was.equals(is) ? Optional.empty() : Optional.of(w.ref() + ": " + was + " is " + is);
    }

    /// The object without the fields that are ours.
    ///
    /// @param known the user's Services; backends for those of Experiments come and go
    private static JsonNode others(JsonNode object, List<String> known) {
        ObjectNode spec = object.path("spec").deepCopy();
        if (spec.path("selector") instanceof ObjectNode selector) {
            selector.remove(Keys.HASH);
        }
        if (spec.path("rules") instanceof ArrayNode rules) {
            while (rules.size() > 1) {
                rules.remove(1); // header and mirror routes
            }
        }
        for (JsonNode rule : spec.path("rules")) {
            if (rule.path("backendRefs") instanceof ArrayNode backends) {
                backends.removeIf(b -> !known.contains(b.path("name").asText()));
            }
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
        for (Proxy proxy : w.cluster().proxies()) {
            if (!isProgrammed(w.cluster(), proxy)) {
                continue;
            }
            Optional<String> wrong = unlike(plan, w.cluster().config(proxy.entry()));
            if (wrong.isPresent()) {
                return Optional.of("plan %d at %s: %s".formatted(id, proxy.name(), wrong.get()));
            }
        }
        return Optional.empty();
    }

    /// What the plan has and the routing does not, or the other way round.
    private static Optional<String> unlike(TrafficPlan plan, Config config) {
        String canary = Roles.canary(plan);
        if (plan.weights().isPresent() && config.share(canary) != plan.weights().get().canary()) {
            return Optional.of(plan.weights().get() + " and not " + config);
        }
        Map<String, Integer> beside = new TreeMap<>();
        plan.weights().stream()
                .flatMap(w -> w.additional().stream())
                .forEach(d -> beside.put(d.serviceName(), d.weight()));
        Map<String, Integer> found = new TreeMap<>(config.shares());
        plan.services().forEach(s -> found.remove(s.name()));
        if (plan.weights().isPresent() && !found.equals(beside)) {
            return Optional.of(plan.weights().get() + " and not " + config);
        }
        boolean matches = plan.routes().stream().anyMatch(r -> !r.mirror());
        boolean copies = plan.routes().stream().anyMatch(ManagedRoute::mirror);
        return matches != config.matched().contains(canary)
                        || copies != config.mirrored().contains(canary)
                ? Optional.of(plan.routes() + " and not " + config)
                : Optional.empty();
    }

    /// Requests of which a copy is sent are divided as all others.
    static Optional<String> t9(RouterWrite w) {
        JsonNode rules = w.present().path("spec").path("rules");
        JsonNode first = rules.path(0).path("backendRefs");
        for (JsonNode rule : rules) {
            boolean isMirror = rule.path("filters").toString().contains("RequestMirror");
            if (isMirror && !rule.path("backendRefs").equals(first)) {
                return Optional.of(w.ref() + ": " + rule + " beside " + first);
            }
        }
        return Optional.empty();
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
