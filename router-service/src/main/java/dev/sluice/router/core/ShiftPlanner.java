package dev.sluice.router.core;

import dev.sluice.router.core.Move.Partial;
import dev.sluice.router.core.Move.Reason;
import dev.sluice.router.core.Move.Wait;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Decides the next single write that brings routing nearer to the plan, such that every
/// configuration on the way can be carried by the pods that are there (T1, T2, S2, S3, A2, A3).
public final class ShiftPlanner {

    private final Situation seen;
    private final TrafficPlan plan;
    private final Carriers carriers;
    private final List<Move> blockers = new ArrayList<>();

    private ShiftPlanner(Situation seen) {
        this.seen = seen;
        this.plan = seen.plan();
        this.carriers = new Carriers(seen);
    }

    /// The next move. Total and deterministic; with the plan carried out it is `Complete`.
    public static Move next(Situation seen) {
        return new ShiftPlanner(seen).next();
    }

    private Move next() {
        Optional<Move> refusal = refusal();
        if (refusal.isPresent()) {
            return refusal.get();
        }
        Optional<Move> weight = weightMove();
        if (weight.isPresent()) {
            return weight.get();
        }
        Optional<Move> point = pointMove();
        if (point.isPresent()) {
            return point.get();
        }
        Optional<Move> stamp = stampMove();
        if (stamp.isPresent()) {
            return stamp.get();
        }
        return blockers.stream()
                .filter(Partial.class::isInstance)
                .findFirst()
                .or(() -> blockers.stream().findFirst())
                .orElseGet(this::acknowledged);
    }

    /// What forbids every write: an object carries a newer plan, is missing, or is another's.
    private Optional<Move> refusal() {
        for (RouteState route : seen.routes()) {
            if (isNewer(route.stampedPlan())) {
                return Optional.of(new Move.Stale(route.ref() + " carries a newer plan"));
            }
        }
        for (ServiceState service : seen.services()) {
            if (isNewer(service.stampedPlan())) {
                return Optional.of(new Move.Stale(service.label() + " carries a newer plan"));
            }
        }
        for (ServiceState service : seen.services()) {
            if (!service.exists()) {
                return Optional.of(new Partial(Reason.MISSING, service.label() + " not found"));
            }
            if (service.owner().isPresent()) {
                return Optional.of(
                        new Partial(
                                Reason.FOREIGN_OWNER,
                                service.label()
                                        + " is managed by Rollout '"
                                        + service.owner().get()
                                        + "'"));
            }
        }
        return Optional.empty();
    }

    private boolean isNewer(OptionalLong stamp) {
        return stamp.isPresent() && stamp.getAsLong() > plan.id();
    }

    private Optional<Move> weightMove() {
        if (plan.canaryWeight().isEmpty()) {
            return Optional.empty();
        }
        for (RouteState route : seen.routes()) {
            Optional<Move> move = new RouteShift(seen, route, blockers).next();
            if (move.isPresent()) {
                return move;
            }
        }
        return Optional.empty();
    }

    private Optional<Move> pointMove() {
        for (Role role : List.of(Role.STABLE, Role.ACTIVE, Role.CANARY, Role.PREVIEW)) {
            for (ServiceState service : seen.services()) {
                if (service.role() != role || service.pointed()) {
                    continue;
                }
                Optional<Move> blocker = pointBlocker(service);
                if (blocker.isEmpty()) {
                    return Optional.of(new Move.Point(service.name(), service.target()));
                }
                blockers.add(blocker.get());
            }
        }
        return Optional.empty();
    }

    private Optional<Move> pointBlocker(ServiceState service) {
        Capacity target = seen.capacityOf(service.target());
        if (seen.replicas() == 0) {
            return Optional.empty();
        }
        if (target.available() == 0) {
            return Optional.of(
                    new Partial(
                            Reason.CAPACITY,
                            "%s waits for an available pod of revision %s"
                                    .formatted(service.label(), service.target())));
        }
        if (!service.managed() && target.available() < target.wanted()) {
            return Optional.of(
                    new Partial(
                            Reason.CAPACITY,
                            "%s is taken over when revision %s is fully available: %d of %d pods"
                                    .formatted(
                                            service.label(),
                                            service.target(),
                                            target.available(),
                                            target.wanted())));
        }
        long over = carriers.shareOf(service, true);
        long needed = carriers.required(service.target(), over);
        if (over == 0 || target.available() >= needed || carriers.isDead(service)) {
            return Optional.empty();
        }
        if (carriers.shareOf(service, false) == 0) {
            return Optional.of(
                    new Wait(
                            Reason.DRAINING,
                            "%s keeps its selector until no proxy sends to it any more"
                                    .formatted(service.label())));
        }
        return Optional.of(
                new Partial(
                        Reason.CAPACITY,
                        "%s has a share of %d of %d: revision %s has %d available pods, needs %d"
                                .formatted(
                                        service.label(),
                                        over,
                                        plan.maxWeight(),
                                        service.target(),
                                        target.available(),
                                        needed)));
    }

    /// Stamps come after all that moves, so that an object's stamp and change are one write where
    /// both are due. The anchor is stamped with the evidence.
    private Optional<Move> stampMove() {
        for (RouteState route : seen.routes()) {
            if (route.exists() && isOlder(route.stampedPlan())) {
                return Optional.of(new Move.Program(route.ref(), route.routing(plan)));
            }
        }
        for (ServiceState service : seen.services()) {
            boolean withEvidence =
                    service.kind().equals(ServiceState.SERVICE)
                            && service.name().equals(plan.anchor())
                            && service.pointed();
            if (!withEvidence && isOlder(service.stampedPlan())) {
                return Optional.of(new Move.Stamp(service.name()));
            }
        }
        return Optional.empty();
    }

    private boolean isOlder(OptionalLong stamp) {
        return stamp.isEmpty() || stamp.getAsLong() < plan.id();
    }

    private Move acknowledged() {
        for (RouteState route : seen.routes()) {
            if (route.problem().isPresent()) {
                return new Partial(Reason.REJECTED, route.ref() + ": " + route.problem().get());
            }
            if (!route.acknowledged()) {
                return new Wait(
                        Reason.NOT_ACKNOWLEDGED,
                        route.ref() + " is written, its controller has not acknowledged it yet");
            }
        }
        for (ServiceState service : seen.services()) {
            boolean listed =
                    service.ready().containsKey(service.target())
                            || seen.capacityOf(service.target()).available() == 0;
            if (!service.endpointsFollow() || !listed) {
                return new Wait(
                        Reason.NOT_ACKNOWLEDGED,
                        "endpoints of " + service.label() + " have not followed yet");
            }
        }
        return new Move.Complete();
    }
}
