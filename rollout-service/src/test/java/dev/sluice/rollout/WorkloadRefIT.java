package dev.sluice.rollout;

import static dev.sluice.rollout.RolloutDriver.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Rollouts that release the template of another object, on a real API server with simulated nodes.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WorkloadRefIT {
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
    void aRolloutTakesOverFromADeploymentAndReleasesItsTemplate() {
        // Given
        driver.apply(Manifests.deployment("moved", "1", 2));
        soon().untilAsserted(
                        () ->
                                assertThat(
                                                deployments("moved")
                                                        .get()
                                                        .getStatus()
                                                        .getReadyReplicas())
                                        .isEqualTo(2));

        // When
        driver.apply(
                selecting("moved", referring("moved", "apps/v1", "Deployment", "progressively")));

        // Then
        driver.settled("moved", "Healthy");
        soon().untilAsserted(() -> assertThat(wantedByDeployment("moved")).isZero());
        assertThat(driver.rollout("moved").path("spec").has("template")).isFalse();
        assertThat(driver.replicas("moved")).containsExactly(2);

        // When
        deployments("moved").edit(d -> image(d, "2"));

        // Then
        driver.settled("moved", "Paused");
        assertThat(generations("moved")).hasSize(1);
        assertThat(wantedByDeployment("moved")).isZero();
    }

    @Test
    void anUndoGoesToTheObjectThatTheTemplateIsFrom() {
        // Given
        driver.apply(Manifests.deployment("undone", "1", 0));
        driver.apply(selecting("undone", referring("undone", "apps/v1", "Deployment", "never")));
        driver.settled("undone", "Healthy");
        deployments("undone").edit(d -> image(d, "2"));
        driver.settled("undone", "Paused");

        // When
        driver.plugin("undo", "undone");

        // Then
        soon().untilAsserted(() -> assertThat(driver.replicas("undone")).containsExactly(2, 0));
        driver.settled("undone", "Healthy");
        assertThat(
                        deployments("undone")
                                .get()
                                .getSpec()
                                .getTemplate()
                                .getSpec()
                                .getContainers()
                                .getFirst()
                                .getImage())
                .isEqualTo("example.com/app:1");
        assertThat(driver.rollout("undone").path("spec").has("template")).isFalse();
    }

    /// The generation that was seen, on the Rollout and in its status: they are one.
    private Set<String> generations(String name) {
        JsonNode rollout = driver.rollout(name);
        return Stream.of(
                        rollout.path("metadata")
                                .path("annotations")
                                .path("rollout.argoproj.io/workload-generation"),
                        rollout.path("status").path("workloadObservedGeneration"))
                .map(JsonNode::asText)
                .collect(Collectors.toSet());
    }

    private Resource<Deployment> deployments(String name) {
        return driver.client().apps().deployments().inNamespace(driver.namespace()).withName(name);
    }

    private int wantedByDeployment(String name) {
        return deployments(name).get().getSpec().getReplicas();
    }

    private static Deployment image(Deployment deployment, String version) {
        deployment
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .setImage("example.com/app:" + version);
        return deployment;
    }

    @ParameterizedTest
    @ValueSource(strings = {"PodTemplate", "ReplicaSet"})
    void aRolloutReleasesTheTemplateOfOtherObjects(String kind) {
        // Given
        String name = "from-" + kind.toLowerCase(Locale.ROOT);
        boolean isPodTemplate = kind.equals("PodTemplate");
        driver.apply(isPodTemplate ? Manifests.podTemplate(name) : Manifests.replicaSet(name));

        // When
        String manifest = referring(name, isPodTemplate ? "v1" : "apps/v1", kind, "never");
        driver.apply(isPodTemplate ? selecting(name, manifest) : manifest);

        // Then
        driver.settled(name, "Healthy");
        assertThat(driver.status(name).path("availableReplicas").asInt()).isEqualTo(2);
        assertThat(driver.rollout(name).path("spec").has("template")).isFalse();
        assertThat(driver.rollout(name).path("spec").has("selector")).isEqualTo(isPodTemplate);
    }

    private static String referring(String name, String apiVersion, String kind, String scaleDown) {
        return """
        apiVersion: argoproj.io/v1alpha1
        kind: Rollout
        metadata: {name: %1$s}
        spec:
          replicas: 2
          workloadRef: {apiVersion: %2$s, kind: %3$s, name: %1$s, scaleDown: %4$s}
          strategy: {%5$s}
        """
                .formatted(name, apiVersion, kind, scaleDown, Manifests.PAUSING);
    }

    /// With a selector of its own, which the plugin needs to find revisions, and a PodTemplate
    /// does not bring along.
    private static String selecting(String name, String manifest) {
        return Manifests.inSpec(manifest, "selector: {matchLabels: {app: " + name + "}}");
    }
}
