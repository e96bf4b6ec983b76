package dev.sluice.sync.core;

import java.util.ArrayList;
import java.util.List;

/// Health of an application from the health of its objects (specification of sync §5.4).
public final class HealthAggregation {
    private HealthAggregation() {}

    public static Health of(List<ResourceState> resources, ObjectKey self) {
        List<ResourceState> counted =
                resources.stream().filter(state -> counts(state, self)).toList();
        boolean anyTarget = counted.stream().anyMatch(state -> state.target().isPresent());
        if (anyTarget && counted.stream().allMatch(state -> state.live().isEmpty())) {
            return new Health(Health.Status.Missing, "");
        }
        Health.Status worst = Health.Status.Healthy;
        for (ResourceState state : counted) {
            Health.Status own = state.health().map(Health::status).orElse(Health.Status.Healthy);
            worst = own.isWorseThan(worst) ? own : worst;
        }
        return new Health(worst, worst == Health.Status.Healthy ? "" : cause(counted, worst));
    }

    private static boolean counts(ResourceState state, ObjectKey self) {
        boolean childNotThere =
                state.key().kind().equals("Application")
                        && state.health()
                                .filter(
                                        h ->
                                                h.status().compareTo(Health.Status.Missing) == 0
                                                        || h.status() == Health.Status.Unknown)
                                .isPresent();
        return state.hooks() instanceof Hooks.None
                && !state.key().equals(self)
                && !childNotThere
                && !state.live()
                        .flatMap(live -> live.annotation("argocd.argoproj.io/ignore-healthcheck"))
                        .filter("true"::equals)
                        .isPresent();
    }

    private static String cause(List<ResourceState> counted, Health.Status worst) {
        List<String> names = new ArrayList<>();
        for (ResourceState state : counted) {
            if (state.health().filter(health -> health.status() == worst).isPresent()) {
                names.add(state.key().toString());
            }
        }
        int more = names.size() - 3;
        return "Caused by "
                + String.join(", ", names.subList(0, Math.min(3, names.size())))
                + (more > 0 ? " and " + more + " more" : "");
    }
}
