package dev.sluice.rollout.core;

import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Planning.Wanted;
import dev.sluice.rollout.core.TrafficPlan.Role;
import dev.sluice.rollout.core.TrafficPlan.RoleService;
import dev.sluice.rollout.core.TrafficPlan.Share;
import dev.sluice.rollout.core.TrafficPlan.Weights;
import java.util.List;
import java.util.Optional;

/// A router is taken out of the spec while it shares traffic out. Nobody would ever take its rules
/// back, so before anything else of the new spec counts, the former router gives everything to the
/// stable revision (B7). No pod goes meanwhile (T8).
public final class Departure {
    /// What every reason to wait begins with.
    public static final String WAITING = "RouterLeaving";

    private Departure() {}

    static boolean isDue(Pass pass) {
        return pass.next
                .trafficPlan
                .filter(plan -> isDivided(pass, plan) && !Takeover.isVoid(pass))
                .flatMap(TrafficPlan::carriage)
                .map(former -> Carriage.isLeaving(former, Carriage.of(pass.spec.strategy())))
                .orElse(false);
    }

    private static boolean isDivided(Pass pass, TrafficPlan plan) {
        return plan.weights().isPresent()
                && (!plan.isSettled(pass.now)
                        || plan.weights().get().stable() < plan.maxWeight()
                        || !plan.routes().isEmpty());
    }

    /// What the former router has to do next. After a promotion its stable Service may still lead
    /// to the revision before: it is pointed at the stable one while it has no share (S3).
    static Wanted wanted(Pass pass) {
        TrafficPlan plan = pass.next.trafficPlan.orElseThrow();
        String stable = pass.next.stableRS;
        Optional<ReplicaSetView> set = pass.stableSet();
        if (set.isEmpty()) {
            return notYet(pass, "there is no stable revision to take its traffic");
        }
        pass.scale(set.get(), Math.max(set.get().replicas(), pass.replicas()));
        boolean leadsThere =
                plan.services().stream()
                        .filter(s -> s.role() == Role.STABLE)
                        .allMatch(s -> s.podTemplateHash().equals(stable));
        boolean isFree = plan.weights().orElseThrow().stable() == 0 && plan.isSettled(pass.now);
        if (!leadsThere && !isFree) {
            return notYet(pass, "its stable Service still leads to a former revision");
        }
        if (set.get().available() < pass.replicas()) {
            return notYet(pass, "the stable revision cannot carry its traffic yet");
        }
        return new Wanted.Routing(
                plan.anchor(),
                plan.maxWeight(),
                plan.services().stream().map(s -> pointed(s, stable)).toList(),
                Optional.of(new Weights(0, plan.maxWeight())),
                plan.carriage(),
                List.of(),
                List.of(new Share(stable, plan.maxWeight())));
    }

    private static RoleService pointed(RoleService service, String stable) {
        return service.role() == Role.STABLE
                ? new RoleService(service.name(), Role.STABLE, stable)
                : service;
    }

    private static Wanted notYet(Pass pass, String why) {
        pass.unblock = "let the stable revision become available, or give trafficRouting back";
        return new Wanted.NotYet(
                WAITING + ": the router that the spec no longer names waits, " + why);
    }
}
