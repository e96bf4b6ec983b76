package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.core.RolloutStatus.ReleaseDuration;
import org.junit.jupiter.api.Test;

/// `status.duration`: how long a release took, how much of it waited for a person, and how it
/// ended.
class DurationsTest {
    private static final String STEPS = "{\"setWeight\":50},{\"pause\":{}}";

    private static World released(String extra, String steps) {
        World world =
                new World(
                        "{\"replicas\":2,"
                                + extra
                                + "\"strategy\":{\"canary\":{\"steps\":["
                                + steps
                                + "]}}}");
        world.settle();
        world.later(100);
        world.settle();
        return world;
    }

    private static void update(World world, String image) {
        world.image(image);
        world.settle();
    }

    private static ReleaseDuration duration(World world) {
        return world.status().duration().orElseThrow();
    }

    @Test
    void aFirstDeploymentEndsWhenItsPodsAreThere() {
        ReleaseDuration first = duration(released("", STEPS));
        assertThat(first.isFinished()).isTrue();
        assertThat(first.completionStatus()).isEqualTo("Promoted");
        assertThat(first.totalManualPauseSeconds()).isZero();
    }

    @Test
    void aPauseWithoutAnEndIsAPersons() {
        // Given
        World world = released("", STEPS);
        update(world, "demo:2");
        assertThat(duration(world).manualPauseStartedAt()).isPresent();
        world.later(40);

        // When
        world.status("{\"pauseConditions\":null}");
        world.settle();

        // Then
        assertThat(duration(world).completionStatus()).isEqualTo("Promoted");
        assertThat(duration(world).totalManualPauseSeconds()).isEqualTo(40);
        assertThat(duration(world).manualPauseStartedAt()).isEmpty();
        assertThat(duration(world).finishedAt()).contains(world.now);
    }

    @Test
    void aTimedPauseIsNobodys() {
        // Given
        World world = released("", "{\"setWeight\":50},{\"pause\":{\"duration\":30}}");
        update(world, "demo:2");
        assertThat(duration(world).manualPauseStartedAt()).isEmpty();

        // When
        world.later(31);
        world.settle();

        // Then
        assertThat(duration(world).isFinished()).isTrue();
        assertThat(duration(world).totalManualPauseSeconds()).isZero();
    }

    @Test
    void aPauseOfTheSpecIsAPersonsToo() {
        // Given
        World world = released("", "{\"setWeight\":50},{\"pause\":{\"duration\":30}}");
        update(world, "demo:2");

        // When
        world.spec("{\"paused\":true}");
        world.settle();

        // Then
        assertThat(duration(world).manualPauseStartedAt()).contains(world.now);
    }

    @Test
    void aFullPromotionIsAFastOne() {
        World world = released("", STEPS);
        update(world, "demo:2");
        world.status("{\"promoteFull\":true}");
        world.settle();
        assertThat(duration(world).completionStatus()).isEqualTo("FastPromoted");
        assertThat(duration(world).isFinished()).isTrue();
    }

    @Test
    void anAbortEndsItAndARetryBeginsAnother() {
        // Given
        World world = released("", STEPS);
        update(world, "demo:2");
        world.later(10);
        world.status("{\"abort\":true}");
        world.settle();
        assertThat(duration(world).completionStatus()).isEqualTo("Aborted");
        assertThat(duration(world).finishedAt()).contains(world.now);
        world.later(10);

        // When
        world.status("{\"abort\":false}");
        world.settle();

        // Then
        assertThat(duration(world).isFinished()).isFalse();
        assertThat(duration(world).rolloutStartedAt()).contains(world.now);
        assertThat(duration(world).completionStatus()).isEmpty();
    }

    @Test
    void goingBackToTheStableRevisionIsAFastRollback() {
        World world = released("", STEPS);
        update(world, "demo:2");
        world.later(10);
        update(world, "demo:1");
        assertThat(duration(world).completionStatus()).isEqualTo("FastRolledBack");
        assertThat(duration(world).isFinished()).isTrue();
    }

    @Test
    void goingBackFurtherIsAFastRollbackInsideTheWindowOnly() {
        assertThat(rolledBack("\"rollbackWindow\":{\"revisions\":3},")).isEqualTo("FastRolledBack");
        assertThat(rolledBack("")).isEqualTo("RolledBack");
    }

    private static String rolledBack(String window) {
        World world = released(window, STEPS);
        world.later(60);
        update(world, "demo:2");
        world.status("{\"promoteFull\":true}");
        world.settle();
        world.later(60);
        update(world, "demo:3");
        world.later(60);
        update(world, "demo:1");
        return duration(world).completionStatus();
    }

    @Test
    void anotherRevisionTakesItsPlaceAndStartsAnew() {
        World world = released("", STEPS);
        update(world, "demo:2");
        world.later(60);
        update(world, "demo:3");
        assertThat(duration(world).rolloutStartedAt()).contains(world.now);
        assertThat(duration(world).isFinished()).isFalse();
    }

    @Test
    void scalingAndRestartsLeaveAFinishedOneAlone() {
        // Given
        World world = released("", STEPS);
        ReleaseDuration before = duration(world);
        world.later(60);

        // When
        world.spec("{\"replicas\":5,\"restartAt\":\"" + world.now.minusSeconds(1) + "\"}");
        world.settle();

        // Then
        assertThat(duration(world)).isEqualTo(before);
    }
}
