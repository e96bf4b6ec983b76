package dev.sluice.rollout.core.canary;

import dev.sluice.rollout.core.Carriage;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.Planning;
import dev.sluice.rollout.core.Planning.Wanted;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.TrafficPlan.Destination;
import dev.sluice.rollout.core.TrafficPlan.ManagedRoute;
import dev.sluice.rollout.core.TrafficPlan.Role;
import dev.sluice.rollout.core.TrafficPlan.RoleService;
import dev.sluice.rollout.core.TrafficPlan.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The routing that a canary wants: which revision each role's Service selects, and the
/// weights.
///
/// A Service is re-pointed only while its share is 0 and seen to be 0 (S3), so a superseded or
/// aborted revision gives its share back first, in a plan of its own.
public final class CanaryRouting {
    private CanaryRouting() {}

    public static Wanted wanted(Pass pass, Strategy.Canary canary) {
        Optional<String> anchor = canary.anchor();
        if (anchor.isEmpty()) {
            return new Wanted.Nothing();
        }
        if (pass.next.stableRS.isEmpty()) {
            return new Wanted.NotYet("NoStableRevision");
        }
        ServicePair pair = ServicePair.of(canary, pass.next.stablePingPong);
        return canary.isRouted()
                ? routed(pass, canary, anchor.get(), pair)
                : plain(pass, canary, anchor.get(), pair);
    }

    private static Wanted plain(
            Pass pass, Strategy.Canary canary, String anchor, ServicePair pair) {
        List<RoleService> services = new ArrayList<>();
        String stable = isLastPodInTheWay(pass, canary) ? pass.newHash() : stableTarget(pass);
        role(pass, pair.stableName(), Role.STABLE, stable).ifPresent(services::add);
        role(pass, pair.canaryName(), Role.CANARY, canaryTarget(pass)).ifPresent(services::add);
        services.addAll(beside(pass, pair));
        boolean complete = services.stream().anyMatch(s -> s.name().equals(anchor));
        return complete
                ? new Wanted.Routing(
                        anchor,
                        canary.maxWeight(),
                        services,
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        List.of())
                : new Wanted.NotYet("WaitingForAvailablePods");
    }

    /// Without a surge the new revision gets its last pod only when the stable one gives up its
    /// own, which the stable Service leads to: it follows the pods before the promotion (L5).
    private static boolean isLastPodInTheWay(Pass pass, Strategy.Canary canary) {
        boolean isForAll = new Weights(pass, canary).aimedWeight() >= canary.maxWeight();
        return isForAll
                && !pass.isAborted()
                && canary.maxSurge().roundUp(pass.replicas()) == 0
                && pass.sets.newSet().map(rs -> rs.available() > 0).orElse(false);
    }

    /// Nobody is left to serve the stable role when its ReplicaSet is gone (L2, T7).
    private static String stableTarget(Pass pass) {
        return pass.stableSet().isPresent() ? pass.next.stableRS : pass.newHash();
    }

    private static String canaryTarget(Pass pass) {
        return pass.isAborted() ? stableTarget(pass) : pass.newHash();
    }

    private static List<RoleService> beside(Pass pass, ServicePair pair) {
        List<RoleService> services = new ArrayList<>();
        for (ServicePair.Other other : pair.others()) {
            role(
                            pass,
                            Optional.of(other.name()),
                            other.isStable() ? Role.STABLE : Role.CANARY,
                            other.isStable() ? stableTarget(pass) : canaryTarget(pass))
                    .ifPresent(services::add);
        }
        return services;
    }

    /// The role on its target when that can serve, else as it is; absent while it selects
    /// nothing.
    private static Optional<RoleService> role(
            Pass pass, Optional<String> service, Role role, String target) {
        if (service.isEmpty()) {
            return Optional.empty();
        }
        String present = Planning.selected(pass, service.get());
        boolean move = present.equals(target) || Planning.isSwitchable(pass, service.get(), target);
        String stable = pass.next.stableRS;
        // A superseded revision is let go even before its successor has a pod (L5).
        boolean isStray = !present.isEmpty() && !present.equals(stable) && !present.equals(target);
        boolean fallsBack = isStray && Planning.isSwitchable(pass, service.get(), stable);
        String hash = move ? target : fallsBack ? stable : present;
        return hash.isEmpty()
                ? Optional.empty()
                : Optional.of(new RoleService(service.get(), role, hash));
    }

