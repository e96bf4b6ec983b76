package dev.sluice.rollout.core;

import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Observation.ServiceView;
import dev.sluice.rollout.core.Planning.Wanted;
import dev.sluice.rollout.core.TrafficPlan.Role;
import dev.sluice.rollout.core.TrafficPlan.RoleService;
import dev.sluice.rollout.core.TrafficPlan.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What a revision must keep because a proxy may still be sending to it (D1, D2), and the
/// stamps that say so on the ReplicaSet before a plan leans on it.
public final class Capacity {
    private Capacity() {}

    /// The lowest count not above the present one that `wanted` may become.
    static int lowest(Pass pass, ReplicaSetView set, int wanted) {
        if (pass.replicas() == 0) {
            return wanted; // a person, or an autoscaler, wants nobody to be served (H6)
        }
        int floor = Math.min(set.replicas(), floor(pass, set));
        boolean mayBeUsed = isReachable(pass, set.hash()) || isUnproven(pass);
        if (wanted == 0 && mayBeUsed && mustServe(pass)) {
            return Math.min(set.replicas(), Math.max(1, floor));
        }
        return Math.max(wanted, floor);
    }

    /// With no replicas wanted nobody is to be served at all, and a canary that is counted in pods
    /// may declare that all of them may be missing (H6).
    private static boolean mustServe(Pass pass) {
        int n = pass.replicas();
        int missing = 0;
        if (pass.spec.strategy() instanceof Strategy.Canary canary && !canary.isRouted()) {
            missing = canary.maxUnavailable().roundDown(n);
            if (missing == 0 && canary.maxSurge().roundUp(n) == 0) {
                missing = 1;
            }
        }
        return n - missing > 0;
    }

    /// While a plan is under way a Service may still be pointed by one that it overtook, which
    /// nothing in the status tells any more (D6).
    private static boolean isUnproven(Pass pass) {
        return pass.stored.trafficPlan().map(p -> !p.isSettled(pass.now)).orElse(false);
    }

    static int floor(Pass pass, ReplicaSetView set) {
        // The stored plan, not the draft: what this pass learns may cut capacity only once it is
        // written.
        Optional<TrafficPlan> plan = pass.stored.trafficPlan();
        int live =
                plan.map(
                                p ->
                                        TrafficPlan.need(
                                                p.liveShare(set.hash()),
                                                p.maxWeight(),
                                                pass.replicas()))
                        .orElse(0);
        if (plan.isPresent() && mayBeRoutedTo(pass, plan.get(), set.hash())) {
            return set.replicas();
        }
        long proven = plan.map(TrafficPlan::provenPlan).orElse(0L);
        return Math.max(live, stampedPlan(set) > proven ? stamped(set) : 0);
    }

    /// True while any selector, written or seen, or any share resolves to the revision.
    public static boolean isReachable(Pass pass, String hash) {
        boolean planned =
                pass.stored
                        .trafficPlan()
                        .map(
                                p ->
                                        p.liveShare(hash) > 0
                                                || p.selects(hash)
                                                || p.observed().stream()
                                                        .flatMap(o -> o.services().stream())
                                                        .anyMatch(
                                                                s ->
                                                                        s.podTemplateHash()
                                                                                .equals(hash)))
                        .orElse(false);
        return planned
                || pass.next.trafficPlan.map(p -> p.selects(hash)).orElse(false)
                || pass.seen.services().values().stream()
                        .map(ServiceView::hash)
                        .anyMatch(hash::equals);
    }

    public static boolean isLive(Pass pass, String hash) {
        return pass.next.trafficPlan.map(p -> p.liveShare(hash) > 0).orElse(false)
                || pass.stored.trafficPlan().map(p -> p.liveShare(hash) > 0).orElse(false);
    }

    /// Header and mirror routes do not say how much they carry: a revision that they are taken
    /// from keeps its size while one may be in force (A7).
    private static boolean mayBeRoutedTo(Pass pass, TrafficPlan plan, String hash) {
        boolean hasRoutes =
                pass.spec.strategy() instanceof Strategy.Canary canary
                        && canary.routing().map(r -> !r.managedRoutes().isEmpty()).orElse(false);
        boolean isRouted = plan.selected(Role.CANARY).filter(hash::equals).isPresent();
        boolean isLeaving = pass.isAborted() || !hash.equals(pass.newHash());
        return isRouted
                && isLeaving
                && !hash.equals(pass.next.stableRS)
                && (!plan.routes().isEmpty() || (hasRoutes && !plan.isSettled(pass.now)));
    }

    /// True while the revision has a share, or a plan that may still send to it is not settled.
    public static boolean isServing(Pass pass, String hash) {
        return isLive(pass, hash)
                || pass.next
                        .trafficPlan
                        .filter(p -> !p.routes().isEmpty() || !p.isSettled(pass.now))
                        .map(p -> p.selects(hash))
                        .orElse(false);
    }

