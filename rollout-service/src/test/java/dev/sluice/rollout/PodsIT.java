package dev.sluice.rollout;

import static dev.sluice.rollout.RolloutDriver.HASH;
import static dev.sluice.rollout.RolloutDriver.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testkit.Part;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What becomes of pods, on a real API server with simulated nodes: what is put into them,
/// restarts,
/// and adoption by a Rollout that is created again.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PodsIT {
    private static final String SHAPING =
            """
            canary: {steps: [{setWeight: 50}, {pause: {}}],
                antiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: {weight: 10}},
                canaryMetadata: {labels: {role: canary}, annotations: {team: blue}},
                stableMetadata: {labels: {role: stable}}}\
            """;

    private RolloutDriver driver;

    @BeforeAll
    void start(StackSession session) {
        driver = RolloutDriver.start(session);
    }

    @AfterAll
    void stop() {
        driver.close();
    }

    @Test
    void podsOfANewRevisionKeepOffTheNodesOfTheStableOneAndCarryTheLabelsOfTheirRole() {
        // Given
        driver.apply(Manifests.rollout("shaped", "1", 2, SHAPING));
        driver.settled("shaped", "Healthy");
        assertThat(roles("shaped")).containsExactly("stable", "stable");
        String first = driver.status("shaped").path("stableRS").asText();

        // When
        driver.apply(Manifests.rollout("shaped", "2", 2, SHAPING));

        // Then
        driver.settled("shaped", "Paused");
        assertThat(roles("shaped")).containsExactly("canary", "stable");
        ReplicaSet canary = driver.replicaSets("shaped").getLast();
        assertThat(canary.getSpec().getTemplate().getSpec().getAffinity().getPodAntiAffinity())
                .satisfies(
                        anti ->
                                assertThat(
                                                anti.getPreferredDuringSchedulingIgnoredDuringExecution()
                                                        .getFirst()
                                                        .getPodAffinityTerm()
                                                        .getLabelSelector()
                                                        .getMatchExpressions()
                                                        .getFirst()
                                                        .getValues())
                                        .containsExactly(first));

        // When
        driver.plugin("promote", "shaped", "--full");

        // Then
        driver.settled("shaped", "Healthy");
        soon().untilAsserted(
                        () -> {
                            assertThat(roles("shaped")).containsExactly("stable", "stable");
                            assertThat(pods("shaped"))
                                    .allSatisfy(
                                            pod ->
                                                    assertThat(annotations(pod))
                                                            .doesNotContainKey("team"));
                        });
        assertThat(driver.replicas("shaped")).containsExactly(0, 2);
    }

    private static Map<String, String> annotations(Pod pod) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        return annotations == null ? Map.of() : annotations;
    }

    /// The labels `role` of the running pods.
    private List<String> roles(String name) {
        return pods(name).stream()
                .map(p -> p.getMetadata().getLabels().getOrDefault("role", ""))
                .sorted()
                .toList();
    }

    @Test
    void aRestartReplacesEveryPodAsTheDisruptionBudgetAllows() {
        // Given
        driver.apply(Manifests.rollout("restarted", "1", 3, "canary: {}"));
        driver.settled("restarted", "Healthy");
        driver.apply(
                """
                apiVersion: policy/v1
                kind: PodDisruptionBudget
                metadata:
                  name: restarted
                spec:
                  minAvailable: 2
                  selector:
                    matchLabels: {app: restarted}
                """);
        Set<String> before = uids("restarted");
        // Creation times are whole seconds; a restart is for pods that are older.
        soon().until(() -> Instant.now().isAfter(newest("restarted").plusSeconds(2)));

        // When
        driver.plugin("restart", "restarted");

        // Then
        soon().atMost(Duration.ofMinutes(2))
                .untilAsserted(
                        () -> {
                            assertThat(driver.status("restarted").path("restartedAt").asText())
                                    .isNotEmpty();
                            assertThat(uids("restarted"))
                                    .hasSize(3)
                                    .doesNotContainAnyElementsOf(before);
                        });
        driver.settled("restarted", "Healthy");
        assertThat(driver.replicas("restarted")).containsExactly(3);
    }

    private Set<String> uids(String name) {
        return pods(name).stream().map(p -> p.getMetadata().getUid()).collect(Collectors.toSet());
    }

    private Instant newest(String name) {
        return pods(name).stream()
                .map(p -> Instant.parse(p.getMetadata().getCreationTimestamp()))
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    @Test
    void runningReplicaSetsAreAdoptedWithoutRestartingAPod() {
        // Given
        driver.apply(Manifests.rollout("adopted", "1", 2, Manifests.PAUSING));
        driver.settled("adopted", "Healthy");
        Set<String> before = uids("adopted");
        driver.workspace()
                .resource("Rollout", "adopted")
                .withPropagationPolicy(DeletionPropagation.ORPHAN)
                .delete();
        // The garbage collector lets go of the ReplicaSets first and of the Rollout afterwards.
        soon().until(() -> driver.workspace().resource("Rollout", "adopted").get() == null);

        // When
        driver.apply(Manifests.rollout("adopted", "1", 2, Manifests.PAUSING));

        // Then
        driver.settled("adopted", "Healthy");
        assertThat(uids("adopted")).isEqualTo(before);
        assertThat(driver.replicaSets("adopted"))
                .singleElement()
                .satisfies(
                        rs ->
                                assertThat(
                                                rs.getMetadata()
                                                        .getOwnerReferences()
                                                        .getFirst()
                                                        .getUid())
                                        .isEqualTo(
                                                driver.rollout("adopted")
                                                        .path("metadata")
                                                        .path("uid")
                                                        .asText()));
    }

    /// Pods that are not on their way out.
    private List<Pod> pods(String name) {
        return driver
                .client()
                .pods()
                .inNamespace(driver.namespace())
                .withLabel("app", name)
                .withLabel(HASH)
                .list()
                .getItems()
                .stream()
                .filter(p -> p.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }
}
