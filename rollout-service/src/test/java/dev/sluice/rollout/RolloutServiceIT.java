package dev.sluice.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.events.EventCodec;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import dev.sluice.testkit.Tool;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The packaged service against a real API server with simulated nodes, driven by kubectl's stock
/// plugin.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RolloutServiceIT {
    private final StackSession session;
    private final KubernetesClient client;
    private ServiceProcess service;
    private SimulatedRouter router;

    RolloutServiceIT(StackSession session) {
        this.session = session;
        this.client = session.client();
    }

    @BeforeAll
    void start() {
        service =
                ServiceProcess.start(
                        "rollout-service", session.stack(), session.serviceEnvironment());
        router = new SimulatedRouter(client, session.namespace());
    }

    @AfterAll
    void stop() {
        router.close();
        service.close();
    }

    @Test
    void aCanaryWaitsAtItsPauseAndIsPromotedByThePlugin() {
        // Given
        apply(canary("promoted", "1"));
        settled("promoted", "Healthy");

        // When
        apply(canary("promoted", "2"));

        // Then
        settled("promoted", "Paused");
        assertThat(replicas("promoted")).containsExactly(3, 1);
        plugin("promote", "promoted");
        settled("promoted", "Healthy");
        assertThat(replicas("promoted")).containsExactly(0, 4);
        soon().untilAsserted(
                        () ->
                                assertThat(reasons("promoted"))
                                        .contains(
                                                "RolloutPaused",
                                                "RolloutStepCompleted",
                                                "RolloutCompleted"));
    }

    @Test
    void anAbortedReleaseReturnsToTheStableRevisionAndRunsAgainOnRetry() {
        // Given
        apply(canary("aborted", "1"));
        settled("aborted", "Healthy");
        apply(canary("aborted", "2"));
        settled("aborted", "Paused");

        // When
        plugin("abort", "aborted");

        // Then
        settled("aborted", "Degraded");
        soon().untilAsserted(() -> assertThat(replicas("aborted")).containsExactly(4, 0));
        assertThat(status("aborted").path("release").path("attempt").asLong()).isEqualTo(2);
        plugin("retry", "rollout", "aborted");
        settled("aborted", "Paused");
        assertThat(status("aborted").path("release").path("attempt").asLong()).isEqualTo(3);
        plugin("promote", "aborted", "--full");
        settled("aborted", "Healthy");
        assertThat(replicas("aborted")).containsExactly(0, 4);
    }

    @Test
    void aRevisionIsUndoneByThePlugin() {
        // Given
        apply(canary("undone", "1"));
        settled("undone", "Healthy");
        apply(canary("undone", "2"));
        settled("undone", "Paused");

        // When
        plugin("undo", "undone");

        // Then
        settled("undone", "Healthy");
        assertThat(replicas("undone")).containsExactly(4, 0);
    }

    @Test
    void blueGreenKeepsTheOldRevisionUntilTheSwitchIsProven() {
        // Given
        applyService("bg-active");
        applyService("bg-preview");
        apply(blueGreen("1"));
        settled("bg", "Healthy");
        String old = status("bg").path("stableRS").asText();
        router.hold();

        // When
        apply(blueGreen("2"));

        // Then
        soon().untilAsserted(() -> assertThat(replicas("bg")).containsExactly(2, 2));
        assertThat(selected("bg-active")).isEqualTo(old);
        assertThat(status("bg").path("phase").asText()).isEqualTo("Progressing");
        router.release();
        settled("bg", "Healthy");
        assertThat(selected("bg-active"))
                .isEqualTo(status("bg").path("stableRS").asText())
                .isNotEqualTo(old);
        soon().untilAsserted(() -> assertThat(replicas("bg")).containsExactly(0, 2));
    }

    @Test
    void onlyTheHistoryLimitOfOldReplicaSetsIsKept() {
        // Given
        apply(plain("history", "1"));
        settled("history", "Healthy");

        // When
        for (int version = 2; version <= 5; version++) {
            apply(plain("history", Integer.toString(version)));
            settled("history", "Healthy");
        }

        // Then
        soon().untilAsserted(() -> assertThat(replicas("history")).containsExactly(0, 2));
    }

    @Test
    void anInvalidSpecIsReportedAndCorrectedByTheNextEdit() {
        // Given
        String wrong = canary("invalid", "1").replace("setWeight: 25", "setWeight: 101");

        // When
        apply(wrong);

        // Then
        settled("invalid", "Degraded");
        assertThat(status("invalid").path("message").asText())
                .contains("SetWeight needs to be between 0 and 100");
        assertThat(replicas("invalid")).isEmpty();
        apply(canary("invalid", "1"));
        settled("invalid", "Healthy");
        assertThat(status("invalid").path("conditions").findValuesAsText("type"))
                .doesNotContain("InvalidSpec");
    }

    @Test
    void aServiceThatIsMissingIsReportedUntilItAppears() {
        // Given
        String manifest =
                canary("routed", "1")
                        .replace("      steps:", "      canaryService: late-canary\n      steps:");

        // When
        apply(manifest);

        // Then
        settled("routed", "Degraded");
        applyService("late-canary");
        settled("routed", "Healthy");
    }

    private ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(40)).pollInterval(Duration.ofMillis(150));
    }

    /// The phase is for the newest spec, and stays what it is because nothing is left to do.
    private void settled(String name, String phase) {
        soon().untilAsserted(
                        () -> {
                            JsonNode rollout = rollout(name);
                            JsonNode status = rollout.path("status");
                            assertThat(status.path("phase").asText())
                                    .as(() -> status.path("message").asText())
                                    .isEqualTo(phase);
                            assertThat(status.path("observedGeneration").asText())
                                    .isEqualTo(
                                            rollout.path("metadata").path("generation").asText());
                        });
    }

    private JsonNode rollout(String name) {
        GenericKubernetesResource found =
                client.genericKubernetesResources("argoproj.io/v1alpha1", "Rollout")
                        .inNamespace(session.namespace())
                        .withName(name)
                        .get();
        return EventCodec.mapper().valueToTree(found);
    }

    private JsonNode status(String name) {
        return rollout(name).path("status");
    }

    /// Wanted pods of the Rollout's ReplicaSets, oldest first.
    private List<Integer> replicas(String name) {
        return client
                .apps()
                .replicaSets()
                .inNamespace(session.namespace())
                .withLabel("app", name)
                .list()
                .getItems()
                .stream()
                .sorted(Comparator.comparing(RolloutServiceIT::revisionOfOrigin))
                .map(rs -> rs.getSpec().getReplicas())
                .toList();
    }

    /// A revision that is rolled back to gets a new number; the image tells the original order.
    private static String revisionOfOrigin(ReplicaSet rs) {
        return rs.getSpec().getTemplate().getSpec().getContainers().getFirst().getImage();
    }

    private List<String> reasons(String name) {
        return client.v1().events().inNamespace(session.namespace()).list().getItems().stream()
                .filter(e -> e.getInvolvedObject().getName().equals(name))
                .map(Event::getReason)
                .toList();
    }

    private String selected(String serviceName) {
        Service found =
                client.services().inNamespace(session.namespace()).withName(serviceName).get();
        return found.getSpec().getSelector().getOrDefault("rollouts-pod-template-hash", "");
    }

    private void apply(String manifest) {
        List<HasMetadata> objects = client.load(stream(manifest)).items();
        objects.forEach(
                object ->
                        client.resource(object)
                                .inNamespace(session.namespace())
                                .forceConflicts()
                                .serverSideApply());
    }

    private static java.io.InputStream stream(String text) {
        return new java.io.ByteArrayInputStream(
                text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private void plugin(String... arguments) {
        List<String> command =
                new java.util.ArrayList<>(
                        List.of(
                                session.stack()
                                        .binaries()
                                        .path(Tool.ARGO_ROLLOUTS_PLUGIN)
                                        .toString()));
        command.addAll(List.of(arguments));
        command.addAll(
                List.of(
                        "--namespace",
                        session.namespace(),
                        "--kubeconfig",
                        session.stack().controlPlane().kubeconfig().toString()));
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output =
                    new String(
                            process.getInputStream().readAllBytes(),
                            java.nio.charset.StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void applyService(String name) {
        apply(
                """
                apiVersion: v1
                kind: Service
                metadata:
                  name: %s
                spec:
                  selector: {}
                  ports:
                  - port: 80
                """
                        .formatted(name));
    }

    private static String plain(String name, String version) {
        return rollout(name, version, 2, "canary: {}");
    }

    private static String canary(String name, String version) {
        return rollout(
                name,
                version,
                4,
                """
                canary:
                    steps:
                    - setWeight: 25
                    - pause: {}
                    - setWeight: 50
                    - pause: {duration: 1s}""");
    }

    private static String blueGreen(String version) {
        return rollout(
                "bg",
                version,
                2,
                """
                blueGreen:
                    activeService: bg-active
                    previewService: bg-preview
                    scaleDownDelaySeconds: 1""");
    }

    private static String rollout(String name, String version, int replicas, String strategy) {
        Map<String, String> values =
                Map.of(
                        "NAME",
                        name,
                        "VERSION",
                        version,
                        "REPLICAS",
                        Integer.toString(replicas),
                        "STRATEGY",
                        strategy.replace("\n", "\n  "));
        String manifest =
                """
                apiVersion: argoproj.io/v1alpha1
                kind: Rollout
                metadata:
                  name: NAME
                spec:
                  replicas: REPLICAS
                  revisionHistoryLimit: 1
                  selector:
                    matchLabels: {app: NAME}
                  template:
                    metadata:
                      labels: {app: NAME}
                    spec:
                      containers:
                      - name: app
                        image: example.com/app:VERSION
                  strategy:
                    STRATEGY
                """;
        return values.keySet().stream()
                .sorted()
                .reduce(
                        manifest,
                        (text, key) -> text.replace(key, values.getOrDefault(key, "")),
                        (a, _) -> a)
                .lines()
                .collect(Collectors.joining("\n"));
    }
}
