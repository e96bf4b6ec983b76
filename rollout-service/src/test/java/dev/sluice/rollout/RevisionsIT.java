package dev.sluice.rollout;

import static dev.sluice.rollout.RolloutDriver.HASH;
import static dev.sluice.rollout.RolloutDriver.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testkit.Part;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What is kept of former revisions and what becomes of it, on a real API server with simulated
/// nodes.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RevisionsIT {
    private static final String API = "argoproj.io/v1alpha1";

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
    void withinTheRollbackWindowAnUndoPassesNoPause() {
        // Given
        driver.apply(windowed("1"));
        driver.settled("window", "Healthy");
        for (String version : List.of("2", "3")) {
            driver.apply(windowed(version));
            driver.settled("window", "Paused");
            driver.plugin("promote", "window", "--full");
            driver.settled("window", "Healthy");
        }

        // When
        driver.plugin("undo", "window", "--to-revision=1");

        // Then
        soon().untilAsserted(() -> assertThat(driver.replicas("window")).containsExactly(2, 0, 0));
        driver.settled("window", "Healthy");
        assertThat(driver.status("window").path("stableRS").asText())
                .isEqualTo(
                        driver.replicaSets("window")
                                .getFirst()
                                .getMetadata()
                                .getLabels()
                                .get(HASH));
    }

    private static String windowed(String version) {
        return Manifests.inSpec(
                Manifests.rollout("window", version, 2, Manifests.PAUSING),
                "rollbackWindow: {revisions: 3}");
    }

    @Test
    void ofFinishedRunsAsManyAreKeptAsTheLimitsSay() {
        // Given
        driver.apply(
                """
                apiVersion: argoproj.io/v1alpha1
                kind: AnalysisTemplate
                metadata: {name: errors}
                spec:
                  metrics:
                    - {name: rate, count: 1, provider: {prometheus: {address: "http://nowhere", query: up}}}
                """);
        driver.apply(judged("1"));
        driver.settled("judged", "Healthy");

        // When
        List.of("2", "3").forEach(version -> judge(version, "Successful", "Healthy"));
        List.of("4", "5").forEach(version -> judge(version, "Failed", "Degraded"));

        // Then
        soon().untilAsserted(
                        () ->
                                assertThat(phasesOfRuns())
                                        .containsExactlyInAnyOrder("Successful", "Failed"));
        assertThat(run("5")).isPresent();
    }

    private void judge(String version, String verdict, String comesTo) {
        driver.apply(judged(version));
        soon().untilAsserted(() -> assertThat(run(version)).isPresent());
        driver.workspace()
                .merge(
                        "AnalysisRun",
                        run(version).orElseThrow().getMetadata().getName(),
                        "{\"status\":{\"phase\":\"%s\"}}".formatted(verdict));
        driver.settled("judged", comesTo);
    }

    private Optional<GenericKubernetesResource> run(String version) {
        return run("judged", version);
    }

    /// The run of the revision with this image.
    private Optional<GenericKubernetesResource> run(String rollout, String version) {
        return driver.replicaSets(rollout).stream()
                .filter(
                        rs ->
                                rs.getSpec()
                                        .getTemplate()
                                        .getSpec()
                                        .getContainers()
                                        .getFirst()
                                        .getImage()
                                        .endsWith(":" + version))
                .map(rs -> rs.getMetadata().getLabels().get(HASH))
                .flatMap(
                        hash ->
                                runs().stream()
                                        .filter(
                                                run ->
                                                        hash.equals(
                                                                run.getMetadata()
                                                                        .getLabels()
                                                                        .get(HASH))))
                .findFirst();
    }

    private List<GenericKubernetesResource> runs() {
        return driver.client()
                .genericKubernetesResources(API, "AnalysisRun")
                .inNamespace(driver.namespace())
                .list()
                .getItems();
    }

    private List<String> phasesOfRuns() {
        return runs().stream()
                .filter(run -> run.getMetadata().getName().startsWith("judged-"))
                .map(run -> run.<String>get("status", "phase"))
                .toList();
    }

    private static String judged(String version) {
        return Manifests.inSpec(
                Manifests.rollout(
                        "judged",
                        version,
                        1,
                        "canary: {steps: [{analysis: {templates: [{templateName: errors}]}}]}"),
                "analysis: {successfulRunHistoryLimit: 1, unsuccessfulRunHistoryLimit: 1}");
    }

    @Test
    void aNameThatSomebodyElseHasTakenIsAvoided() {
        // Given
        String manifest = Manifests.rollout("collided", "1", 1, "canary: {}");
        driver.apply(manifest);
        driver.settled("collided", "Healthy");
        String name = driver.replicaSets("collided").getFirst().getMetadata().getName();
        driver.workspace().resource("Rollout", "collided").delete();
        soon().untilAsserted(() -> assertThat(driver.replicaSets("collided")).isEmpty());
        driver.apply(
                Manifests.replicaSet("squatter")
                        .replace("{name: squatter}", "{name: " + name + "}"));

        // When
        driver.apply(manifest);

        // Then
        driver.settled("collided", "Healthy");
        assertThat(driver.status("collided").path("collisionCount").asInt()).isEqualTo(1);
        assertThat(driver.replicaSets("collided"))
                .singleElement()
                .satisfies(rs -> assertThat(rs.getMetadata().getName()).isNotEqualTo(name));
    }

    /// G9: what somebody else put there is no measurement of ours.
    @Test
    void anAnalysisRunOfSomebodyElseIsNamedAndStandsForNoGate() {
        // Given
        driver.apply(
                """
                apiVersion: argoproj.io/v1alpha1
                kind: AnalysisTemplate
                metadata: {name: gate}
                spec:
                  metrics:
                    - {name: rate, count: 1, provider: {prometheus: {address: "http://nowhere", query: up}}}
                """);
        String steps =
                "canary: {steps: [{pause: {}}, {analysis: {templates: [{templateName: gate}]}}]}";
        driver.apply(Manifests.rollout("gated", "1", 1, steps));
        driver.settled("gated", "Healthy");
        driver.apply(Manifests.rollout("gated", "2", 1, steps));
        driver.settled("gated", "Paused");
        String name = "gated-" + driver.status("gated").path("currentPodHash").asText() + "-2-1";
        driver.apply(
                """
                apiVersion: argoproj.io/v1alpha1
                kind: AnalysisRun
                metadata: {name: %s}
                spec: {metrics: []}
                status: {phase: Successful}
                """
                        .formatted(name));

        // When
        driver.plugin("promote", "gated");

        // Then
        soon().untilAsserted(
                        () -> assertThat(driver.reasons("gated")).contains("ReconciliationError"));
        assertThat(driver.messages("gated"))
                .anyMatch(
                        m ->
                                m.endsWith(
                                        "AnalysisRun "
                                                + name
                                                + " exists and is not controlled by this Rollout;"
                                                + " delete it"));
        assertThat(driver.status("gated").path("currentStepIndex").asInt()).isEqualTo(1);

        // When
        driver.workspace().resource("AnalysisRun", name).delete();

        // Then
        soon().untilAsserted(() -> assertThat(run("gated", "2")).isPresent());
    }

    @Test
    void theSelectorCannotBeChanged_S6() {
        // Given
        driver.apply(Manifests.rollout("selected", "1", 1, "canary: {}"));
        driver.settled("selected", "Healthy");

        // When
        Throwable refusal =
                Assertions.catchThrowable(
                        () ->
                                driver.workspace()
                                        .merge(
                                                "Rollout",
                                                "selected",
                                                "{\"spec\":{\"selector\":{\"matchLabels\":{\"app\":\"other\"}}}}"));

        // Then
        assertThat(refusal)
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining(".spec.selector is immutable");
        assertThat(driver.workspace().phase("selected")).isEqualTo("Healthy");
    }
}
