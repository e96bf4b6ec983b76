package dev.sluice.rollout.core;

import dev.sluice.rollout.core.TrafficPlan.Role;
import dev.sluice.rollout.core.TrafficPlan.RoleService;
import dev.sluice.rollout.core.TrafficPlan.Share;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Looks at every action in a [World] with the eyes of the proxies: what they may still be doing
/// is every routing that was applied until its drain time is over. Each check is named after its
/// invariant.
final class Watch {
    private final World world;
    private final List<Applied> live = new ArrayList<>();

    private record Applied(TrafficPlan plan, Instant until) {}

    Watch(World world) {
        this.world = world;
    }

    private static void fail(String invariant, String what) {
        throw new AssertionError(invariant + " is broken: " + what);
    }

    /// Proxies take a plan; the one before may linger for the drain time.
    void applied(TrafficPlan plan) {
        Instant end = world.now.plusSeconds(world.drainSeconds);
        List<Applied> next = new ArrayList<>();
        live.forEach(a -> next.add(new Applied(a.plan(), min(a.until(), end))));
        live.clear();
        live.addAll(next);
        live.removeIf(a -> !a.until().isAfter(world.now));
        live.add(new Applied(plan, Instant.MAX));
    }

    private static Instant min(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private List<TrafficPlan> live() {
        return live.stream().filter(a -> a.until().isAfter(world.now)).map(Applied::plan).toList();
    }

    /// D1, D2, A7, T5: what a scale-down may take.
    void scaled(World.Pods pods, int to) {
        if (to >= pods.replicas()) {
            return;
        }
        int n = world.rollout.at("/spec/replicas").asInt();
        for (TrafficPlan plan : live()) {
            int share =
                    plan.shares().stream()
                            .filter(s -> s.podTemplateHash().equals(pods.hash()))
                            .mapToInt(Share::weight)
                            .sum();
            int need = TrafficPlan.need(share, plan.maxWeight(), n);
            if (to < need) {
                fail("D1", pods.hash() + " to " + to + " while it needs " + need);
            }
            boolean isRoutedTo =
                    !plan.routes().isEmpty()
                            && plan.selected(Role.CANARY).filter(pods.hash()::equals).isPresent();
            if (to == 0 && isRoutedTo) {
                fail("A7", pods.hash() + " to 0 while a route leads to it");
            }
        }
        boolean isSelected =
                world.observe().services().values().stream()
                        .anyMatch(s -> s.hash().equals(pods.hash()));
        if (to == 0 && n > 0 && isSelected) {
            fail("D2", pods.hash() + " to 0 while a Service selects it");
        }
    }

    /// T4, S3, A3 and rising ids: what may stand in a plan.
    void planned(Optional<TrafficPlan> before, Optional<TrafficPlan> after) {
        if (after.map(p -> p.services().isEmpty()).orElse(false)) {
            live.clear(); // a person took the routing away, and there was nothing shared out
        }
        if (after.isEmpty() || before.map(TrafficPlan::id).equals(after.map(TrafficPlan::id))) {
            return;
        }
        TrafficPlan plan = after.get();
        if (before.isPresent() && plan.id() <= before.get().id()) {
            fail("R2", "plan " + plan.id() + " after " + before.get().id());
        }
        sums(plan);
        if (before.isEmpty() || before.get().weights().isEmpty() || plan.weights().isEmpty()) {
            return;
        }
        TrafficPlan old = before.get();
        for (RoleService service : plan.services()) {
            Optional<RoleService> was =
                    old.services().stream()
                            .filter(s -> s.name().equals(service.name()))
                            .findFirst();
            boolean isMoved =
                    was.isPresent()
                            && !world.selected(service.name()).equals(service.podTemplateHash())
                            && !was.get().podTemplateHash().equals(service.podTemplateHash());
            boolean isLoaded =
                    live().stream()
                            .filter(p -> p.shareOf(service.name()) > 0)
                            .anyMatch(
                                    p -> !p.services().stream().anyMatch(o -> isSame(o, service)));
            if (isMoved && isLoaded) {
                fail("S3", service.name() + " is re-pointed under load");
            }
        }
        boolean isSameAbort = old.abort() && plan.abort() && old.attempt() == plan.attempt();
        if (isSameAbort
                && plan.weights().orElseThrow().canary() > old.weights().orElseThrow().canary()) {
            fail("A3", "the canary's share rises during an abort");
        }
    }

    private static boolean isSame(RoleService a, RoleService b) {
        return a.name().equals(b.name()) && a.podTemplateHash().equals(b.podTemplateHash());
    }

    private static void sums(TrafficPlan plan) {
        if (plan.weights().isEmpty()) {
            return;
        }
        TrafficPlan.Weights w = plan.weights().get();
        int extra = w.additional().stream().mapToInt(TrafficPlan.Destination::weight).sum();
        int shares = plan.shares().stream().mapToInt(Share::weight).sum();
        boolean isExact =
                w.canary() >= 0
                        && w.stable() >= 0
                        && w.canary() + w.stable() + extra == plan.maxWeight()
                        && shares == plan.maxWeight();
        if (!isExact) {
            fail("T4", w + " and " + plan.shares());
        }
    }
}