    /// Stamps what the shares of a plan need on their ReplicaSets, raising those that are too
    /// small.
    ///
    /// Only a share that rises needs a stamp: nobody can have decided to go below what the
    /// stored plan still counts as live.
    static void stamp(Pass pass, long plan, Wanted.Routing routing) {
        int maxWeight = routing.maxWeight();
        String routed = routing.routes().isEmpty() ? "" : routing.selected(Role.CANARY).orElse("");
        long proven = pass.stored.trafficPlan().map(TrafficPlan::provenPlan).orElse(0L);
        List<Share> shares = new ArrayList<>(routing.shares());
        if (!routed.isEmpty()
                && shares.stream().noneMatch(s -> s.podTemplateHash().equals(routed))) {
            shares.add(new Share(routed, 0));
        }
        for (Share share : shares) {
            boolean isRouted = share.podTemplateHash().equals(routed);
            int need =
                    Math.max(
                            isRouted ? 1 : 0,
                            TrafficPlan.need(share.weight(), maxWeight, pass.replicas()));
            Optional<ReplicaSetView> found = pass.sets.withHash(share.podTemplateHash());
            if (found.isEmpty() || need == 0) {
                continue;
            }
            ReplicaSetView set = found.get();
            pass.raise(set, need);
            int live = pass.stored.trafficPlan().map(p -> p.liveShare(set.hash())).orElse(0);
            if (share.weight() <= live && !(isRouted && live == 0)) {
                continue;
            }
            if (stamped(set) < need || stampedPlan(set) < plan) {
                int keep = stampedPlan(set) > proven ? Math.max(stamped(set), need) : need;
                pass.annotate(set, Names.KEEP, Optional.of(Integer.toString(keep)));
                pass.annotate(set, Names.KEEP_PLAN, Optional.of(Long.toString(plan)));
            }
        }
        stampExperiments(pass, plan, shares);
        shares.removeIf(s -> s.weight() == 0 && !s.podTemplateHash().equals(routed));
        holdOne(pass, plan, proven, routing, shares);
    }

    /// A Service that moves to a revision without a share still leads somebody there: one pod
    /// stays, whoever decided before to take the last one (D2).
    private static void holdOne(
            Pass pass, long plan, long proven, Wanted.Routing routing, List<Share> stamped) {
        Optional<TrafficPlan> stored = pass.stored.trafficPlan();
        for (RoleService service : routing.services()) {
            String hash = service.podTemplateHash();
            boolean isHeld =
                    stored.map(p -> p.selects(hash) || p.liveShare(hash) > 0).orElse(false)
                            || stamped.stream().anyMatch(s -> s.podTemplateHash().equals(hash));
            Optional<ReplicaSetView> set = pass.sets.withHash(hash);
            if (isHeld || set.isEmpty() || pass.replicas() == 0) {
                continue;
            }
            if (stamped(set.get()) < 1 || stampedPlan(set.get()) < plan) {
                int keep = stampedPlan(set.get()) > proven ? Math.max(1, stamped(set.get())) : 1;
                pass.annotate(set.get(), Names.KEEP, Optional.of(Integer.toString(keep)));
                pass.annotate(set.get(), Names.KEEP_PLAN, Optional.of(Long.toString(plan)));
            }
        }
    }

    /// An experiment's pods are as many as its spec says, whatever its share: the stamp keeps all
    /// of
    /// them.
    private static void stampExperiments(Pass pass, long plan, List<Share> shares) {
        ofExperiments(pass)
                .forEach(
                        set -> {
                            int share =
                                    shares.stream()
                                            .filter(s -> s.podTemplateHash().equals(set.hash()))
                                            .mapToInt(Share::weight)
                                            .sum();
                            int live =
                                    pass.stored
                                            .trafficPlan()
                                            .map(p -> p.liveShare(set.hash()))
                                            .orElse(0);
                            if (share > live) {
                                int keep = Math.max(1, set.replicas());
                                pass.annotate(set, Names.KEEP, Optional.of(Integer.toString(keep)));
                                pass.annotate(
                                        set, Names.KEEP_PLAN, Optional.of(Long.toString(plan)));
                            }
                        });
    }

    private static Stream<ReplicaSetView> ofExperiments(Pass pass) {
        return pass.seen.experiments().stream()
                .filter(Observation.ExperimentView::owned)
                .flatMap(e -> e.replicaSets().stream());
    }

    private static Stream<ReplicaSetView> stampable(Pass pass) {
        return Stream.concat(pass.sets.owned().stream(), ofExperiments(pass));
    }

    /// A stamp for a plan that was never written, left by a crash or a change of mind; only a
    /// plan can release it (L5).
    static boolean hasOrphanStamp(Pass pass, long plan) {
        return stampable(pass).anyMatch(rs -> stampedPlan(rs) > plan);
    }

    static long highestStamp(Pass pass) {
        return stampable(pass).mapToLong(Capacity::stampedPlan).max().orElse(0);
    }

    private static int stamped(ReplicaSetView set) {
        return (int) Math.min(Integer.MAX_VALUE, Names.number(set.annotations().get(Names.KEEP)));
    }

    private static long stampedPlan(ReplicaSetView set) {
        return Names.number(set.annotations().get(Names.KEEP_PLAN));
    }
}
