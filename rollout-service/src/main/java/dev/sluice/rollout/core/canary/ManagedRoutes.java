package dev.sluice.rollout.core.canary;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.Step;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.TrafficPlan.ManagedRoute;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Header and mirror routes in force at a step: what the steps up to it have set and not taken
/// away. Nothing but the index decides, so that any pass after any restart finds the same (R3).
final class ManagedRoutes {
    private ManagedRoutes() {}

    static List<ManagedRoute> at(Strategy.Canary canary, int index) {
        Map<String, ManagedRoute> inForce = new TreeMap<>();
        for (int i = 0; i <= index && i < canary.steps().size(); i++) {
            switch (canary.steps().get(i)) {
                case Step.SetHeaderRoute(String name, JsonNode match) ->
                        set(inForce, new ManagedRoute(name, false, match, Optional.empty()));
                case Step.SetMirrorRoute(
                                String name,
                                JsonNode match,
                                Optional<Integer> percentage) ->
                        set(inForce, new ManagedRoute(name, true, match, percentage));
                case Step.SetWeight _,
                        Step.Pause _,
                        Step.Analysis _,
                        Step.Experiment _,
                        Step.Plugin _,
                        Step.SetCanaryScale _ -> {}
            }
        }
        List<String> order =
                canary.routing().map(Strategy.Routing::managedRoutes).orElse(List.of());
        return inForce.values().stream()
                .filter(r -> order.contains(r.name()))
                .sorted(Comparator.comparingInt(r -> order.indexOf(r.name())))
                .toList();
    }

    private static void set(Map<String, ManagedRoute> inForce, ManagedRoute route) {
        if (route.match().isArray() && !route.match().isEmpty()) {
            inForce.put(route.name(), route);
        } else {
            inForce.remove(route.name());
        }
    }
}
