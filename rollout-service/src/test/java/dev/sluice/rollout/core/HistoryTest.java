package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ExperimentView;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Revision numbers, the history limit and the rollback window (D9, P6).
class HistoryTest {
    private static World released(String extra, int releases) {
        World world =
                new World(
                        "{\"replicas\":2,"
                                + extra
                                + "\"strategy\":{\"canary\":{\"steps\":[{\"setWeight\":50},{\"pause\":{}}]}}}");
        world.settle();
        for (int i = 2; i <= releases; i++) {
            world.later(60);
            world.image("demo:" + i);
            world.settle();
            world.status("{\"promoteFull\":true}");
            world.settle();
        }
        world.later(60);
        world.settle();
        return world;
    }

    private static String annotation(World world, String hash, String key) {
        return world.pods(hash).strings("annotations").getOrDefault(key, "");
    }

    @Test
    void goingBackGivesTheOldRevisionANewNumberAndKeepsTheOldOneInItsHistory() {
        // Given
        World world = released("", 3);
        String second = hash(world, "demo:2");

        // When
        world.image("demo:2");
        world.settle();

        // Then
        assertThat(annotation(world, second, Names.REVISION)).isEqualTo("4");
        assertThat(annotation(world, second, Names.REVISION_HISTORY)).isEqualTo("2");
        assertThat(world.rollout.path("metadata").path("annotations").path(Names.REVISION).asText())
                .isEqualTo("4");
    }

    private static String hash(World world, String image) {
        return world.sets.values().stream()
                .filter(
                        p ->
                                p.json.at("/spec/template/spec/containers/0/image")
                                        .asText()
                                        .equals(image))
                .map(World.Pods::hash)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theOldestRevisionsBeyondTheLimitGoAndTheirRunsAndExperimentsToo() {
        // Given
        World world = released("\"revisionHistoryLimit\":5,", 4);
        String first = hash(world, "demo:1");
        String third = hash(world, "demo:3");
        world.runs.put("of-first", run("of-first", first));
        world.runs.put("of-third", run("of-third", third));
        world.experiments.put("e-first", experiment("e-first", first));
        world.experiments.put("e-third", experiment("e-third", third));

        // When
        world.spec("{\"revisionHistoryLimit\":1}");
        world.settle();

        // Then
        assertThat(world.sets.values().stream().map(World.Pods::hash))
                .containsExactly(third, world.status().stableRS());
        assertThat(world.runs).containsOnlyKeys("of-third");
        assertThat(world.experiments).containsOnlyKeys("e-third");
    }

    private static ExperimentView experiment(String name, String hash) {
        return new ExperimentView(
                name,
                name,
                true,
                Map.of(Names.HASH, hash),
                JsonNodeFactory.instance.objectNode(),
                JsonNodeFactory.instance.objectNode().put("phase", "Successful"),
                java.time.Instant.EPOCH,
                false,
                java.util.List.of());
    }

    private static AnalysisRunView run(String name, String hash) {
        return new AnalysisRunView(
                name,
                name,
                "1",
                Map.of(Names.HASH, hash),
                JsonNodeFactory.instance.objectNode(),
                "Successful",
                "",
                java.time.Instant.EPOCH,
                false);
    }

    /// D9
    @Test
    void aRevisionToWhichTheRollbackWindowLeadsIsKept() {
        World world =
                released("\"revisionHistoryLimit\":0,\"rollbackWindow\":{\"revisions\":2},", 5);
        assertThat(world.sets.values().stream().map(World.Pods::hash))
                .containsExactly(
                        hash(world, "demo:3"), hash(world, "demo:4"), hash(world, "demo:5"));
    }

    /// D9
    @Test
    void aRevisionWithPodsOrADeadlineAheadIsKept() {
        // Given
        World world = released("\"revisionHistoryLimit\":5,", 3);
        World.Pods first = world.pods(hash(world, "demo:1"));
        first.json
                .withObject("/metadata/annotations")
                .put(Names.SCALE_DOWN_DEADLINE, world.now.plusSeconds(60).toString());

        // When
        world.spec("{\"revisionHistoryLimit\":0}");
        world.settle();

        // Then
        assertThat(world.sets.values()).contains(first).hasSize(2);
        world.later(61);
        world.settle();
        assertThat(world.sets.values()).doesNotContain(first);
    }

    @Test
    void insideTheWindowStepsAreSkippedOutsideTheyAreWalked() {
        // Given
        World inside = released("\"rollbackWindow\":{\"revisions\":1},", 3);
        World outside = released("\"rollbackWindow\":{\"revisions\":1},", 3);

        // When
        inside.image("demo:2");
        inside.settle();
        outside.image("demo:1");
        outside.settle();

        // Then
        assertThat(inside.status().phase()).isEqualTo("Healthy");
        assertThat(inside.status().stableRS()).isEqualTo(hash(inside, "demo:2"));
        assertThat(outside.status().phase()).isEqualTo("Paused");
        assertThat(outside.status().stableRS()).isEqualTo(hash(outside, "demo:3"));
    }

    /// P6: a fast way back skips steps, not the availability that it needs.
    @Test
    void aRollbackInsideTheWindowWaitsForThePodsThatItNeeds() {
        // Given
        World world = released("\"rollbackWindow\":{\"revisions\":1},", 3);
        String second = hash(world, "demo:2");
        world.pods(second).broken = true;

        // When
        world.image("demo:2");
        for (int i = 0; i < 20; i++) {
            world.later(5);
            world.step();
            world.podsUp();
            // Then (T5)
            int available = world.sets.values().stream().mapToInt(p -> p.available).sum();
            assertThat(available).isGreaterThanOrEqualTo(2);
        }
        assertThat(world.status().stableRS()).isEqualTo(hash(world, "demo:3"));
    }

    @Test
    void aTakenNameSaltsTheHash() {
        // Given
        World world = new World("{\"replicas\":1,\"strategy\":{\"canary\":{}}}");
        String wanted = world.observe().rollout().meta().name();
        Observation seen = world.observe();
        String taken = wanted + "-" + Revisions.of(seen).computedHash();
        Observation with =
                new Observation(
                        seen.rollout(),
                        seen.replicaSets(),
                        seen.services(),
                        seen.analysisRuns(),
                        seen.templates(),
                        seen.ingresses(),
                        seen.pods(),
                        seen.experiments(),
                        seen.workload(),
                        seen.freeze(),
                        java.util.Set.of(taken));

        // When
        Decision decision = RolloutDecider.decide(with, world.now);

        // Then
        assertThat(decision.next().collisionCount()).contains(1);
        assertThat(decision.before()).isEmpty();
    }
}
