package dev.sluice.rollout.core.canary;

import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.Planning;
import dev.sluice.rollout.core.Planning.Wanted;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.TrafficPlan.Destination;
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
        if (pass.stableSet().isEmpty()) {
            return new Wanted.NotYet("NoStableRevision");
        }
        return canary.isRouted()
                ? routed(pass, canary, anchor.get())
                : plain(pass, canary, anchor.get());
    }

    private static Wanted plain(Pass pass, Strategy.Canary canary, String anchor) {
        List<RoleService> services = new ArrayList<>();
        String stableHash = pass.next.stableRS;
        String canaryHash = pass.isAborted() ? stableHash : pass.newHash();
        role(pass, canary.stableService(), Role.STABLE, stableHash).ifPresent(services::add);
        role(pass, canary.canaryService(), Role.CANARY, canaryHash).ifPresent(services::add);
        boolean complete = services.stream().anyMatch(s -> s.name().equals(anchor));
        return complete
                ? new Wanted.Routing(
                        anchor,
                        canary.maxWeight(),
                        services,
                        Optional.empty(),
                        List.of(),
                        List.of())
                : new Wanted.NotYet("WaitingForAvailablePods");
    }

    /// The role on its target when that can serve, else as it is; absent while it selects
    /// nothing.
    private static Optional<RoleService> role(
            Pass pass, Optional<String> service, Role role, String target) {
        if (service.isEmpty()) {
            return Optional.empty();
        }
        String present = Planning.selected(pass, service.get(), role);
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

    private static Wanted routed(Pass pass, Strategy.Canary canary, String stableService) {
        String canaryService = canary.canaryService().orElse("");
        Optional<TrafficPlan> plan = pass.next.trafficPlan.filter(p -> p.weights().isPresent());
        String stableNow = Planning.selected(pass, stableService, Role.STABLE);
        String canaryNow = Planning.selected(pass, canaryService, Role.CANARY);
        String stableHash = pass.next.stableRS;
        ReplicaSetView stable = pass.stableSet().orElseThrow();
        if (plan.isEmpty() && stable.available() < pass.replicas()) {
            return new Wanted.NotYet("WaitingForStablePods");
        }
        int weight = new Weights(pass, canary).routed();
        String canaryHash = canaryTarget(pass, canaryService, canaryNow);
        boolean isFree = plan.isEmpty() || isWithoutShare(pass, plan.get());
        if (!canaryNow.equals(canaryHash) && !isFree) {
            canaryHash = canaryNow;
            weight = 0;
        }
        if (!stableNow.equals(stableHash) && plan.isPresent() && !isStableFree(pass, plan.get())) {
            return new Wanted.NotYet("StableServiceStillCarriesTraffic");
        }
        int max = canary.maxWeight();
        if (canaryHash.equals(stableHash)) {
            weight = 0;
        }
        int present = plan.flatMap(TrafficPlan::weights).map(TrafficPlan.Weights::canary).orElse(0);
        boolean isReturn = weight < present && !pass.isAborted() && !canaryNow.equals(stableHash);
        if (isReturn
                && canaryHash.equals(pass.newHash())
                && !canaryHash.equals(stableHash)
                && pass.sets.newSet().map(rs -> rs.available() > 0).orElse(false)
                && stable.available() < TrafficPlan.need(max - weight, max, pass.replicas())) {
            return new Wanted.NotYet("StableCannotCarryTheTraffic");
        }
        List<Destination> additional = destinations(pass, canary, max - weight);
        int rest = max - weight - sum(additional);
        List<Share> shares = new ArrayList<>(sumOf(canaryHash, weight, stableHash, rest));
        additional.forEach(d -> shares.add(new Share(d.podTemplateHash(), d.weight())));
        return new Wanted.Routing(
                stableService,
                max,
                List.of(
                        new RoleService(stableService, Role.STABLE, stableHash),
                        new RoleService(canaryService, Role.CANARY, canaryHash)),
                Optional.of(new TrafficPlan.Weights(weight, rest, additional)),
                List.of(),
                TrafficPlan.max(shares, List.of()));
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

    private static String canaryTarget(Pass pass, String service, String present) {
        if (pass.isAborted() || present.isEmpty()) {
            return present.isEmpty() || !pass.isAborted()
                    ? firstTarget(pass, service)
                    : pass.next.stableRS;
        }
        String target = pass.newHash();
        return present.equals(target) || Planning.isSwitchable(pass, service, target)
                ? target
                : fallback(pass, present);
    }

    private static String firstTarget(Pass pass, String service) {
        return Planning.isSwitchable(pass, service, pass.newHash()) && !pass.isAborted()
                ? pass.newHash()
                : pass.next.stableRS;
    }

    /// A Service left on a revision that is neither stable nor new goes back to stable (A8).
    private static String fallback(Pass pass, String present) {
        return pass.sets.withHash(present).isPresent() && present.equals(pass.next.stableRS)
                ? present
                : pass.next.stableRS;
    }

    private static boolean isWithoutShare(Pass pass, TrafficPlan plan) {
        return plan.isSettled(pass.now)
                && plan.weights().map(TrafficPlan.Weights::canary).orElse(0) == 0;
    }

    private static boolean isStableFree(Pass pass, TrafficPlan plan) {
        return plan.isSettled(pass.now)
                && plan.weights().map(TrafficPlan.Weights::stable).orElse(0) == 0;
    }
}
