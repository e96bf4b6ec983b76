package dev.sluice.explorer.check;

import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.TrafficPlan.Role;
import dev.sluice.rollout.core.TrafficPlan.RoleService;
import java.util.Optional;

/// Which Service has a role; with ping-pong that changes at each promotion.
final class Roles {
    private Roles() {}

    static String canary(TrafficPlan plan) {
        return service(plan, Role.CANARY).orElse("");
    }

    private static Optional<String> service(TrafficPlan plan, Role role) {
        return plan.services().stream()
                .filter(s -> s.role() == role)
                .map(RoleService::name)
                .findFirst();
    }
}