    private static Wanted routed(
            Pass pass, Strategy.Canary canary, String anchor, ServicePair pair) {
        String stableNow = Planning.selected(pass, pair.stable());
        String canaryNow = Planning.selected(pass, pair.canary());
        Optional<TrafficPlan> plan = pass.next.trafficPlan;
        Optional<ReplicaSetView> stable = pass.stableSet();
        if (stable.isEmpty()) {
            return withoutStable(pass, canary, anchor, pair);
        }
        String stableHash = pass.next.stableRS;
        boolean isFirst = plan.flatMap(TrafficPlan::weights).isEmpty();
        if (isFirst && stable.get().available() < pass.replicas()) {
            return new Wanted.NotYet("WaitingForStablePods");
        }
        Weights weights = new Weights(pass, canary);
        int max = canary.maxWeight();
        int weight = new Course(pass, canary, weights).weight();
        String canaryHash = target(pass, pair.canary(), canaryNow);
        if (!canaryNow.equals(canaryHash) && !isCanaryFree(pass, pair)) {
            canaryHash = canaryNow;
            weight = Math.min(weight, plan.map(p -> p.shareOf(pair.canary())).orElse(0));
        }
        if (!stableNow.equals(stableHash) && !isFree(pass, pair.stable())) {
            return new Wanted.NotYet("StableServiceStillCarriesTraffic");
        }
        if (canaryHash.equals(stableHash)) {
            weight = 0;
            if (cannotTakeBack(pass, stable.get(), plan, max)) {
                return new Wanted.NotYet("StableCannotCarryTheTraffic");
            }
        }
        List<Destination> additional = destinations(pass, canary, max - weight);
        int rest = max - weight - sum(additional);
        List<Share> shares = new ArrayList<>(sumOf(canaryHash, weight, stableHash, rest));
        additional.forEach(d -> shares.add(new Share(d.podTemplateHash(), d.weight())));
        List<RoleService> services = new ArrayList<>();
        services.add(new RoleService(pair.stable(), Role.STABLE, stableHash));
        services.add(new RoleService(pair.canary(), Role.CANARY, canaryHash));
        services.addAll(beside(pass, pair));
        return new Wanted.Routing(
                anchor,
                max,
                services,
                Optional.of(new TrafficPlan.Weights(weight, rest, additional)),
                Carriage.of(canary),
                canaryHash.equals(canaryNow) ? routes(pass, canary, weights) : List.of(),
                TrafficPlan.max(shares, List.of()));
    }

    /// A stable revision that has grown small does not get a share at once that another one
    /// still has, whatever became of the Service through which that one gets it.
    private static boolean cannotTakeBack(
            Pass pass, ReplicaSetView stable, Optional<TrafficPlan> plan, int max) {
        boolean isElsewhere =
                plan.map(p -> p.live().stream().anyMatch(s -> isServed(pass, s.podTemplateHash())))
                        .orElse(false);
        return isElsewhere && stable.available() < TrafficPlan.need(max, max, pass.replicas());
    }

    private static boolean isServed(Pass pass, String hash) {
        return !hash.equals(pass.next.stableRS)
                && pass.sets.withHash(hash).map(rs -> rs.available() > 0).orElse(false);
    }

    /// Requests with a header, and copies, go to the new revision only once the canary Service
    /// selects it and it has a pod (A7, T2).
    private static List<ManagedRoute> routes(Pass pass, Strategy.Canary canary, Weights weights) {
        boolean isOff =
                pass.isFullyPromoted()
                        || pass.isAborted()
                        || pass.next.promoteFull
                        || pass.sets.newSet().map(rs -> rs.available() == 0).orElse(true)
                        || !Planning.selected(
                                        pass,
                                        ServicePair.of(canary, pass.next.stablePingPong).canary())
                                .equals(pass.newHash());
        return isOff ? List.of() : ManagedRoutes.at(canary, weights.index());
    }

