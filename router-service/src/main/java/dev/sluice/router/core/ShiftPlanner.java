package dev.sluice.router.core;

import dev.sluice.router.core.Move.Partial;
import dev.sluice.router.core.Move.Reason;
import dev.sluice.router.core.Move.Wait;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongPredicate;

/// Decides the next single write that brings routing nearer to the plan, such that every
/// configuration on the way can be carried by the pods that are there (T1, T2, S2, S3, A2, A3).
///
/// "Still applied" (LIVE of the invariants) is the written value of each object and what lingers
/// of its former ones; a Service counts as leading to every revision that it selects, selected a
/// moment ago, or still has endpoints of.
public final class ShiftPlanner {

    private final Situation seen;
    private final TrafficPlan plan;
    private final Optional<ServiceState> canary;
    private final Optional<ServiceState> stable;
    private final List<Move> blockers = new ArrayList<>();

    private ShiftPlanner(Situation seen) {
        this.seen = seen;
        this.plan = seen.plan();
        this.canary = withRole(seen, Role.CANARY);
        this.stable = withRole(seen, Role.STABLE);
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
                return Optional.of(
                        new Move.Stale("Service " + service.name() + " carries a newer plan"));
            }
        }
        for (ServiceState service : seen.services()) {
            if (!service.exists()) {
                return Optional.of(
                        new Partial(Reason.MISSING, "Service '" + service.name() + "' not found"));
            }
            if (service.owner().isPresent()) {
                return Optional.of(
                        new Partial(
                                Reason.FOREIGN_OWNER,
                                "Service '"
                                        + service.name()
                                        + "' is managed by Rollout '"
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
        int target = plan.canaryWeight().get();
        for (RouteState route : seen.routes()) {
            if (route.canary() == target) {
                if (!route.exact() || !route.exists()) {
                    return Optional.of(new Move.SetWeight(route.ref(), target));
                }
                continue;
            }
            Move move = shift(route, target);
            if (move instanceof Move.Write) {
                return Optional.of(move);
            }
            blockers.add(move);
        }
        return Optional.empty();
    }

    private Move shift(RouteState route, int target) {
        boolean rising = target > route.canary();
        if (canary.isEmpty() || stable.isEmpty()) {
            return new Partial(
                    Reason.INVALID,
                    "the plan has weights but not both a canary and a stable Service");
        }
        ServiceState gaining = rising ? canary.get() : stable.get();
        ServiceState losing = rising ? stable.get() : canary.get();
        if (rising && plan.abort()) {
            return new Partial(Reason.ABORT, "an abort never raises the canary's share (A3)");
        }
        if (!gaining.pointed()) {
            return new Wait(
                    Reason.NOT_ACKNOWLEDGED,
                    "Service '"
                            + gaining.name()
                            + "' does not select "
                            + gaining.target()
                            + " yet");
        }
        if (carries(gaining, losing, target) || isRescue(route, target, gaining, losing)) {
            return new Move.SetWeight(route.ref(), target);
        }
        int step = rising ? 1 : -1;
        long distance =
                largest(
                        Math.abs((long) target - route.canary()),
                        d -> carries(gaining, losing, (int) (route.canary() + step * d)));
        if (distance > 0) {
            return new Move.SetWeight(route.ref(), (int) (route.canary() + step * distance));
        }
        return whyNot(route, target, gaining);
    }

    /// T2 before T1: pods that are not there lose every request, so traffic leaves a dead revision
    /// for one that has at least a pod, though it is short of the rest.
    private boolean isRescue(
            RouteState route, int target, ServiceState gaining, ServiceState losing) {
        int left = losing.role() == Role.CANARY ? target : plan.maxWeight() - target;
        return left == 0
                && route.canary() != target
                && reachOf(losing).stream().allMatch(r -> seen.capacityOf(r).available() == 0)
                && reachOf(gaining).stream().allMatch(r -> available(r, gaining) >= 1);
    }

    /// T1 and A2 for every revision that proxies may resolve the gaining Service to, T2 for both. A
    /// revision that the losing Service leads to as well, and nowhere else, gets nothing new.
    private boolean carries(ServiceState gaining, ServiceState losing, int weight) {
        if (seen.replicas() == 0) {
            return true; // nobody is served either way, and nobody is the worse for it (H6)
        }
        int share = gaining.role() == Role.CANARY ? weight : plan.maxWeight() - weight;
        for (String revision : reachOf(gaining)) {
            boolean same =
                    reachOf(losing).equals(Set.of(revision)) && losing.selected().isPresent();
            long available =
                    gaining.selected().filter(revision::equals).isPresent()
                            ? available(revision, gaining)
                            : seen.capacityOf(revision).available();
            if (!same && available < required(revision, share)) {
                return false;
            }
        }
        return aliveIfUsed(canary, weight) && aliveIfUsed(stable, plan.maxWeight() - weight);
    }

    private boolean aliveIfUsed(Optional<ServiceState> service, int share) {
        return share == 0
                || service.isEmpty()
                || service.get().selected().isEmpty()
                || available(service.get().selected().get(), service.get()) >= 1;
    }

    private Move whyNot(RouteState route, int target, ServiceState gaining) {
        int share = gaining.role() == Role.CANARY ? target : plan.maxWeight() - target;
        boolean selectedSuffices =
                available(gaining.target(), gaining) >= required(gaining.target(), share);
        if (selectedSuffices && !lingeringOf(gaining).isEmpty()) {
            return new Wait(
                    Reason.DRAINING,
                    "proxies may still reach "
                            + String.join(", ", lingeringOf(gaining))
                            + " through Service '"
                            + gaining.name()
                            + "'");
        }
        return new Partial(
                Reason.CAPACITY,
                "canary share is %d of %d, wanted %d: revision %s has %d available pods, needs %d"
                        .formatted(
                                route.canary(),
                                plan.maxWeight(),
                                target,
                                gaining.target(),
                                available(gaining.target(), gaining),
                                required(gaining.target(), share)));
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
                            "Service '%s' waits for an available pod of revision %s"
                                    .formatted(service.name(), service.target())));
        }
        if (!service.managed() && target.available() < target.wanted()) {
            return Optional.of(
                    new Partial(
                            Reason.CAPACITY,
                            "Service '%s' is taken over when revision %s is fully available: %d of %d pods"
                                    .formatted(
                                            service.name(),
                                            service.target(),
                                            target.available(),
                                            target.wanted())));
        }
        long over = shareOf(service, true);
        long needed = required(service.target(), over);
        if (over == 0 || target.available() >= needed || isDead(service)) {
            return Optional.empty();
        }
        if (shareOf(service, false) == 0) {
            return Optional.of(
                    new Wait(
                            Reason.DRAINING,
                            "Service '%s' keeps its selector until no proxy sends to it any more"
                                    .formatted(service.name())));
        }
        return Optional.of(
                new Partial(
                        Reason.CAPACITY,
                        "Service '%s' has a share of %d of %d: revision %s has %d available pods, needs %d"
                                .formatted(
                                        service.name(),
                                        over,
                                        plan.maxWeight(),
                                        service.target(),
                                        target.available(),
                                        needed)));
    }

    private boolean isDead(ServiceState service) {
        return service.ready().isEmpty()
                && service.selected().isPresent()
                && seen.capacityOf(service.selected().get()).available() == 0;
    }

    /// Stamps come after all that moves, so that an object's stamp and change are one write where
    /// both are due. The anchor is stamped with the evidence.
    private Optional<Move> stampMove() {
        for (RouteState route : seen.routes()) {
            if (route.exists() && isOlder(route.stampedPlan())) {
                return Optional.of(new Move.SetWeight(route.ref(), route.canary()));
            }
        }
        for (ServiceState service : seen.services()) {
            boolean withEvidence = service.name().equals(plan.anchor()) && service.pointed();
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
                        "endpoints of Service '" + service.name() + "' have not followed yet");
            }
        }
        return new Move.Complete();
    }

    /// Pods that a share asks for, by the Rollout's own threshold; an abort allows no discount
    /// (A2).
    private long required(String revision, long share) {
        if (share <= 0 || seen.replicas() == 0) {
            return 0;
        }
        long need =
                Math.max(1, (share * seen.replicas() + plan.maxWeight() - 1) / plan.maxWeight());
        Capacity capacity = seen.capacityOf(revision);
        if (capacity.kept().isPresent() && share <= planned(revision)) {
            need = Math.max(1, Math.min(need, capacity.kept().getAsInt()));
        }
        return plan.abort() ? need : seen.threshold().of(need);
    }

    /// The share that the plan gives to a revision at the routers: up to it a declared capacity
    /// counts. The flip of an active Service has no such discount (B1).
    private long planned(String revision) {
        long planned = 0;
        for (TrafficPlan.ServiceTarget target : plan.services()) {
            if (target.podTemplateHash().equals(revision)) {
                planned +=
                        switch (target.role()) {
                            case CANARY -> plan.canaryWeight().orElse(0);
                            case STABLE -> plan.maxWeight() - plan.canaryWeight().orElse(0);
                            case ACTIVE, PREVIEW -> 0;
                        };
            }
        }
        return planned;
    }

    /// The largest share that proxies may be giving to a Service.
    private long shareOf(ServiceState service, boolean withFormer) {
        boolean wholeTraffic = service.role() == Role.ACTIVE;
        if (plan.canaryWeight().isEmpty()) {
            return wholeTraffic || service.role() == Role.STABLE ? plan.maxWeight() : 0;
        }
        long largest = wholeTraffic ? plan.maxWeight() : 0;
        for (RouteState route : seen.routes()) {
            Set<Integer> weights = new TreeSet<>(withFormer ? route.former() : List.of());
            weights.add(route.canary());
            for (int weight : weights) {
                if (service.role() == Role.CANARY) {
                    largest = Math.max(largest, weight);
                } else if (service.role() == Role.STABLE) {
                    largest = Math.max(largest, plan.maxWeight() - weight);
                }
            }
        }
        return largest;
    }

    private static Set<String> reachOf(ServiceState service) {
        Set<String> all = new TreeSet<>(service.ready().keySet());
        all.addAll(service.former());
        service.selected().ifPresent(all::add);
        all.remove("");
        return all;
    }

    private static Set<String> lingeringOf(ServiceState service) {
        Set<String> all = reachOf(service);
        all.remove(service.target());
        return all;
    }

    /// Pods that proxies really have: available, and an endpoint of the Service that leads there.
    private long available(String revision, ServiceState through) {
        return Math.min(
                seen.capacityOf(revision).available(), through.ready().getOrDefault(revision, 0));
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

    private static Optional<ServiceState> withRole(Situation seen, Role role) {
        return seen.services().stream().filter(s -> s.role() == role).findFirst();
    }
}
