package dev.sluice.router.core;

import dev.sluice.router.core.Move.Partial;
import dev.sluice.router.core.Move.Reason;
import dev.sluice.router.core.Move.Wait;
import dev.sluice.router.core.TrafficPlan.Destination;
import dev.sluice.router.core.TrafficPlan.ManagedRoute;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;

/// The next write on one routing object. Header and mirror routes that the plan does not have go
/// at once (A7, R7); those that it has come when the canary can answer; shares move as far towards
/// the plan as pods carry them.
final class RouteShift {

    private final TrafficPlan plan;
    private final Carriers carriers;
    private final RouteState route;
    private final Routing present;
    private final Routing wanted;
    private final List<Move> blockers;

    RouteShift(Situation seen, RouteState route, List<Move> blockers) {
        this.plan = seen.plan();
        this.carriers = new Carriers(seen);
        this.route = route;
        this.present = route.routing(plan);
        this.wanted = plan.routing();
        this.blockers = blockers;
    }

    /// The write, if there is one to make now; else what is in the way is among the blockers.
    Optional<Move> next() {
        List<ManagedRoute> routes = routes();
        if (present.dividesLike(wanted)) {
            boolean asPlanned = route.exists() && route.exact() && hasExactly(routes);
            return asPlanned ? Optional.empty() : program(present.withRoutes(routes));
        }
        Optional<Move> obstacle = obstacle();
        Routing next = obstacle.isPresent() ? present : furthest();
        if (!next.dividesLike(present)) {
            return program(next.withRoutes(routes));
        }
        blockers.add(obstacle.orElseGet(this::whyNot));
        return hasExactly(routes) ? Optional.empty() : program(present.withRoutes(routes));
    }

    private Optional<Move> program(Routing routing) {
        return Optional.of(new Move.Program(route.ref(), routing));
    }

    private boolean hasExactly(List<ManagedRoute> routes) {
        return Set.copyOf(route.managed())
                .equals(routes.stream().map(ManagedRoute::name).collect(Collectors.toSet()));
    }

    /// The plan's header and mirror routes that are there or may come now.
    private List<ManagedRoute> routes() {
        boolean mayCome = !plan.abort() && carriers.mayLeadToCanary();
        List<ManagedRoute> routes = new ArrayList<>();
        for (ManagedRoute wantedRoute : plan.routes()) {
            if (mayCome || route.managed().contains(wantedRoute.name())) {
                routes.add(wantedRoute);
            } else {
                blockers.add(
                        new Partial(
                                plan.abort() ? Reason.ABORT : Reason.CAPACITY,
                                "route '%s' waits until the canary Service leads to an available pod of its revision"
                                        .formatted(wantedRoute.name())));
            }
        }
        return routes;
    }

    /// What forbids every change of shares.
    private Optional<Move> obstacle() {
        if (carriers.withRole(Role.CANARY).isEmpty() || carriers.withRole(Role.STABLE).isEmpty()) {
            return Optional.of(
                    new Partial(
                            Reason.INVALID,
                            "the plan has weights but not both a canary and a stable Service"));
        }
        if (plan.abort() && wanted.canary() > present.canary()) {
            return Optional.of(
                    new Partial(Reason.ABORT, "an abort never raises the canary's share (A3)"));
        }
        return List.of(Role.CANARY, Role.STABLE).stream()
                .filter(r -> carriers.share(r, wanted) > carriers.share(r, present))
                .flatMap(r -> carriers.withRole(r).stream())
                .filter(s -> !s.pointed())
                .findFirst()
                .map(
                        s ->
                                new Wait(
                                        Reason.NOT_ACKNOWLEDGED,
                                        s.label() + " does not select " + s.target() + " yet"));
    }

    /// The division of traffic nearest to the plan that the pods at hand carry.
    private Routing furthest() {
        if (carriers.carries(present, wanted) || carriers.rescues(present, wanted)) {
            return wanted;
        }
        Routing lowered = present.cappedBy(wanted);
        Routing base = carriers.carries(present, lowered) ? lowered : present;
        int step = Integer.compare(wanted.canary(), base.canary());
        long distance =
                largest(
                        Math.abs((long) wanted.canary() - base.canary()),
                        d ->
                                carriers.carries(
                                        present,
                                        base.withCanary((int) (base.canary() + step * d))));
        Routing next = base.withCanary((int) (base.canary() + step * distance));
        for (Destination destination :
                plan.abort() ? List.<Destination>of() : wanted.additional()) {
            Routing raised = next.withDestination(destination, wanted);
            if (carriers.carries(present, raised)) {
                next = raised;
            }
        }
        return next;
    }

    private Move whyNot() {
        if (wanted.canary() == present.canary()) {
            for (Destination d : wanted.additional()) {
                if (d.weight() > present.weightOf(d.serviceName()) && !carriers.isReady(d)) {
                    return new Partial(
                            Reason.CAPACITY,
                            "Service '%s' of an experiment has too few available pods for %d of %d: it needs %d"
                                    .formatted(
                                            d.serviceName(),
                                            d.weight(),
                                            plan.maxWeight(),
                                            carriers.needOf(d)));
                }
            }
        }
        boolean rising = wanted.canary() > present.canary();
        Role role = rising ? Role.CANARY : Role.STABLE;
        ServiceState gaining = carriers.withRole(role).getFirst();
        long share = carriers.share(role, wanted);
        long available = carriers.available(gaining.target(), gaining);
        long required = carriers.required(gaining.target(), share);
        if (available >= required && !Carriers.lingeringOf(gaining).isEmpty()) {
            return new Wait(
                    Reason.DRAINING,
                    "proxies may still reach "
                            + String.join(", ", Carriers.lingeringOf(gaining))
                            + " through "
                            + gaining.label());
        }
        return new Partial(
                Reason.CAPACITY,
                "canary share is %d of %d, wanted %d: revision %s has %d available pods, needs %d"
                        .formatted(
                                route.canary(),
                                plan.maxWeight(),
                                wanted.canary(),
                                gaining.target(),
                                available,
                                required));
    }

    private static long largest(long limit, LongPredicate holds) {
        long low = 0;
        long high = limit;
        while (low < high) {
            long middle = low + (high - low + 1) / 2;
            if (holds.test(middle)) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
