package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Rollouts that release the pod template of another object.
class WorkloadRefTest {
    private static World world(String scaleDown) {
        World world =
                new World(
                        """
                        {"replicas":4,"template":null,"selector":null,
                         "workloadRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"legacy","scaleDown":"%s"},
                         "strategy":{"canary":{"steps":[{"setWeight":25},{"pause":{}}]}}}\
                        """
                                .formatted(scaleDown));
        world.workload = Optional.of(deployment());
        return world;
    }

    private static ObjectNode deployment() {
        return (ObjectNode)
                Trees.json(
                        """
                        {"metadata":{"name":"legacy","uid":"d-1","resourceVersion":"9","generation":3},
                         "spec":{"replicas":4,"selector":{"matchLabels":{"app":"demo"}},
                          "template":{"metadata":{"labels":{"app":"demo"}},
                           "spec":{"containers":[{"name":"c","image":"demo:1"}]}}}}\
                        """);
    }

    private static int deployed(World world) {
        return world.workload.orElseThrow().at("/spec/replicas").asInt();
    }

    @Test
    void templateAndSelectorAreTakenFromTheWorkloadAndNeverWritten() {
        // Given
        World world = world("never");

        // When
        world.settle();

        // Then
        World.Pods pods = world.sets.values().iterator().next();
        assertThat(pods.json.at("/spec/selector/matchLabels/app").asText()).isEqualTo("demo");
        assertThat(pods.json.at("/spec/template/spec/containers/0/image").asText())
                .isEqualTo("demo:1");
        assertThat(world.rollout.at("/spec/template").isNull()).isTrue();
        assertThat(world.rollout.at("/spec/selector").isNull()).isTrue();
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    @Test
    void theGenerationOfTheWorkloadIsNotedOnTheRolloutAndInItsStatus() {
        // Given
        World world = world("never");
        world.settle();

        // When
        ObjectNode deployment = world.workload.orElseThrow();
        ((ObjectNode) deployment.path("metadata")).put("generation", 4);
        ((ObjectNode) deployment.at("/spec/template/spec/containers/0")).put("image", "demo:2");
        world.settle();

        // Then
        assertThat(annotation(world)).isEqualTo("4");
        assertThat(world.status().workloadObservedGeneration()).isEqualTo("4");
        assertThat(world.status().phase()).isEqualTo("Paused");
        assertThat(world.sets).hasSize(2);
    }

    private static String annotation(World world) {
        return world.rollout
                .path("metadata")
                .path("annotations")
                .path(Names.WORKLOAD_GENERATION)
                .asText("");
    }

    @Test
    void withoutTheReferenceItsTracesGo() {
        // Given
        World world = world("never");
        world.settle();

        // When
        world.spec(
                """
                {"workloadRef":null,"selector":{"matchLabels":{"app":"demo"}},
                 "template":{"metadata":{"labels":{"app":"demo"}},
                   "spec":{"containers":[{"name":"c","image":"demo:1"}]}}}\
                """);
        world.workload = Optional.empty();
        world.settle();

        // Then
        assertThat(annotation(world)).isEmpty();
        assertThat(world.status().workloadObservedGeneration()).isEmpty();
        assertThat(world.sets).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "apps/v1 | Deployment  | deployments.apps \"legacy\" not found",
                "apps/v1 | ReplicaSet  | replicasets.apps \"legacy\" not found",
                "v1      | PodTemplate | podtemplates \"legacy\" not found",
                "apps/v1 | StatefulSet | workload of type apps/StatefulSet is not supported",
                "v1      | Pod         | workload of type /Pod is not supported",
            })
    void aWorkloadThatCannotBeUsedMakesTheRolloutInvalidAndIsLookedForAgain(
            String apiVersion, String kind, String error) {
        // Given
        World world = world("never");
        world.workload = Optional.empty();
        ((ObjectNode) world.rollout.at("/spec/workloadRef"))
                .put("apiVersion", apiVersion)
                .put("kind", kind);

        // When
        ParseResult result = RolloutParser.parse(world.rollout, Optional.empty());

        // Then
        assertThat(result)
                .isInstanceOfSatisfying(
                        ParseResult.Invalid.class,
                        invalid -> {
                            assertThat(invalid.error()).isEqualTo(error);
                            assertThat(RolloutDecider.decideInvalid(invalid, world.now).wakeAt())
                                    .contains(world.now.plusSeconds(20));
                        });
    }

