package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

/// What an autoscaler sees and sets (H1–H6).
class ScaleSubresourceTest {
    private static World canary(int replicas) {
        World world =
                new World(
                        "{\"replicas\":"
                                + replicas
                                + ",\"strategy\":{\"canary\":{\"steps\":[{\"setWeight\":50},{\"pause\":{}}]}}}");
        world.settle();
        return world;
    }

    /// H1
    @Test
    void theCountIsWrittenOnlyWhereThereIsNone() {
        // Given
        World world = canary(2);
        ((ObjectNode) world.rollout.path("spec")).remove("replicas");

        // When
        Decision decision = world.decide();

        // Then
        assertThat(decision.before()).containsExactly(new Command.DefaultReplicas(1));
        assertThat(decision.statusPatch()).isEmpty();
        assertThat(canary(3).decide().before())
                .doesNotHaveAnyElementsOfTypes(Command.DefaultReplicas.class);
    }

    /// H2
    @Test
    void aCanaryIsAllItsPods() {
        World world = canary(4);
        world.image("demo:2");
        world.settle();
        assertThat(world.status().hpaReplicas()).isEqualTo(4);
        assertThat(world.status().selector()).isEqualTo("app=demo");
    }

    /// H2
    @Test
    void blueGreenIsItsActiveRevision() {
        // Given
        World world =
                new World(
                                "{\"replicas\":3,\"strategy\":{\"blueGreen\":{\"activeService\":\"active\",\"previewService\":\"preview\",\"autoPromotionEnabled\":false}}}")
                        .service("active")
                        .service("preview");
        world.settle();
        String active = world.selected("active");

        // When
        world.image("demo:2");
        world.settle();

        // Then
        assertThat(world.sets).hasSize(2);
        assertThat(world.status().replicas()).isEqualTo(6);
        assertThat(world.status().hpaReplicas()).isEqualTo(3);
        assertThat(world.status().selector()).isEqualTo("app=demo," + Names.HASH + "=" + active);
    }

    /// H4
    @Test
    void countAndTemplateInOneEditAreScaledThenReleased() {
        // Given
        World world = canary(2);
        String first = world.status().stableRS();

        // When
        world.spec("{\"replicas\":6}");
        world.image("demo:2");
        world.settle();

        // Then
        assertThat(world.status().phase()).isEqualTo("Paused");
        assertThat(world.sizeOf(first)).isEqualTo(3);
        assertThat(world.sizeOf(world.status().currentPodHash())).isEqualTo(3);
    }

    /// H3, H5
    @Test
    void anyCountInMidReleaseKeepsTheShareAndTheRelease() {
        // Given
        World world = canary(4);
        world.image("demo:2");
        world.settle();
        String fresh = world.status().currentPodHash();

        for (int n : new int[] {8, 2, 6, 4}) {
            // When
            world.spec("{\"replicas\":" + n + "}");
            world.settle();

            // Then
            assertThat(world.sizeOf(fresh)).isEqualTo(n / 2);
            assertThat(world.status().phase()).isEqualTo("Paused");
            assertThat(world.status().currentStepIndex()).contains(1);
        }
        world.status("{\"pauseConditions\":null}");
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    /// H6
    @Test
    void noneAndOneAreCountsLikeAnyOther() {
        for (int n : new int[] {0, 1}) {
            World world = canary(n);
            assertThat(world.status().phase()).isEqualTo("Healthy");
            world.image("demo:2");
            world.settle();
            world.status("{\"pauseConditions\":null}");
            world.settle();
            assertThat(world.status().phase()).as("with %d", n).isEqualTo("Healthy");
            assertThat(world.sizeOf(world.status().stableRS())).isEqualTo(n);
            world.spec("{\"replicas\":3}");
            world.settle();
            assertThat(world.sizeOf(world.status().stableRS())).isEqualTo(3);
            assertThat(world.status().phase()).isEqualTo("Healthy");
        }
    }
}
