package dev.sluice.router.core.provider;

import dev.sluice.router.core.Role;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.TrafficPlan;
import dev.sluice.router.core.TrafficPlan.ServiceTarget;
import java.util.Optional;

/// The two Services that a router divides traffic between.
record Pair(String stable, String canary) {

    /// Those that the Rollout names; with ping-pong those that have the roles now, whatever else
    /// it names.
    static Optional<Pair> of(RolloutView rollout, TrafficPlan plan) {
        if (rollout.pingPong()) {
            Optional<String> stable = plan.target(Role.STABLE).map(ServiceTarget::name);
            Optional<String> canary = plan.target(Role.CANARY).map(ServiceTarget::name);
            return stable.isPresent() && canary.isPresent()
                    ? Optional.of(new Pair(stable.get(), canary.get()))
                    : Optional.empty();
        }
        return rollout.stableService().isPresent() && rollout.canaryService().isPresent()
                ? Optional.of(
                        new Pair(rollout.stableService().get(), rollout.canaryService().get()))
                : Optional.empty();
    }

    /// A pair of names that no Service has.
    static Pair none() {
        return new Pair("", "");
    }
}
