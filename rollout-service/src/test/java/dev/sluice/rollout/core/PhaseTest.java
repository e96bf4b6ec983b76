package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.core.RolloutStatus.Condition;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Phase, message and conditions as the kubectl plugin and `kubectl wait` know them.
class PhaseTest {
    private static final String CANARY =
            "{\"replicas\":4,\"strategy\":{\"canary\":{\"steps\":[{\"setWeight\":50},{\"pause\":{\"duration\":10}}]}}}";
    private static final String BLUE_GREEN =
            "{\"replicas\":2,\"strategy\":{\"blueGreen\":{\"activeService\":\"active\"}}}";

    /// Every phase with its message, as they follow each other.
    private static List<String> trace(World world, int rounds) {
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            world.step();
            if (i % 2 == 1) {
                world.podsUp();
                world.route();
            }
            world.later(2);
            String now = (world.status().phase() + " " + world.status().message()).strip();
            if (seen.isEmpty() || !seen.getLast().equals(now)) {
                seen.add(now);
            }
        }
        return seen;
    }

    @Test
    void aCanaryTellsWhatItWaitsFor() {
        // Given
        World world = new World(CANARY);
        List<String> first = trace(world, 10);
        world.image("demo:2");

        // When
        List<String> second = trace(world, 40);

        // Then
        assertThat(first)
                .startsWith("Progressing more replicas need to be updated")
                .endsWith("Healthy");
        assertThat(second)
                .containsSubsequence(
                        "Progressing more replicas need to be updated",
                        "Paused CanaryPauseStep",
                        "Progressing more replicas need to be updated",
                        "Healthy");
    }

    @Test
    void blueGreenTellsWhatItWaitsFor() {
        // Given
        World world = new World(BLUE_GREEN).service("active");
        trace(world, 20);
        assertThat(world.status().phase()).isEqualTo("Healthy");
        world.image("demo:2");

        // When
        List<String> seen = trace(world, 30);

        // Then
        assertThat(seen)
                .contains(
                        "Progressing more replicas need to be updated",
                        "Progressing active service cutover pending")
                .endsWith("Healthy");
    }

    @Test
    void podsThatAreLostAreWaitedForAndTheReleaseStaysCompleted() {
        // Given
        World world = new World(CANARY);
        world.settle();

        // When
        world.pods(world.status().stableRS()).available = 3;
        world.later(60);
        world.step();

        // Then
        assertThat(world.status().phase()).isEqualTo("Progressing");
        assertThat(world.status().message())
                .isEqualTo("updated replicas are still becoming available");
        assertThat(told(world))
                .contains(
                        "Healthy False RolloutHealthy Rollout is not healthy",
                        "Progressing True ReplicaSetNotAvailable Rollout does not have minimum"
                                + " availability",
                        "Available False AvailableReason Rollout does not have minimum"
                                + " availability",
                        "Completed True RolloutCompleted RolloutCompleted");
    }

    private static List<String> told(World world) {
        return world.status().conditions().stream()
                .map(c -> c.type() + " " + c.status() + " " + c.reason() + " " + c.message())
                .toList();
    }

    @Test
    void aPersonsPauseComesBeforeAnyOtherReason() {
        World world = new World(CANARY);
        world.settle();
        world.image("demo:2");
        world.spec("{\"paused\":true}");
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Paused");
        assertThat(world.status().message()).isEqualTo("manually paused");
        assertThat(told(world))
                .contains(
                        "Paused True RolloutPaused Rollout is paused",
                        "Progressing Unknown RolloutPaused Rollout is paused",
                        "Completed False RolloutCompleted RolloutCompleted");
    }

    @Test
    void aHealthyRolloutHasFourConditions() {
        World world = new World(CANARY);
        world.settle();
        String name = "demo-" + world.status().stableRS();
        assertThat(told(world))
                .containsExactlyInAnyOrder(
                        "Healthy True RolloutHealthy Rollout is healthy",
                        "Progressing True NewReplicaSetAvailable ReplicaSet \""
                                + name
                                + "\" has successfully progressed.",
                        "Available True AvailableReason Rollout has minimum availability",
                        "Completed True RolloutCompleted RolloutCompleted");
    }

    @Test
    void anAbortSaysWhatItWasAborted() {
        World world = new World(CANARY);
        world.settle();
        world.image("demo:2");
        world.settle();
        world.status("{\"abort\":true}");
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Degraded");
        assertThat(world.status().message())
                .isEqualTo("RolloutAborted: Rollout aborted update to revision 2");
        assertThat(world.status().abortedAt()).contains(world.now);
        assertThat(world.status().controllerPause()).isFalse();
    }

    /// The plugin shows "waiting for rollout to unpause" while this holds, so it must not last.
    @Test
    void aControllerPauseNeverOutlivesItsReasons() {
        World world = new World(CANARY);
        world.settle();
        world.image("demo:2");
        world.settle();
        assertThat(world.status().controllerPause()).isTrue();
        world.status("{\"pauseConditions\":null}");
        world.settle();
        assertThat(world.status().controllerPause()).isFalse();
        assertThat(world.status().observedGeneration())
                .isEqualTo(world.rollout.at("/metadata/generation").asText());
    }

    /// Same status and reason again is no change of a condition.
    @Test
    void aConditionKeepsItsTimesWhileItStaysWhatItIs() {
        World world = new World(CANARY);
        world.settle();
        List<Condition> before = world.status().conditions();
        world.later(600);
        world.settle();
        assertThat(world.status().conditions()).isEqualTo(before);
        assertThat(world.step()).isFalse();
    }
}
