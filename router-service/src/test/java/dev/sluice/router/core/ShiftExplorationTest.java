package dev.sluice.router.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.router.core.TrafficPlan.Destination;
import dev.sluice.router.core.TrafficPlan.ManagedRoute;
import dev.sluice.router.core.TrafficPlan.ServiceTarget;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Plays random releases against the planner: random starts, plans and capacities, proxies and
/// endpoints that lag, pods that come and go. Every write is judged by rules written down here
/// anew, not by the planner's own. When the faults stop, the plan must be carried out. Experiments
/// with shares of their own, and header and mirror routes, take part.
class ShiftExplorationTest {

    private static final int GAMES = 20_000;
    private static final List<String> REVISIONS = List.of("v1", "v2", "v3");
    private static final ObjectRef ROUTE = new ObjectRef("v1", "Ingress", "shop", "route");

    @Test
    void t1T2T4S2A3HoldAfterEveryWriteAndEveryPlanIsCarriedOutInTheEnd() {
        long seed = Long.getLong("sluice.seed", 20261123L);
        for (int game = 0; game < GAMES; game++) {
            new Game(new Random(seed + game), "seed " + (seed + game)).play();
        }
    }

    private static final class Backend {
        final String name;
        final Role role;
        String target = "";
        String selected = "";
        final Set<String> former = new LinkedHashSet<>();
        final Map<String, Integer> ready = new LinkedHashMap<>();
        boolean managed = true;
        long stamp;

        Backend(String name, Role role) {
            this.name = name;
            this.role = role;
        }

        Set<String> live() {
            Set<String> all = new TreeSet<>(former);
            all.addAll(ready.keySet());
            if (!selected.isEmpty()) {
                all.add(selected);
            }
            return all;
        }
    }

    private static final class Game {
        private final Random random;
        private final String label;
        private final int replicas;
        private final int whole;
        private final Map<String, Integer> available = new LinkedHashMap<>();
        private final Backend stable = new Backend("stable", Role.STABLE);
        private final Backend canary = new Backend("canary", Role.CANARY);
        private int weight;
        private final Set<Integer> formerWeights = new TreeSet<>();
        private final Map<String, Integer> shares = new TreeMap<>();
        private final Map<String, Integer> wantedShares = new TreeMap<>();
        private final Map<String, Capacity> experiments = new LinkedHashMap<>();
        private final Set<String> managed = new TreeSet<>();
        private final List<ManagedRoute> wantedRoutes = new ArrayList<>();
        private boolean exists = true;
        private long routeStamp;
        private final boolean abort;
        private final int wanted;
        private boolean faults = true;

        Game(Random random, String label) {
            this.random = random;
            this.label = label;
            this.replicas = random.nextInt(8);
            this.whole = random.nextInt(4) == 0 ? 1000 : 100;
            REVISIONS.forEach(r -> available.put(r, random.nextInt(replicas + 2)));
            this.weight = random.nextInt(whole + 1);
            start(stable);
            start(canary);
            this.abort = random.nextInt(3) == 0;
            this.wanted = abort ? random.nextInt(weight + 1) : random.nextInt(whole + 1);
            if (random.nextInt(3) == 0) {
                experiment("a");
                experiment("b");
            }
            for (String name : List.of("header", "mirror")) {
                if (random.nextInt(4) == 0) {
                    managed.add(name);
                }
                if (!abort && random.nextInt(4) == 0) {
                    wantedRoutes.add(
                            new ManagedRoute(
                                    name,
                                    name.equals("mirror"),
                                    JsonNodeFactory.instance.arrayNode().add("condition"),
                                    Optional.empty()));
                }
            }
            if (random.nextInt(5) == 0) {
                formerWeights.add(random.nextInt(whole + 1));
            }
            if (weight == 0 && random.nextBoolean()) {
                exists = false;
            }
        }

        private void experiment(String name) {
            int free = whole - weight - shares.values().stream().mapToInt(n -> n).sum();
            if (random.nextBoolean() && free > 0) {
                shares.put(name, 1 + random.nextInt(free));
            }
            int left = whole - wanted - wantedShares.values().stream().mapToInt(n -> n).sum();
            if (!abort && random.nextBoolean() && left > 0) {
                wantedShares.put(name, 1 + random.nextInt(left));
            }
            int declared = 1 + random.nextInt(3);
            experiments.put(name, new Capacity(declared, random.nextInt(declared + 1)));
        }

        private long stableShare(Routing routing) {
            return whole
                    - routing.canary()
                    - routing.additional().stream().mapToLong(Destination::weight).sum();
        }

        private Routing present() {
            return new Routing(weight, destinations(shares), List.of());
        }

        private static List<Destination> destinations(Map<String, Integer> shares) {
            return shares.entrySet().stream()
                    .map(e -> new Destination(e.getKey(), "x-" + e.getKey(), e.getValue()))
                    .toList();
        }

