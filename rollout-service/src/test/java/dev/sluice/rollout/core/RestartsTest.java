package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.core.Observation.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// `restartAt`: pods are replaced by eviction, within the availability budget (D7, D8).
class RestartsTest {
    private static World healthy(String maxUnavailable) {
        World world =
                new World(
                        "{\"replicas\":4,\"strategy\":{\"canary\":{\"maxUnavailable\":"
                                + maxUnavailable
                                + ",\"steps\":[]}}}");
        world.settle();
        world.later(60);
        return world;
    }

    private static void restart(World world, Instant at) {
        world.spec("{\"restartAt\":\"" + at + "\"}");
    }

    private static PodView pod(World world, String name, Instant created, boolean ready) {
        return new PodView(
                name,
                name,
                "uid-" + world.status().stableRS(),
                created,
                ready,
                false,
                Map.of(),
                Map.of());
    }

    private static void pods(World world, boolean... ready) {
        world.pods.clear();
        for (int i = 0; i < ready.length; i++) {
            world.pods.add(pod(world, "p" + i, world.now.minusSeconds(100 - i), ready[i]));
        }
    }

    @Test
    void noMorePodsAreEvictedAtOnceThanMayBeUnavailable() {
        // Given
        World world = healthy("2");
        pods(world, true, true, true, true);
        restart(world, world.now.minusSeconds(1));

        // When
        Decision decision = world.decide();
        world.step();

        // Then
        assertThat(world.evicted).containsExactly("p0", "p1");
        assertThat(decision.statusPatch()).isEmpty();
        assertThat(decision.wakeAt()).contains(world.now.plus(Duration.ofSeconds(30)));
    }

    @Test
    void oneAtATimeWhereNoneMayBeUnavailable() {
        // Given
        World world = healthy("0");
        pods(world, true, true, true, true);
        restart(world, world.now.minusSeconds(1));

        // When
        world.step();

        // Then
        assertThat(world.evicted).containsExactly("p0");
    }

    @Test
    void aPodThatIsNotReadyHasSpentTheBudgetAlready() {
        // Given
        World world = healthy("1");
        pods(world, true, false, true, true);
        restart(world, world.now.minusSeconds(1));

        // When
        world.step();

        // Then
        assertThat(world.evicted).isEmpty();
        assertThat(world.status().phase()).isEqualTo("Progressing");
        assertThat(world.status().message()).isEqualTo("rollout is restarting");
    }

    @Test
    void aRestartInTheFutureIsWaitedFor() {
        // Given
        World world = healthy("1");
        pods(world, true, true, true, true);
        Instant at = world.now.plusSeconds(300);
        restart(world, at);

        // When
        Decision decision = world.decide();

        // Then
        assertThat(decision.after()).isEmpty();
        assertThat(decision.wakeAt()).contains(at);
    }

