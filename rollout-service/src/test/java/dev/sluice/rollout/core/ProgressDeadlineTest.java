package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.RolloutStatus.Why;
import dev.sluice.rollout.core.policy.Freeze;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The progress deadline: once per attempt, unless somebody waits on purpose (L4).
class ProgressDeadlineTest {
    private static World stuck(String extra, String steps) {
        World world =
                new World(
                        "{\"replicas\":2,\"progressDeadlineSeconds\":60,"
                                + extra
                                + "\"strategy\":{\"canary\":{\"steps\":["
                                + steps
                                + "]}}}");
        world.settle();
        world.later(30);
        world.image("demo:2");
        quiet(world);
        return world;
    }

    /// Counts of pods are told with a delay of two seconds.
    private static void quiet(World world) {
        for (int i = 0; i < 10; i++) {
            world.step();
            world.later(1);
        }
    }

    private static String reason(World world) {
        return world.status()
                .condition(Conditions.PROGRESSING)
                .map(Condition::reason)
                .orElse("none");
    }

    private static void wait(World world, int seconds) {
        world.later(seconds);
        for (int i = 0; i < 5; i++) {
            world.step();
        }
    }

    @Test
    void aReleaseWithoutProgressIsDegradedUntilItMovesAgain() {
        // Given
        World world = stuck("", "{\"setWeight\":50}");
        Condition moved = world.status().condition(Conditions.PROGRESSING).orElseThrow();
        assertThat(world.decide().wakeAt()).contains(moved.lastUpdateTime().plusSeconds(61));

        // When
        wait(world, 61);

        // Then
        String name = "demo-" + world.status().currentPodHash();
        assertThat(world.status().phase()).isEqualTo("Degraded");
        assertThat(world.status().message())
                .isEqualTo(
                        "ProgressDeadlineExceeded: ReplicaSet \""
                                + name
                                + "\" has timed out progressing.");

        // When
        world.settle();

        // Then
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    @Test
    void theDeadlineIsToldOnce() {
        // Given
        World world = stuck("", "{\"setWeight\":50}");
        wait(world, 61);
        Condition told = world.status().condition(Conditions.PROGRESSING).orElseThrow();

        // When
        wait(world, 600);

        // Then
        assertThat(world.status().condition(Conditions.PROGRESSING)).contains(told);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"pause\":{}}", "{\"pause\":{\"duration\":3600}}"})
    void aStepThatWaitsOnPurposeIsExempt(String step) {
        // Given
        World world = stuck("", step);

        // When
        wait(world, 3000);

        // Then
        assertThat(world.status().phase()).isEqualTo("Paused");
        assertThat(reason(world)).isEqualTo("RolloutPaused");
    }

    @Test
    void aPausedReleaseStartsItsDeadlineAnewWhenItIsResumed() {
        // Given
        World world = stuck("", "{\"setWeight\":50}");
        world.spec("{\"paused\":true}");
        wait(world, 3000);
        assertThat(world.status().phase()).isEqualTo("Paused");

        // When
        world.spec("{\"paused\":false}");
        wait(world, 1);

        // Then
        assertThat(world.status().phase()).isEqualTo("Progressing");
        wait(world, 62);
        assertThat(world.status().phase()).isEqualTo("Degraded");
    }

    /// Under a freeze nothing can move: that is blocked, not broken.
    @Test
    void aFrozenReleaseDoesNotTimeOutAndStartsItsDeadlineAnewAfterwards() {
        // Given
        World world = stuck("\"progressDeadlineAbort\":true,", "{\"setWeight\":50}");
        world.freeze = Optional.of(new Freeze("stop", "somewhere", Optional.empty()));

        // When
        wait(world, 3000);

        // Then
        assertThat(world.status().phase()).isEqualTo("Progressing");
        assertThat(reason(world)).isEqualTo("RolloutFrozen");
        assertThat(world.status().why().orElseThrow().state()).isEqualTo(Why.State.Blocked);

        // When
        world.freeze = Optional.empty();
        wait(world, 1);

        // Then
        assertThat(world.status().phase()).isEqualTo("Progressing");
        wait(world, 62);
        assertThat(world.status().abort()).isTrue();
    }

    @Test
    void aRevisionThatIsBeingRetiredIsADelayNotATimeout() {
        // Given
        World world = stuck("", "{\"setWeight\":50}");
        World.Pods old = other(world);
        old.json
                .withObject("/metadata/annotations")
                .put(Names.SCALE_DOWN_DEADLINE, world.now.plusSeconds(600).toString());

        // When
        wait(world, 61);

        // Then
        assertThat(world.status().phase()).isEqualTo("Progressing");
    }

    /// A third revision beside stable and new.
    private static World.Pods other(World world) {
        String before = world.status().currentPodHash();
        world.image("demo:3");
        quiet(world);
        return world.pods(before);
    }

    @Test
    void withTheFlagTheReleaseIsAbortedOnce() {
        // Given
        World world = stuck("\"progressDeadlineAbort\":true,", "{\"setWeight\":50}");

        // When
        wait(world, 61);
        wait(world, 600);

        // Then
        assertThat(world.status().abort()).isTrue();
        assertThat(world.status().message())
                .startsWith("RolloutAborted: Rollout aborted update to revision 2: ReplicaSet \"")
                .endsWith("\" has timed out progressing.");
        assertThat(world.events).containsOnlyOnce("RolloutAborted");
    }

    @Test
    void theFlagSetLaterAbortsAReleaseThatTimedOutBefore() {
        // Given
        World world = stuck("", "{\"setWeight\":50}");
        wait(world, 61);

        // When
        world.spec("{\"progressDeadlineAbort\":true}");
        wait(world, 1);

        // Then
        assertThat(world.status().abort()).isTrue();
    }

    /// L4
    @Test
    void aNewAttemptHasItsOwnDeadline() {
        // Given
        World world = stuck("\"progressDeadlineAbort\":true,", "{\"setWeight\":50}");
        wait(world, 61);
        assertThat(world.status().abort()).isTrue();

        // When
        world.image("demo:3");
        quiet(world);

        // Then
        assertThat(world.status().abort()).isFalse();
        assertThat(world.status().phase()).isEqualTo("Progressing");
        wait(world, 61);
        assertThat(world.status().abort()).isTrue();

        // When
        world.status("{\"abort\":false}");
        quiet(world);

        // Then
        assertThat(world.status().abort()).isFalse();
        wait(world, 70);
        assertThat(world.status().abort()).isTrue();
    }
}
