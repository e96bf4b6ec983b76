package dev.sluice.rollout;

import static dev.sluice.rollout.RolloutDriver.HASH;
import static dev.sluice.rollout.RolloutDriver.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The packaged service against a real API server with simulated nodes, driven by kubectl's stock
/// plugin.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RolloutServiceIT {
    private SimulatedRouter router;
    private RolloutDriver driver;

    @BeforeAll
    void start(StackSession session) {
        driver = RolloutDriver.start(session);
        router = new SimulatedRouter(driver.client(), driver.namespace());
    }

    @AfterAll
    void stop() {
        router.close();
        driver.close();
    }

    @Test
    void aCanaryWaitsAtItsPauseAndIsPromotedByThePlugin() {
        // Given
        driver.apply(canary("promoted", "1"));
        driver.settled("promoted", "Healthy");

        // When
        driver.apply(canary("promoted", "2"));

        // Then
        driver.settled("promoted", "Paused");
        assertThat(driver.replicas("promoted")).containsExactly(3, 1);
        driver.plugin("promote", "promoted");
        driver.settled("promoted", "Healthy");
        assertThat(driver.replicas("promoted")).containsExactly(0, 4);
        soon().untilAsserted(
                        () ->
                                assertThat(driver.reasons("promoted"))
                                        .contains(
                                                "RolloutPaused",
                                                "RolloutStepCompleted",
                                                "RolloutCompleted"));
    }

    @Test
    void anAbortedReleaseReturnsToTheStableRevisionAndRunsAgainOnRetry() {
        // Given
        driver.apply(canary("aborted", "1"));
        driver.settled("aborted", "Healthy");
        driver.apply(canary("aborted", "2"));
        driver.settled("aborted", "Paused");

        // When
        driver.plugin("abort", "aborted");

        // Then
        driver.settled("aborted", "Degraded");
        soon().untilAsserted(() -> assertThat(driver.replicas("aborted")).containsExactly(4, 0));
        assertThat(driver.status("aborted").path("release").path("attempt").asLong()).isEqualTo(2);
        driver.plugin("retry", "rollout", "aborted");
        driver.settled("aborted", "Paused");
        assertThat(driver.status("aborted").path("release").path("attempt").asLong()).isEqualTo(3);
        driver.plugin("promote", "aborted", "--full");
        driver.settled("aborted", "Healthy");
        assertThat(driver.replicas("aborted")).containsExactly(0, 4);
    }

    @Test
    void aRevisionIsUndoneByThePlugin() {
        // Given
        driver.apply(canary("undone", "1"));
        driver.settled("undone", "Healthy");
        driver.apply(canary("undone", "2"));
        driver.settled("undone", "Paused");

        // When
        driver.plugin("undo", "undone");

        // Then
        driver.settled("undone", "Healthy");
        assertThat(driver.replicas("undone")).containsExactly(4, 0);
    }

    @Test
    void blueGreenKeepsTheOldRevisionUntilTheSwitchIsProven() {
        // Given
        driver.apply(Manifests.service("bg-active"));
        driver.apply(Manifests.service("bg-preview"));
        driver.apply(blueGreen("1"));
        driver.settled("bg", "Healthy");
        String old = driver.status("bg").path("stableRS").asText();
        router.hold();

        // When
        driver.apply(blueGreen("2"));

        // Then
        soon().untilAsserted(() -> assertThat(driver.replicas("bg")).containsExactly(2, 2));
        // The ReplicaSet comes before the status that tells of it.
        driver.settled("bg", "Progressing");
        assertThat(selected("bg-active")).isEqualTo(old);
        router.release();
        driver.settled("bg", "Healthy");
        assertThat(selected("bg-active"))
                .isEqualTo(driver.status("bg").path("stableRS").asText())
                .isNotEqualTo(old);
        soon().untilAsserted(() -> assertThat(driver.replicas("bg")).containsExactly(0, 2));
    }

    @Test
    void onlyTheHistoryLimitOfOldReplicaSetsIsKept() {
        // Given
        driver.apply(plain("history", "1"));
        driver.settled("history", "Healthy");

        // When
        for (int version = 2; version <= 5; version++) {
            driver.apply(plain("history", Integer.toString(version)));
            driver.settled("history", "Healthy");
        }

        // Then
        soon().untilAsserted(() -> assertThat(driver.replicas("history")).containsExactly(0, 2));
    }

    @Test
    void anInvalidSpecIsReportedAndCorrectedByTheNextEdit() {
        // Given
        String wrong = canary("invalid", "1").replace("setWeight: 25", "setWeight: 101");

        // When
        driver.apply(wrong);

        // Then
        driver.settled("invalid", "Degraded");
        assertThat(driver.status("invalid").path("message").asText())
                .contains("SetWeight needs to be between 0 and 100");
        assertThat(driver.replicas("invalid")).isEmpty();
        driver.apply(canary("invalid", "1"));
        driver.settled("invalid", "Healthy");
        assertThat(driver.status("invalid").path("conditions").findValuesAsText("type"))
                .doesNotContain("InvalidSpec");
    }

    @Test
    void aServiceThatIsMissingIsReportedUntilItAppears() {
        // Given
        String manifest =
                canary("routed", "1").replace("canary: {", "canary: {canaryService: late-canary, ");

        // When
        driver.apply(manifest);

        // Then
        driver.settled("routed", "Degraded");
        driver.apply(Manifests.service("late-canary"));
        driver.settled("routed", "Healthy");
    }

    @Test
    void aValueThatNobodyCanReadHarmsNobody() {
        // Given
        String broken =
                Manifests.rollout("unreadable", "1", 2, "canary: {}")
                        .replace(
                                "{name: app,",
                                "{name: app, resources: {requests: {cpu: 1m, memory: invalid}},");

        // When
        driver.apply(broken);
        driver.apply(Manifests.rollout("readable", "1", 1, "canary: {}"));

        // Then
        driver.settled("readable", "Healthy");
        driver.settled("unreadable", "Healthy");
        assertThat(
                        driver.replicaSets("unreadable")
                                .getFirst()
                                .getSpec()
                                .getTemplate()
                                .getSpec()
                                .getContainers()
                                .getFirst()
                                .getResources()
                                .getRequests())
                .containsOnlyKeys("cpu");
        driver.restartService();
        driver.apply(Manifests.rollout("readable", "2", 1, "canary: {}"));
        driver.settled("readable", "Healthy");
        assertThat(driver.replicas("unreadable")).containsExactly(2);
    }

    @Test
    void aReleaseThatDoesNotMoveIsAbortedAtItsDeadline() {
        // Given
        String patient = Manifests.rollout("stuck", "1", 2, "canary: {steps: [{setWeight: 50}]}");
        driver.apply(patient);
        driver.settled("stuck", "Healthy");

        // When
        String hasty =
                Manifests.inSpec(
                        Manifests.inSpec(patient, "progressDeadlineAbort: true"),
                        "progressDeadlineSeconds: 3");
        driver.apply(
                hasty.replace("app:1", "app:2")
                        .replace("spec: {cont", "spec: {nodeSelector: {nowhere: \"true\"}, cont"));

        // Then
        driver.settled("stuck", "Degraded");
        soon().untilAsserted(
                        () -> {
                            JsonNode status = driver.status("stuck");
                            assertThat(status.path("abort").asBoolean()).isTrue();
                            assertThat(status.path("message").asText())
                                    .contains("has timed out progressing.");
                        });
        soon().untilAsserted(() -> assertThat(driver.replicas("stuck")).containsExactly(2, 0));
        soon().untilAsserted(
                        () ->
                                assertThat(driver.reasons("stuck"))
                                        .containsOnlyOnce("RolloutAborted"));
    }

    @Test
    void anAutoscalerSeesAndSetsTheScaleOfTheWholeRollout() {
        // Given
        driver.apply(Manifests.rollout("scaled", "1", 2, Manifests.PAUSING));
        driver.settled("scaled", "Healthy");
        driver.apply(Manifests.rollout("scaled", "2", 2, Manifests.PAUSING));
        driver.settled("scaled", "Paused");

        // When
        driver.workspace().resource("Rollout", "scaled").scale(4);

        // Then
        soon().untilAsserted(
                        () -> {
                            assertThat(driver.replicas("scaled")).containsExactly(2, 2);
                            assertThat(driver.status("scaled").path("HPAReplicas").asInt())
                                    .isEqualTo(4);
                        });
        assertThat(driver.status("scaled").path("selector").asText()).isEqualTo("app=scaled");
        assertThat(driver.status("scaled").path("phase").asText()).isEqualTo("Paused");
    }

    @Test
    void theMetricsThatDashboardsKnowAreServed() {
        // Given
        driver.apply(
                """
                apiVersion: argoproj.io/v1alpha1
                kind: AnalysisTemplate
                metadata: {name: known}
                spec: {metrics: [{name: rate, provider: {prometheus: {query: up}}}]}
                """);
        driver.apply(Manifests.rollout("measured", "1", 1, "canary: {}"));
        driver.settled("measured", "Healthy");

        // Then
        soon().untilAsserted(
                        () ->
                                assertThat(driver.get("/q/metrics"))
                                        .contains(
                                                "rollout_info{",
                                                "rollout_info_replicas_available{",
                                                "rollout_info_replicas_unavailable{",
                                                "rollout_info_replicas_desired{",
                                                "rollout_info_replicas_updated{",
                                                "rollout_phase{",
                                                "rollout_reconcile_bucket{",
                                                "rollout_reconcile_error",
                                                "rollout_events_total{",
                                                "rollout_duration_seconds_bucket{",
                                                "rollout_progression_duration_seconds_bucket{",
                                                "rollout_manual_pause_duration_seconds_bucket{",
                                                "argo_rollouts_controller_info{",
                                                "build_info{",
                                                "analysis_template_info{namespace=\"%s\",name=\"known\""
                                                        .formatted(driver.namespace()),
                                                "analysis_template_metric_info{namespace=\"%s\",name=\"known\",type=\"prometheus\",metric=\"rate\""
                                                        .formatted(driver.namespace()),
                                                "controller_clientset_k8s_request_total{kind=\"replicasets\""));
    }

    private String selected(String service) {
        return driver.service(service).getSpec().getSelector().getOrDefault(HASH, "");
    }

    /// Without a step; of the old ReplicaSets one is kept.
    private static String plain(String name, String version) {
        return Manifests.inSpec(
                Manifests.rollout(name, version, 2, "canary: {}"), "revisionHistoryLimit: 1");
    }

    private static String canary(String name, String version) {
        return Manifests.rollout(
                name,
                version,
                4,
                "canary: {steps: [{setWeight: 25}, {pause: {}}, {setWeight: 50},"
                        + " {pause: {duration: 1s}}]}");
    }

    private static String blueGreen(String version) {
        return Manifests.rollout(
                "bg",
                version,
                2,
                "blueGreen: {activeService: bg-active, previewService: bg-preview,"
                        + " scaleDownDelaySeconds: 1}");
    }
}