        private void start(Backend backend) {
            backend.target = REVISIONS.get(random.nextInt(3));
            backend.selected = random.nextInt(6) == 0 ? "" : REVISIONS.get(random.nextInt(3));
            backend.managed = !backend.selected.isEmpty();
            if (random.nextInt(4) == 0) {
                backend.former.add(REVISIONS.get(random.nextInt(3)));
            }
            follow(backend);
        }

        private int availableOf(String revision) {
            return available.getOrDefault(revision, 0);
        }

        /// The endpoints controller catches up.
        private void follow(Backend backend) {
            backend.ready.clear();
            for (String revision : REVISIONS) {
                boolean leads = backend.selected.isEmpty() || backend.selected.equals(revision);
                if (leads && availableOf(revision) > 0) {
                    backend.ready.put(revision, availableOf(revision));
                }
            }
        }

        void play() {
            for (int turn = 0; turn < 200; turn++) {
                if (turn == 60) {
                    faults = false;
                    REVISIONS.forEach(r -> available.put(r, replicas));
                    follow(stable);
                    follow(canary);
                    experiments.replaceAll((_, c) -> new Capacity(c.wanted(), c.wanted()));
                }
                Move move = ShiftPlanner.next(situation());
                switch (move) {
                    case Move.Program(_, Routing next) -> program(next);
                    case Move.Point(String service, String hash) ->
                            point(service.equals("stable") ? stable : canary, hash);
                    case Move.Stamp(String service) ->
                            (service.equals("stable") ? stable : canary).stamp = 7;
                    case Move.Complete() -> {
                        assertCarriedOut();
                        if (!faults) {
                            return;
                        }
                    }
                    case Move.Partial _, Move.Wait _ -> {}
                    case Move.Stale _ -> assertThat(move).as(label).isNull();
                }
                lapse();
            }
            assertThat(situation()).as(label + ": never carried out (L1, L5)").isNull();
        }

        private void assertCarriedOut() {
            assertThat(weight).as(label).isEqualTo(wanted);
            assertThat(shares).as(label).isEqualTo(wantedShares);
            assertThat(managed)
                    .as(label + " A7")
                    .containsExactlyInAnyOrderElementsOf(
                            wantedRoutes.stream().map(ManagedRoute::name).toList());
            assertThat(stable.selected).as(label).isEqualTo(stable.target);
            assertThat(canary.selected).as(label).isEqualTo(canary.target);
            assertThat(routeStamp).as(label + ": evidence needs the stamp").isEqualTo(7);
        }

        /// Time passes: proxies forget, endpoints follow, pods come and go.
        private void lapse() {
            if (random.nextInt(3) == 0 || !faults) {
                formerWeights.clear();
            }
            if (random.nextInt(3) == 0 || !faults) {
                stable.former.clear();
                canary.former.clear();
            }
            if (random.nextInt(2) == 0 || !faults) {
                follow(stable);
                follow(canary);
            }
            if (faults && !experiments.isEmpty() && random.nextInt(3) == 0) {
                experiments.replaceAll(
                        (_, c) -> new Capacity(c.wanted(), random.nextInt(c.wanted() + 1)));
            }
            if (faults && random.nextInt(3) == 0) {
                String revision = REVISIONS.get(random.nextInt(3));
                available.put(revision, random.nextInt(replicas + 1));
                for (Backend backend : List.of(stable, canary)) {
                    int now = available.get(revision);
                    backend.ready.computeIfPresent(
                            revision, (_, n) -> Math.min(n, now) == 0 ? null : Math.min(n, now));
                }
            }
        }

        private void program(Routing next) {
            Routing before = present();
            assertThat(next.canary()).as(label + " T4").isBetween(0, whole);
            assertThat(stableShare(next)).as(label + " T4").isBetween(0L, (long) whole);
            if (replicas > 0) {
                judge(Role.CANARY, canary, stable, before, next);
                judge(Role.STABLE, stable, canary, before, next);
                judgeExperiments(before, next);
            }
            judgeRoutes(next);
            if (next.canary() != weight) {
                formerWeights.add(weight);
                formerWeights.remove(next.canary());
            }
            weight = next.canary();
            shares.clear();
            next.additional().forEach(d -> shares.put(d.serviceName(), d.weight()));
            managed.clear();
            next.routes().forEach(r -> managed.add(r.name()));
            exists = true;
            routeStamp = 7;
        }

        private long share(Role role, Routing routing) {
            return role == Role.CANARY ? routing.canary() : stableShare(routing);
        }

        private void judge(
                Role role, Backend backend, Backend other, Routing before, Routing next) {
            long was = share(role, before);
            long is = share(role, next);
            boolean changes = was != is || !before.additional().equals(next.additional());
            if (is > was) {
                Role opposite = role == Role.CANARY ? Role.STABLE : Role.CANARY;
                boolean rescue =
                        share(opposite, next) == 0
                                && share(opposite, before) > 0
                                && other.live().stream().allMatch(r -> availableOf(r) == 0);
                assertThat(abort && role == Role.CANARY).as(label + " A3").isFalse();
                assertThat(backend.selected).as(label + " S3").isEqualTo(backend.target);
                assertThat(pods(backend)).as(label + " T2").isPositive();
                if (!rescue) {
                    boolean othersLose = share(opposite, next) < share(opposite, before);
                    assertCarried(backend, othersLose ? other.live() : Set.of(), is);
                }
            } else if (changes && is == was && is > 0 && !backend.selected.isEmpty()) {
                assertThat(pods(backend)).as(label + " T2 of the rest").isPositive();
            }
        }

