package dev.sluice.router.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.router.core.TrafficPlan.ServiceTarget;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Plays random releases against the planner: random starts, plans and capacities, proxies and
/// endpoints that lag, pods that come and go. Every write is judged by rules written down here
/// anew, not by the planner's own. When the faults stop, the plan must be carried out.
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
            if (random.nextInt(5) == 0) {
                formerWeights.add(random.nextInt(whole + 1));
            }
            if (weight == 0 && random.nextBoolean()) {
                exists = false;
            }
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
                }
                Move move = ShiftPlanner.next(situation());
                switch (move) {
                    case Move.SetWeight(_, int next) -> setWeight(next);
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

        private void setWeight(int next) {
            assertThat(next).as(label + " T4").isBetween(0, whole);
            if (next != weight && replicas > 0) {
                Backend gaining = next > weight ? canary : stable;
                Backend losing = next > weight ? stable : canary;
                assertThat(abort && next > weight).as(label + " A3").isFalse();
                assertThat(gaining.selected).as(label + " S3").isEqualTo(gaining.target);
                int left = next > weight ? whole - next : next;
                boolean rescue =
                        left == 0 && losing.live().stream().allMatch(r -> availableOf(r) == 0);
                assertThat(pods(gaining)).as(label + " T2").isPositive();
                if (left > 0) {
                    if (!losing.selected.isEmpty()) {
                        assertThat(pods(losing)).as(label + " T2 of the rest").isPositive();
                    }
                }
                if (!rescue) {
                    assertCarried(gaining, losing, next);
                }
            }
            if (next != weight) {
                formerWeights.add(weight);
                formerWeights.remove(next);
            }
            weight = next;
            exists = true;
            routeStamp = 7;
        }

        /// T1 for every revision that proxies may resolve the gaining Service to.
        private void assertCarried(Backend gaining, Backend losing, int next) {
            for (String viaGaining : gaining.live()) {
                for (String viaLosing : losing.live().isEmpty() ? Set.of("-") : losing.live()) {
                    long share = gaining == canary ? next : whole - next;
                    if (viaGaining.equals(viaLosing)) {
                        continue; // the whole stays with one revision: nothing was raised
                    }
                    assertThat(available.get(viaGaining))
                            .as("%s T1 %s gets %d of %d", label, viaGaining, share, whole)
                            .isGreaterThanOrEqualTo(need(share));
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
                            List.of(),
                            List.of(),
                            false);
            Map<String, Capacity> capacity = new LinkedHashMap<>();
            available.forEach(
                    (r, n) -> capacity.put(r, new Capacity(replicas, n, OptionalInt.empty())));
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
                                    List.copyOf(formerWeights),
                                    true,
                                    OptionalLong.of(routeStamp),
                                    EvidenceLevel.WRITTEN,
                                    true,
                                    Optional.empty())),
                    capacity,
                    Instant.EPOCH);
        }

        private static ServiceState state(Backend backend) {
            return new ServiceState(
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
