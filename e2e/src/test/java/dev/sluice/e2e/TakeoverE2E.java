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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// Promise 1 of the README: whoever looked after the Rollouts before, the next one goes on with
/// the same ReplicaSets, restarts no pod and moves no weight. The original controller is the real
/// one.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
class TakeoverE2E {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void sluiceGoesOnWhereTheOriginalWasKilled(StackSession session) throws Exception {
        Workspace place = new Workspace(session.stack(), session.createNamespace("forth"));
        List<Situation> all = Situation.all();
        try (Keeper original = Keeper.original(place)) {
            together(all, situation -> situation.create(place));
            together(all, situation -> situation.arrive(place));
            original.kill9();
        }
        handOver(place, all, () -> Keeper.sluice(session, place, "forth."));
    }

    @Test
    void theOriginalGoesOnWhereSluiceWasKilled(StackSession session) throws Exception {
        Workspace place = new Workspace(session.stack(), session.createNamespace("back"));
        List<Situation> all = Situation.all();
        try (Keeper sluice = Keeper.sluice(session, place, "back.")) {
            together(all, situation -> situation.create(place));
            together(all, situation -> situation.arrive(place));
            sluice.kill9();
        }
        handOver(place, all, () -> Keeper.original(place));
    }

    /// Lets the next one take over, sees that nothing moves, and goes on to the end under it.
    private static void handOver(Workspace place, List<Situation> all, Supplier<Keeper> next)
            throws Exception {
        Map<String, Set<String>> sets = new LinkedHashMap<>();
        all.forEach(s -> sets.put(s.name(), place.replicaSetUids(s.name())));
        try (Movements movements = Movements.of(place);
                Keeper keeper = next.get()) {
            for (Situation situation : all) {
                awaitSettled(place, keeper, situation.name());
            }
            assertThat(movements.seen()).isEmpty();
            Progress.say("taken over, nothing moved");
            together(all, situation -> situation.leave(place));
            all.forEach(
                    s ->
                            assertThat(place.replicaSetUids(s.name()))
                                    .as("ReplicaSets of %s", s.name())
                                    .isEqualTo(sets.get(s.name())));
        }
    }

    private static void awaitSettled(Workspace place, Keeper keeper, String rollout) {
        await(rollout + " is settled")
                .atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(keeper.hasSettled(rollout))
                                        .as(statusOf(place, rollout).toString())
                                        .isTrue());
    }

    private static JsonNode statusOf(Workspace place, String rollout) {
        return place.rollout(rollout).at("/status");
    }

    private static void together(List<Situation> all, Consumer<Situation> part) throws Exception {
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
    }
}