    @Test
    void aPodTemplateHasNoSelectorSoTheRolloutNeedsOne() {
        // Given
        World world = world("never");
        ObjectNode template = world.workload.orElseThrow().deepCopy();
        template.set("template", template.at("/spec/template"));
        template.remove("spec");
        ((ObjectNode) world.rollout.at("/spec/workloadRef"))
                .put("apiVersion", "v1")
                .put("kind", "PodTemplate");

        // When
        ParseResult without = RolloutParser.parse(world.rollout, Optional.of(template));
        ((ObjectNode) world.rollout.path("spec"))
                .set("selector", Trees.json("{\"matchLabels\":{\"app\":\"demo\"}}"));
        ParseResult with = RolloutParser.parse(world.rollout, Optional.of(template));

        // Then
        assertThat(without)
                .isInstanceOfSatisfying(
                        ParseResult.Invalid.class,
                        invalid ->
                                assertThat(invalid.error())
                                        .endsWith("Rollout has missing field '.spec.selector'"));
        assertThat(with).isInstanceOf(ParseResult.Valid.class);
    }

    @Test
    void neverLeavesTheDeploymentAlone() {
        World world = world("never");
        world.settle();
        assertThat(deployed(world)).isEqualTo(4);
    }

    @Test
    void onSuccessTakesTheDeploymentDownOnceTheFirstRevisionIsHealthy() {
        // Given
        World world = world("onsuccess");
        for (int i = 0; i < 5; i++) {
            world.step();
        }
        assertThat(world.status().phase()).isEqualTo("Progressing");
        assertThat(deployed(world)).isEqualTo(4);

        // When
        world.settle();

        // Then
        assertThat(deployed(world)).isZero();
    }

    @Test
    void progressivelyBothTogetherNeverHaveFewerPodsThanWanted() {
        // Given
        World world = world("progressively");
        world.step();

        // When
        for (int available = 0; available <= 4; available++) {
            world.sets.values().iterator().next().available = available;
            world.later(5);
            for (int i = 0; i < 4; i++) {
                world.step();
                // Then (T5)
                assertThat(available + deployed(world)).isGreaterThanOrEqualTo(4);
            }
        }
        assertThat(deployed(world)).isZero();
    }

    @Test
    void progressivelyThePodsOfTheDeploymentComeBackWhenTheNewOnesFail() {
        // Given
        World world = world("progressively");
        World.Pods pods = firstPods(world, 2);
        assertThat(deployed(world)).isEqualTo(2);

        // When
        pods.available = 1;
        passes(world);

        // Then
        assertThat(deployed(world)).isEqualTo(3);
    }

    private static World.Pods firstPods(World world, int available) {
        world.step();
        World.Pods pods = world.sets.values().iterator().next();
        pods.available = available;
        passes(world);
        return pods;
    }

    private static void passes(World world) {
        for (int i = 0; i < 4; i++) {
            world.later(5);
            world.step();
        }
    }

    @Test
    void onceHealthyTheDeploymentStaysDownWhateverTheRolloutDoes() {
        // Given
        World world = world("progressively");
        world.settle();
        assertThat(deployed(world)).isZero();

        // When
        world.spec("{\"replicas\":6}");
        passes(world);

        // Then
        assertThat(deployed(world)).isZero();
    }

    @Test
    void onlyTheFirstRevisionTakesTheDeploymentDown() {
        // Given
        World world = world("never");
        world.settle();
        ObjectNode deployment = world.workload.orElseThrow();
        ((ObjectNode) deployment.at("/spec/template/spec/containers/0")).put("image", "demo:2");
        world.settle();

        // When
        world.spec("{\"workloadRef\":{\"scaleDown\":\"progressively\"}}");
        world.status("{\"promoteFull\":true}");
        world.settle();

        // Then
        assertThat(world.status().phase()).isEqualTo("Healthy");
        assertThat(deployed(world)).isEqualTo(4);
    }

    /// The plugin's `undo` writes a ReplicaSet's template back into the workload, defaulted.
    @Test
    void anUndoneWorkloadIsRecognisedByItsReplicaSet() {
        // Given
        World world = world("never");
        world.settle();
        ObjectNode deployment = world.workload.orElseThrow();
        String first = world.status().stableRS();
        ((ObjectNode) deployment.at("/spec/template/spec/containers/0")).put("image", "demo:2");
        world.settle();

        // When
        ObjectNode container = (ObjectNode) deployment.at("/spec/template/spec/containers/0");
        container.put("image", "demo:1").put("imagePullPolicy", "IfNotPresent");
        world.settle();

        // Then
        assertThat(world.sets).hasSize(2);
        assertThat(world.status().currentPodHash()).isEqualTo(first);
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    /// What others own may be refused to us; the release goes on without it.
    @Test
    void theDeploymentIsScaledAfterEverythingElse() {
        // Given
        World world = world("progressively");
        firstPods(world, 2);
        world.spec("{\"replicas\":1}");
        world.later(5);

        // When
        Decision decision = world.decide();

        // Then
        assertThat(decision.after())
                .hasSizeGreaterThan(1)
                .last()
                .isInstanceOf(Command.ScaleWorkload.class);
    }
}