        /// T1 for every revision that proxies may resolve the gaining Service to.
        private void assertCarried(Backend gaining, Set<String> losing, long share) {
            for (String revision : gaining.live()) {
                if (losing.equals(Set.of(revision))) {
                    continue; // the whole stays with one revision: nothing was raised
                }
                assertThat(available.get(revision))
                        .as("%s T1 %s gets %d of %d", label, revision, share, whole)
                        .isGreaterThanOrEqualTo(need(share));
            }
        }

        private void judgeExperiments(Routing before, Routing next) {
            for (Destination destination : next.additional()) {
                if (destination.weight() > before.weightOf(destination.serviceName())) {
                    Capacity pods =
                            experiments.getOrDefault(destination.serviceName(), Capacity.none());
                    assertThat(abort).as(label + " A3 for experiments").isFalse();
                    assertThat(pods.available())
                            .as(label + " T1, T2 of " + destination)
                            .isGreaterThanOrEqualTo(
                                    Math.min(need(destination.weight()), pods.wanted()));
                }
            }
        }

        private void judgeRoutes(Routing next) {
            List<String> planned = wantedRoutes.stream().map(ManagedRoute::name).toList();
            for (ManagedRoute route : next.routes()) {
                assertThat(planned).as(label + " A7").contains(route.name());
                if (!managed.contains(route.name()) && replicas > 0) {
                    assertThat(canary.selected).as(label + " S3").isEqualTo(canary.target);
                    assertThat(canary.live())
                            .as(label + " T2 of " + route.name())
                            .allMatch(r -> availableOf(r) > 0);
                }
            }
        }

        private void point(Backend backend, String hash) {
            assertThat(hash).as(label).isEqualTo(backend.target);
            Set<Integer> weights = new TreeSet<>(formerWeights);
            weights.add(weight);
            long share =
                    weights.stream()
                            .mapToLong(w -> backend == canary ? w : whole - w)
                            .max()
                            .orElseThrow();
            if (replicas > 0) {
                assertThat(available.get(hash)).as(label + " B3/A8").isPositive();
                boolean dead =
                        backend.ready.isEmpty()
                                && !backend.selected.isEmpty()
                                && availableOf(backend.selected) == 0;
                if (share > 0 && !dead) {
                    assertThat(available.get(hash))
                            .as(label + " S2")
                            .isGreaterThanOrEqualTo(need(share));
                }
            }
            if (!backend.selected.isEmpty()) {
                backend.former.add(backend.selected);
            }
            backend.former.remove(hash);
            backend.selected = hash;
            backend.managed = true;
            backend.stamp = 7;
        }

        private int pods(Backend backend) {
            return Math.min(
                    available.getOrDefault(backend.selected, 0),
                    backend.ready.getOrDefault(backend.selected, 0));
        }

        private int need(long share) {
            return share == 0 ? 0 : (int) Math.max(1, Math.ceilDiv(share * replicas, (long) whole));
        }

        private Situation situation() {
            TrafficPlan plan =
                    new TrafficPlan(
                            7,
                            1,
                            Instant.EPOCH,
                            abort,
                            whole,
                            "stable",
                            List.of(
                                    new ServiceTarget("stable", Role.STABLE, stable.target),
                                    new ServiceTarget("canary", Role.CANARY, canary.target)),
                            Optional.of(wanted),
                            destinations(wantedShares),
                            wantedRoutes,
                            available.keySet().stream()
                                    .collect(Collectors.toMap(r -> r, _ -> whole)),
                            false);
            Map<String, Capacity> capacity = new LinkedHashMap<>();
            available.forEach((r, n) -> capacity.put(r, new Capacity(replicas, n)));
            return new Situation(
                    plan,
                    replicas,
                    new Threshold.All(),
                    List.of(state(stable), state(canary)),
                    List.of(
                            new RouteState(
                                    ROUTE,
                                    exists,
                                    weight,
                                    destinations(shares),
                                    List.copyOf(managed),
                                    List.copyOf(formerWeights),
                                    true,
                                    OptionalLong.of(routeStamp),
                                    EvidenceLevel.WRITTEN,
                                    true,
                                    Optional.empty())),
                    capacity,
                    experiments,
                    Instant.EPOCH);
        }

        private static ServiceState state(Backend backend) {
            return new ServiceState(
                    ServiceState.SERVICE,
                    backend.name,
                    backend.role,
                    backend.target,
                    true,
                    Optional.of(backend.selected).filter(s -> !s.isEmpty()),
                    List.copyOf(backend.former),
                    backend.managed,
                    Optional.empty(),
                    OptionalLong.of(backend.stamp),
                    backend.ready);
        }
    }
}