    @Test
    void itIsDoneWhenNoPodIsOlder() {
        // Given
        World world = healthy("1");
        Instant at = world.now.minusSeconds(1);
        restart(world, at);
        world.pods.add(pod(world, "new", world.now, true));

        // When
        world.settle();

        // Then
        assertThat(world.status().restartedAt()).contains(at);
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    @Test
    void aNewTemplateTakesThePlaceOfAPendingRestart() {
        // Given
        World world = healthy("1");
        Instant at = world.now.plusSeconds(300);
        restart(world, at);
        world.settle();
        assertThat(world.status().restartedAt()).isEmpty();

        // When
        world.image("demo:2");
        world.settle();

        // Then
        assertThat(world.status().restartedAt()).contains(at);
    }

    /// D7: of the pods that a scale-down takes nobody knows which they will be.
    @Test
    void podsThatTheReplicaSetIsAboutToTakeAwayAreNoReserve() {
        // Given
        World world = healthy("1");
        restart(world, world.now.minusSeconds(1));
        world.spec("{\"replicas\":2}");
        world.pods(world.status().stableRS()).json.withObject("/spec").put("replicas", 2);
        pods(world, true, true, true, true);

        // When
        world.step();

        // Then
        assertThat(world.evicted).containsExactly("p0");
    }

    /// T2, D8: requests go to the only pod of a canary; it is replaced when others share its load.
    @Test
    void theLastPodOfARevisionWithAShareStays() {
        // Given
        World world =
                new World(
                                """
                                {"replicas":2,"strategy":{"canary":{
                                 "stableService":"stable","canaryService":"canary",
                                 "trafficRouting":{"plugins":{"argoproj-labs/gatewayAPI":{"httpRoute":"web"}}},
                                 "steps":[{"setWeight":20},{"pause":{}}]}}}\
                                """)
                        .service("stable")
                        .service("canary");
        world.settle();
        world.image("demo:2");
        world.settle();
        String canary = world.status().currentPodHash();
        assertThat(world.sizeOf(canary)).isEqualTo(1);
        world.later(60);
        restart(world, world.now.minusSeconds(1));
        world.pods.add(pod(world, "s0", world.now, true));
        world.pods.add(pod(world, "s1", world.now, true));
        Instant old = world.now.minusSeconds(50);
        world.pods.add(
                new PodView("c0", "c0", "uid-" + canary, old, true, false, Map.of(), Map.of()));

        // When
        world.step();

        // Then
        assertThat(world.evicted).isEmpty();
        assertThat(world.status().restartedAt()).isEmpty();

        // When another pod is there
        world.pods(canary).json.withObject("/spec").put("replicas", 2);
        world.pods.add(
                new PodView(
                        "c1", "c1", "uid-" + canary, world.now, true, false, Map.of(), Map.of()));
        world.step();

        // Then
        assertThat(world.evicted).containsExactly("c0");
    }

    /// D8: some routers answer nobody while the stable Service has no endpoint, whatever its share.
    @Test
    void theLastStablePodBehindARouterStaysWithoutAShare() {
        // Given
        World world =
                new World(
                                """
                                {"replicas":2,"strategy":{"canary":{"dynamicStableScale":true,
                                 "stableService":"stable","canaryService":"canary",
                                 "trafficRouting":{"plugins":{"argoproj-labs/gatewayAPI":{"httpRoute":"web"}}},
                                 "steps":[{"setWeight":100},{"pause":{}}]}}}\
                                """)
                        .service("stable")
                        .service("canary");
        world.settle();
        world.image("demo:2");
        world.settle();
        world.later(60);
        world.settle();
        String stable = world.status().stableRS();
        assertThat(world.canaryWeight()).isEqualTo(100);
        assertThat(world.sizeOf(stable)).isEqualTo(1);
        restart(world, world.now.minusSeconds(1));
        Instant old = world.now.minusSeconds(50);
        world.pods.add(pod(world, "s0", old, true));
        String canary = "uid-" + world.status().currentPodHash();
        world.pods.add(new PodView("c0", "c0", canary, old, true, false, Map.of(), Map.of()));
        world.pods.add(new PodView("c1", "c1", canary, old, true, false, Map.of(), Map.of()));

        // When
        world.step();

        // Then
        assertThat(world.evicted).containsExactly("c0");
    }

    /// D7: what the ReplicaSet still counts but is being evicted cannot be spent a second time.
    @Test
    void podsOnTheirWayOutDoNotCountForAScaleDown() {
        // Given
        World world = healthy("1");
        restart(world, world.now.minusSeconds(1));
        pods(world, true, true, true);
        world.pods.add(
                new PodView(
                        "p3",
                        "p3",
                        "uid-" + world.status().stableRS(),
                        world.now.minusSeconds(50),
                        false,
                        true,
                        Map.of(),
                        Map.of()));

        // When
        Observation seen = Restarts.withPodsThatServe(world.observe(), world.now);

        // Then
        assertThat(world.observe().replicaSets().getFirst().available()).isEqualTo(4);
        assertThat(seen.replicaSets().getFirst().available()).isEqualTo(3);
    }

    @Test
    void evictionsEndThePassSoNothingElseIsSpentInIt() {
        World world =
                new World(
                        """
                        {"replicas":4,"restartAt":"2026-03-01T09:00:00Z",
                         "strategy":{"canary":{"maxUnavailable":1,"steps":[]}}}\
                        """);
        world.settle();
        pods(world, true, true, true, true);
        world.status("{\"restartedAt\":null}");
        Decision decision = world.decide();
        assertThat(decision.after()).hasOnlyElementsOfType(Command.EvictPod.class);
        assertThat(decision.before()).isEmpty();
    }
}