    /// The stable revision's ReplicaSet is gone: the new one is the only one that can serve, so
    /// it gets all traffic as soon as it can carry it (T7); the steps and their gates remain.
    private static Wanted withoutStable(
            Pass pass, Strategy.Canary canary, String anchor, ServicePair pair) {
        int max = canary.maxWeight();
        String target = pass.newHash();
        String canaryNow = Planning.selected(pass, pair.canary());
        boolean isReady =
                !pass.isAborted()
                        && pass.sets
                                .newSet()
                                .map(rs -> rs.available() >= Math.max(1, pass.replicas()))
                                .orElse(false);
        if (!isReady || (!canaryNow.equals(target) && !isCanaryFree(pass, pair))) {
            return new Wanted.NotYet("NoStableRevision");
        }
        String stableNow = Planning.selected(pass, pair.stable());
        List<RoleService> services = new ArrayList<>();
        services.add(
                new RoleService(
                        pair.stable(), Role.STABLE, stableNow.isEmpty() ? target : stableNow));
        services.add(new RoleService(pair.canary(), Role.CANARY, target));
        services.addAll(beside(pass, pair));
        return new Wanted.Routing(
                anchor,
                max,
                services,
                Optional.of(new TrafficPlan.Weights(max, 0)),
                Carriage.of(canary),
                List.of(),
                List.of(new Share(target, max)));
    }

    /// Experiments take their share from the stable revision's, only while the release is at a
    /// step, and only where it is large enough (T4).
    private static List<Destination> destinations(
            Pass pass, Strategy.Canary canary, int available) {
        boolean isAtStep =
                !pass.isFullyPromoted()
                        && !pass.isAborted()
                        && !pass.next.promoteFull
                        && new Weights(pass, canary).currentStep().isPresent();
        List<Destination> weighted =
                pass.destinations.stream().filter(d -> d.weight() > 0).toList();
        return isAtStep && sum(weighted) <= available ? weighted : List.of();
    }

    private static int sum(List<Destination> destinations) {
        return (int)
                Math.min(
                        Integer.MAX_VALUE,
                        destinations.stream().mapToLong(Destination::weight).sum());
    }

    private static List<Share> sumOf(String canaryHash, int weight, String stableHash, int rest) {
        return canaryHash.equals(stableHash)
                ? List.of(new Share(stableHash, weight + rest))
                : List.of(new Share(canaryHash, weight), new Share(stableHash, rest));
    }

    /// Where the canary Service belongs: the new revision once it can serve, else stable (A8). It
    /// does not stay with one that is to have no pods, as after `replicas` were 0: whatever waits
    /// for the Service to get there would wait for ever (L5).
    private static String target(Pass pass, String service, String present) {
        String target = pass.newHash();
        boolean isEmpty =
                pass.replicas() > 0
                        && pass.sets.newSet().map(rs -> rs.replicas() == 0).orElse(true);
        boolean isTaken =
                !pass.isAborted()
                        && ((present.equals(target) && !isEmpty)
                                || Planning.isSwitchable(pass, service, target));
        return isTaken ? target : pass.next.stableRS;
    }

    /// A Service is re-pointed only while no proxy can be sending to it (S2, S3): it never was in
    /// a plan, or its share is 0, proven and settled; to the canary one no route leads either.
    private static boolean isFree(Pass pass, String service) {
        Optional<TrafficPlan> plan = pass.next.trafficPlan;
        return plan.isEmpty()
                || !plan.get().names(service)
                || (plan.get().isSettled(pass.now) && plan.get().shareOf(service) == 0)
                || isCanaryWithoutShare(pass, plan.get(), service);
    }

    /// Evidence that is partial for another reason may say as well that no router gives the canary
    /// Service anything: a revision that the Service can never be pointed at does not keep it for
    /// ever (L5).
    private static boolean isCanaryWithoutShare(Pass pass, TrafficPlan plan, String service) {
        boolean isCanary =
                plan.services().stream()
                        .anyMatch(s -> s.name().equals(service) && s.role() == Role.CANARY);
        Optional<TrafficPlan.Observed> zero =
                plan.observed()
                        .filter(_ -> isCanary && plan.shareOf(service) == 0)
                        .filter(o -> o.plan() == plan.id())
                        .filter(o -> o.weights().map(w -> w.canary() == 0).orElse(false));
        zero.map(TrafficPlan.Observed::settlesAt)
                .filter(pass.now::isBefore)
                .ifPresent(pass::wakeAt);
        return zero.map(o -> !pass.now.isBefore(o.settlesAt())).orElse(false);
    }

    private static boolean isCanaryFree(Pass pass, ServicePair pair) {
        return isFree(pass, pair.canary())
                && pass.next.trafficPlan.map(p -> p.routes().isEmpty()).orElse(true);
    }
}
