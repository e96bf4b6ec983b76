package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.Progress;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Promise 1 of the README: whoever looked after the Rollouts before, the next one goes on with
/// the same ReplicaSets, restarts no pod and moves no weight. The original controller is the real
/// one.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
class TakeoverE2E {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final String CURRENT = "/status/currentPodHash";

    /// Pods of it may run anywhere.
    private static final String NEXT_RELEASE =
            """
            {"spec":{"template":{"metadata":{"labels":{"track":"v3"}},"spec":{"affinity":null}}}}
            """;

    @Test
    void sluiceGoesOnWhereTheOriginalWasStopped(StackSession session) throws Exception {
        Workspace place = new Workspace(session.stack(), session.createNamespace("forth"));
        List<Situation> all = Situation.all();
        try (Keeper original = Keeper.original(place)) {
            together(all, situation -> situation.create(place));
            together(all, situation -> situation.arrive(place));
            awaitRest(place, all, original);
            original.stop();
        }
        place.awaitPodsAtRest();
        try (Movements movements = Movements.of(place);
                Keeper sluice = Keeper.sluice(session, place, "forth.")) {
            assertNothingMoves(place, all, sluice, movements, movement -> false);
            assertSameReplicaSets(place, all, () -> together(all, s -> s.leave(place)));
        }
    }

    @Test
    void theOriginalGoesOnWhereSluiceWasKilledAndSluiceAgainAfterIt(StackSession session)
            throws Exception {
        Workspace place = new Workspace(session.stack(), session.createNamespace("back"));
        List<Situation> all = Situation.all();
        try (Keeper sluice = Keeper.sluice(session, place, "back.")) {
            together(all, situation -> situation.create(place));
            together(all, situation -> situation.arrive(place));
            awaitRest(place, all, sluice);
            sluice.kill9();
        }
        place.awaitPodsAtRest();
        try (Movements movements = Movements.of(place);
                Keeper original = Keeper.original(place)) {
            assertNothingMoves(place, all, original, movements, TakeoverE2E::isRestless);
            assertSameReplicaSets(place, all, () -> together(all, s -> s.leave(place)));
            awaitRest(place, all, original);
            original.kill9();
        }
        place.awaitPodsAtRest();
        try (Movements movements = Movements.of(place);
                Keeper sluice = Keeper.sluice(session, place, "again.")) {
            Set<String> mended = givenUpCanariesBackOnStable(place, all);
            assertNothingMoves(
                    place,
                    all,
                    sluice,
                    movements,
                    movement ->
                            movement.startsWith("Service ")
                                    && mended.stream().anyMatch(movement::endsWith));
            together(
                    all,
                    situation -> {
                        String former = place.rollout(situation.name()).at(CURRENT).asText();
                        place.merge(situation.name(), NEXT_RELEASE);
                        place.awaitRevisionAfter(situation.name(), former);
                        place.plugin("promote", situation.name(), "--full");
                        place.awaitPromoted(situation.name());
                    });
        }
    }

    /// At every look at an aborted release the original controller points the canary Service at the
    /// new revision and back at the stable one (A8).
    private static boolean isRestless(String movement) {
        return movement.startsWith("Service aborted-canary:");
    }

    /// Killed between the two, it leaves the canary Service of an aborted release on the new
    /// revision; that it is put back is the one movement that a take-over owes.
    private static Set<String> givenUpCanariesBackOnStable(Workspace place, List<Situation> all) {
        return all.stream()
                .map(situation -> place.rollout(situation.name()))
                .filter(rollout -> rollout.at("/status/abort").asBoolean())
                .map(
                        rollout ->
                                Movements.canaryServiceEndsOn(
                                        rollout.at("/metadata/name").asText(),
                                        rollout.at("/status/stableRS").asText()))
                .collect(Collectors.toSet());
    }

    /// Lets the next one look at everything several times.
    private static void assertNothingMoves(
            Workspace place,
            List<Situation> all,
            Keeper keeper,
            Movements movements,
            Predicate<String> isOwed) {
        for (int round = 1; round <= 3; round++) {
            lookAtAll(place, all, keeper);
        }
        assertThat(movements.seen()).filteredOn(isOwed.negate()).isEmpty();
        Progress.say("taken over, nothing moved");
    }

    /// Lets one finish what it has begun: a Rollout is Healthy before its old pods have a deadline
    /// and its canary a weight of 0, and what is left undone, the next one would do. Services do
    /// not count: those of aborted releases never rest (see [#isRestless]).
    private static void awaitRest(Workspace place, List<Situation> all, Keeper keeper) {
        try (Movements movements = Movements.of(place)) {
            await("nothing moves any more")
                    .atMost(LIMIT)
                    .untilAsserted(
                            () -> {
                                int former = movements.seen().size();
                                lookAtAll(place, all, keeper);
                                lookAtAll(place, all, keeper);
                                assertThat(movements.seen().stream().skip(former))
                                        .filteredOn(movement -> !movement.startsWith("Service "))
                                        .isEmpty();
                            });
        }
    }

    private static void lookAtAll(Workspace place, List<Situation> all, Keeper keeper) {
        for (Situation situation : all) {
            String name = situation.name();
            long looks = keeper.looks(name);
            place.merge(
                    name,
                    "{\"metadata\":{\"annotations\":{\"example.test/look\":\"%s\"}}}"
                            .formatted(UUID.randomUUID()));
            await(name + " is looked at, and at rest")
                    .atMost(LIMIT)
                    .untilAsserted(
                            () -> {
                                assertThat(keeper.looks(name)).isGreaterThan(looks);
                                assertThat(keeper.isAtRest(name))
                                        .as(statusOf(place, name).toString())
                                        .isTrue();
                            });
        }
    }

    private static void assertSameReplicaSets(
            Workspace place, List<Situation> all, Callable<Void> part) throws Exception {
        Map<String, Set<String>> before = new LinkedHashMap<>();
        all.forEach(s -> before.put(s.name(), place.replicaSetUids(s.name())));
        part.call();
        Map<String, Set<String>> after = new LinkedHashMap<>();
        all.forEach(s -> after.put(s.name(), place.replicaSetUids(s.name())));
        assertThat(after).isEqualTo(before);
    }

    private static JsonNode statusOf(Workspace place, String rollout) {
        return place.rollout(rollout).at("/status");
    }

    private static Void together(List<Situation> all, Consumer<Situation> part)
            throws InterruptedException {
        List<String> failures = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<String, Future<?>> parts = new LinkedHashMap<>();
            all.forEach(s -> parts.put(s.name(), executor.submit(() -> part.accept(s))));
            for (Map.Entry<String, Future<?>> one : parts.entrySet()) {
                try {
                    one.getValue().get();
                } catch (ExecutionException e) {
                    failures.add(one.getKey() + ": " + e.getCause());
                }
            }
        }
        assertThat(failures).isEmpty();
        return null;
    }
}
