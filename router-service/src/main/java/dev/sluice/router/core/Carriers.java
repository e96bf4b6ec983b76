package dev.sluice.router.core;

import dev.sluice.router.core.TrafficPlan.Destination;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What the pods at hand can carry (T1, T2, A2).
///
/// "Still applied" (LIVE of the invariants) is the written value of each object and what lingers
/// of its former ones; a backend counts as leading to every revision that it selects, selected a
/// moment ago, or still has endpoints of.
final class Carriers {

    private final Situation seen;
    private final TrafficPlan plan;

    Carriers(Situation seen) {
        this.seen = seen;
        this.plan = seen.plan();
    }

    /// The backends with a role: the Service, and the subset of each router that has its own.
    List<ServiceState> withRole(Role role) {
        return seen.services().stream().filter(s -> s.role() == role).toList();
    }

    long share(Role role, Routing routing) {
        return role == Role.CANARY ? routing.canary() : routing.stable(plan.maxWeight());
    }

    /// T1 and A2 for every revision that proxies may resolve a gaining backend to, T2 for all. A
    /// revision that the losing backend leads to as well, and nowhere else, gets nothing new.
    boolean carries(Routing from, Routing to) {
        if (to.stable(plan.maxWeight()) < 0) {
            return false;
        }
        if (seen.replicas() == 0) {
            return true; // nobody is served either way, and nobody is the worse for it (H6)
        }
        return carries(Role.CANARY, from, to)
                && carries(Role.STABLE, from, to)
                && to.additional().stream()
                        .allMatch(d -> d.weight() <= from.weightOf(d.serviceName()) || isReady(d));
    }

    private boolean carries(Role role, Routing from, Routing to) {
        long share = share(role, to);
        boolean gains = share > share(role, from);
        for (ServiceState backend : withRole(role)) {
            boolean isLost = share > 0 && share >= share(role, from) && !isAlive(backend);
            if (isLost || (gains && !backend.pointed())) {
                return false;
            }
            for (String revision : gains ? reachOf(backend) : Set.<String>of()) {
                boolean isEnough =
                        availableThrough(revision, backend) >= required(revision, share)
                                && isKept(revision, backend, share);
                if (!isEnough && !staysWith(revision, role, from, to)) {
                    return false;
                }
            }
        }
        return true;
    }

    /// A revision that the backend is leaving may be scaled down at any moment, however many pods
    /// it has now, unless rollout-service keeps them for such a share (S3).
    private boolean isKept(String revision, ServiceState backend, long share) {
        return revision.equals(backend.target()) || plan.live().getOrDefault(revision, 0) >= share;
    }

    private boolean staysWith(String revision, Role gaining, Routing from, Routing to) {
        Role other = gaining == Role.CANARY ? Role.STABLE : Role.CANARY;
        return share(other, to) < share(other, from)
                && from.hasAdditionalOf(to)
                && withRole(other).stream()
                        .allMatch(
                                s ->
                                        s.selected().isPresent()
                                                && reachOf(s).equals(Set.of(revision)));
    }

    private long availableThrough(String revision, ServiceState backend) {
        return backend.selected().filter(revision::equals).isPresent()
                ? available(revision, backend)
                : seen.capacityOf(revision).available();
    }

    private boolean isAlive(ServiceState backend) {
        return backend.selected().isEmpty() || available(backend.selected().get(), backend) >= 1;
    }

    /// Whether an additional Service has the pods for its share: those that the share needs, or
    /// all that its experiment declares where that is less.
    boolean isReady(Destination destination) {
        return seen.destination(destination.serviceName()).available() >= needOf(destination);
    }

    long needOf(Destination destination) {
        long need = need(destination.weight());
        int declared = seen.destination(destination.serviceName()).wanted();
        return declared == 0 ? need : Math.min(need, declared);
    }

    /// T2 before T1: pods that are not there lose every request, so traffic leaves a dead revision
    /// for one that has at least a pod, though it is short of the rest.
    boolean rescues(Routing from, Routing to) {
        return from.hasAdditionalOf(to)
                && (rescues(Role.CANARY, from, to) || rescues(Role.STABLE, from, to));
    }

    private boolean rescues(Role dead, Routing from, Routing to) {
        Role other = dead == Role.CANARY ? Role.STABLE : Role.CANARY;
        return share(dead, to) == 0
                && share(dead, from) > 0
                && withRole(dead).stream()
                        .flatMap(s -> reachOf(s).stream())
                        .allMatch(r -> seen.capacityOf(r).available() == 0)
                && withRole(other).stream()
                        .allMatch(s -> reachOf(s).stream().allMatch(r -> available(r, s) >= 1));
    }

    /// Whether a header or mirror route may lead to the canary: every revision that it may resolve
    /// to has a pod (T2).
    boolean mayLeadToCanary() {
        return seen.replicas() == 0
                || withRole(Role.CANARY).stream()
                        .allMatch(
                                s ->
                                        s.pointed()
                                                && available(s.target(), s) >= 1
                                                && reachOf(s).stream()
                                                        .allMatch(
                                                                r ->
                                                                        seen.capacityOf(r)
                                                                                        .available()
                                                                                >= 1));
    }

    /// Pods that a share asks for, by the Rollout's own threshold; an abort allows no discount
    /// (A2). The stamp of rollout-service is none either: an autoscaler may have raised the
    /// replicas since it was written (T1).
    long required(String revision, long share) {
        if (share <= 0 || seen.replicas() == 0) {
            return 0;
        }
        long need = need(share);
        return plan.abort() ? need : seen.threshold().of(need);
    }

    private long need(long share) {
        return Math.max(1, (share * seen.replicas() + plan.maxWeight() - 1) / plan.maxWeight());
    }

    /// The largest share that proxies may be giving to a backend.
    long shareOf(ServiceState backend, boolean withFormer) {
        boolean wholeTraffic = backend.role() == Role.ACTIVE;
        if (plan.canaryWeight().isEmpty()) {
            // beside pods that are counted a Service has as many as the strategy gives its revision
            return wholeTraffic ? plan.maxWeight() : 0;
        }
        long largest = wholeTraffic ? plan.maxWeight() : 0;
        for (RouteState route : seen.routes()) {
            Set<Integer> weights = new TreeSet<>(withFormer ? route.former() : List.of());
            weights.add(route.canary());
            for (int weight : weights) {
                if (backend.role() == Role.CANARY) {
                    largest = Math.max(largest, weight);
                } else if (backend.role() == Role.STABLE) {
                    // what experiments had then is not known: none is the safe guess
                    largest = Math.max(largest, plan.maxWeight() - weight);
                }
            }
        }
        return largest;
    }

    static Set<String> reachOf(ServiceState backend) {
        Set<String> all = new TreeSet<>(backend.ready().keySet());
        all.addAll(backend.former());
        backend.selected().ifPresent(all::add);
        all.remove("");
        return all;
    }

    static Set<String> lingeringOf(ServiceState backend) {
        Set<String> all = reachOf(backend);
        all.remove(backend.target());
        return all;
    }

    /// Pods that proxies really have: available, and an endpoint of the backend that leads there.
    long available(String revision, ServiceState through) {
        return Math.min(
                seen.capacityOf(revision).available(), through.ready().getOrDefault(revision, 0));
    }

    /// Whether a backend has nobody left that could answer.
    boolean isDead(ServiceState backend) {
        Optional<String> selected = backend.selected();
        return backend.ready().isEmpty()
                && selected.isPresent()
                && seen.capacityOf(selected.get()).available() == 0;
    }
}
