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
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What every strategy has in common, on a real API server with simulated nodes: templates of other
/// objects, what is put into pods, restarts, adoption, deadlines, and values that nobody can read.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RolloutFeaturesIT {
    private static final String HASH = "rollouts-pod-template-hash";
    private static final String PAUSING =
            """
            canary:
                steps:
                - setWeight: 50
                - pause: {}\
            """;

    private static final String SHAPING =
            """
            canary:
                steps:
                - setWeight: 50
                - pause: {}
                antiAffinity:
                  preferredDuringSchedulingIgnoredDuringExecution: {weight: 10}
                canaryMetadata:
                  labels: {role: canary}
                  annotations: {team: blue}
                stableMetadata:
                  labels: {role: stable}\
            """;

    private final StackSession session;
    private final KubernetesClient client;
    private ServiceProcess service;

    RolloutFeaturesIT(StackSession session) {
        this.session = session;
        this.client = session.client();
    }

    @BeforeAll
    void start() {
        service =
                ServiceProcess.start(
                        "rollout-service", session.stack(), session.serviceEnvironment());
    }

    @AfterAll
    void stop() {
        service.close();
    }

    @Test
    void aRolloutTakesOverFromADeploymentAndReleasesItsTemplate() {
        // Given
        apply(deployment("moved", "1", 2));
        soon().untilAsserted(
                        () ->
                                assertThat(
                                                deployments("moved")
                                                        .get()
                                                        .getStatus()
                                                        .getReadyReplicas())
                                        .isEqualTo(2));

        // When
        apply(selecting("moved", referring("moved", "apps/v1", "Deployment", "progressively")));

        // Then
        settled("moved", "Healthy");
        soon().untilAsserted(() -> assertThat(wantedByDeployment("moved")).isZero());
        assertThat(rollout("moved").path("spec").has("template")).isFalse();
        assertThat(counts("moved")).containsExactly(2);

        // When
        deployments("moved").edit(d -> image(d, "2"));

        // Then
        settled("moved", "Paused");
        assertThat(generations("moved")).hasSize(1);
        assertThat(wantedByDeployment("moved")).isZero();
    }

    /// The generation that was seen, on the Rollout and in its status: they are one.
    private Set<String> generations(String name) {
        JsonNode rollout = rollout(name);
        return Stream.of(
                        rollout.path("metadata")
                                .path("annotations")
                                .path("rollout.argoproj.io/workload-generation"),
                        rollout.path("status").path("workloadObservedGeneration"))
                .map(JsonNode::asText)
                .collect(Collectors.toSet());
    }

    private Resource<Deployment> deployments(String name) {
        return client.apps().deployments().inNamespace(session.namespace()).withName(name);
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
        apply(isPodTemplate ? podTemplate(name) : replicaSet(name));

        // When
        String manifest = referring(name, isPodTemplate ? "v1" : "apps/v1", kind, "never");
        apply(isPodTemplate ? selecting(name, manifest) : manifest);

        // Then
        settled(name, "Healthy");
        assertThat(status(name).path("availableReplicas").asInt()).isEqualTo(2);
        assertThat(rollout(name).path("spec").has("template")).isFalse();
        assertThat(rollout(name).path("spec").has("selector")).isEqualTo(isPodTemplate);
    }

    @Test
    void podsOfANewRevisionKeepOffTheNodesOfTheStableOneAndCarryTheLabelsOfTheirRole() {
        // Given
        apply(rollout("shaped", "1", 2, SHAPING));
        settled("shaped", "Healthy");
        assertThat(roles("shaped")).containsExactly("stable", "stable");
        String first = status("shaped").path("stableRS").asText();

        // When
        apply(rollout("shaped", "2", 2, SHAPING));

        // Then
        settled("shaped", "Paused");
        assertThat(roles("shaped")).containsExactly("canary", "stable");
        ReplicaSet canary = replicaSets("shaped").getLast();
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
        plugin("promote", "shaped", "--full");

        // Then
        settled("shaped", "Healthy");
        soon().untilAsserted(
                        () -> {
                            assertThat(roles("shaped")).containsExactly("stable", "stable");
                            assertThat(pods("shaped"))
                                    .allSatisfy(
                                            pod ->
                                                    assertThat(annotations(pod))
                                                            .doesNotContainKey("team"));
                        });
        assertThat(counts("shaped")).containsExactly(0, 2);
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
        apply(rollout("restarted", "1", 3, "canary: {}"));
        settled("restarted", "Healthy");
        apply(
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
        plugin("restart", "restarted");

        // Then
        soon().atMost(Duration.ofMinutes(2))
                .untilAsserted(
                        () -> {
                            assertThat(status("restarted").path("restartedAt").asText())
                                    .isNotEmpty();
                            assertThat(uids("restarted"))
                                    .hasSize(3)
                                    .doesNotContainAnyElementsOf(before);
                        });
        settled("restarted", "Healthy");
        assertThat(counts("restarted")).containsExactly(3);
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
    void aValueThatNobodyCanReadHarmsNobody() {
        // Given
        String broken =
                rollout("unreadable", "1", 2, "canary: {}")
                        .replace(
                                "image: example.com/app:1",
                                """
                                image: example.com/app:1
                                        resources:
                                          requests: {cpu: 1m, memory: invalid}\
                                """);

        // When
        apply(broken);
        apply(rollout("readable", "1", 1, "canary: {}"));

        // Then
        settled("readable", "Healthy");
        settled("unreadable", "Healthy");
        assertThat(
                        replicaSets("unreadable")
                                .getFirst()
                                .getSpec()
                                .getTemplate()
                                .getSpec()
                                .getContainers()
                                .getFirst()
                                .getResources()
                                .getRequests())
                .containsOnlyKeys("cpu");
        service.restart();
        apply(rollout("readable", "2", 1, "canary: {}"));
        settled("readable", "Healthy");
        assertThat(counts("unreadable")).containsExactly(2);
    }

    @Test
    void runningReplicaSetsAreAdoptedWithoutRestartingAPod() {
        // Given
        apply(rollout("adopted", "1", 2, PAUSING));
        settled("adopted", "Healthy");
        Set<String> before = uids("adopted");
        rollouts("adopted").withPropagationPolicy(DeletionPropagation.ORPHAN).delete();
        soon().untilAsserted(
                        () ->
                                assertThat(
                                                replicaSets("adopted")
                                                        .getFirst()
                                                        .getMetadata()
                                                        .getOwnerReferences())
                                        .isEmpty());

        // When
        apply(rollout("adopted", "1", 2, PAUSING));

        // Then
        settled("adopted", "Healthy");
        assertThat(uids("adopted")).isEqualTo(before);
        assertThat(replicaSets("adopted"))
                .singleElement()
                .satisfies(
                        rs ->
                                assertThat(
                                                rs.getMetadata()
                                                        .getOwnerReferences()
                                                        .getFirst()
                                                        .getUid())
                                        .isEqualTo(
                                                rollout("adopted")
                                                        .path("metadata")
                                                        .path("uid")
                                                        .asText()));
    }

    @Test
    void aReleaseThatDoesNotMoveIsAbortedAtItsDeadline() {
        // Given
        String manifest =
                rollout("stuck", "1", 2, "canary:\n    steps:\n    - setWeight: 50")
                        .replace(
                                "spec:\n  replicas",
                                "spec:\n"
                                        + "  progressDeadlineSeconds: 3\n"
                                        + "  progressDeadlineAbort: true\n"
                                        + "  replicas");
        apply(manifest);
        settled("stuck", "Healthy");

        // When
        apply(
                manifest.replace("app:1", "app:2")
                        .replace(
                                "      containers:",
                                "      nodeSelector: {nowhere: \"true\"}\n      containers:"));

        // Then
        settled("stuck", "Degraded");
        assertThat(status("stuck").path("abort").asBoolean()).isTrue();
        assertThat(status("stuck").path("message").asText()).contains("has timed out progressing.");
        soon().untilAsserted(() -> assertThat(counts("stuck")).containsExactly(2, 0));
        assertThat(
                        client
                                .v1()
                                .events()
                                .inNamespace(session.namespace())
                                .list()
                                .getItems()
                                .stream()
                                .filter(e -> e.getInvolvedObject().getName().equals("stuck"))
                                .filter(e -> e.getReason().equals("RolloutAborted")))
                .hasSize(1);
    }

    @Test
    void anAutoscalerSeesAndSetsTheScaleOfTheWholeRollout() {
        // Given
        apply(rollout("scaled", "1", 2, PAUSING));
        settled("scaled", "Healthy");
        apply(rollout("scaled", "2", 2, PAUSING));
        settled("scaled", "Paused");

        // When
        rollouts("scaled").scale(4);

        // Then
        soon().untilAsserted(
                        () -> {
                            assertThat(counts("scaled")).containsExactly(2, 2);
                            assertThat(status("scaled").path("HPAReplicas").asInt()).isEqualTo(4);
                        });
        assertThat(status("scaled").path("selector").asText()).isEqualTo("app=scaled");
        assertThat(status("scaled").path("phase").asText()).isEqualTo("Paused");
    }

    @Test
    void theMetricsThatDashboardsKnowAreServed() throws IOException, InterruptedException {
        // Given
        apply(rollout("measured", "1", 1, "canary: {}"));
        settled("measured", "Healthy");

        // When
        HttpResponse<String> metrics =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(service.url() + "/q/metrics"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());

        // Then
        assertThat(metrics.body())
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
                        "build_info{");
    }

    private ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(150));
    }

    /// The phase is for the newest spec of the Rollout and of the workload that it refers to.
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

    private Resource<GenericKubernetesResource> rollouts(String name) {
        return client.genericKubernetesResources("argoproj.io/v1alpha1", "Rollout")
                .inNamespace(session.namespace())
                .withName(name);
    }

    private JsonNode rollout(String name) {
        return EventCodec.mapper().valueToTree(rollouts(name).get());
    }

    private JsonNode status(String name) {
        return rollout(name).path("status");
    }

    /// ReplicaSets of the Rollout, by the version of their image.
    private List<ReplicaSet> replicaSets(String name) {
        return client
                .apps()
                .replicaSets()
                .inNamespace(session.namespace())
                .withLabel("app", name)
                .withLabel(HASH)
                .list()
                .getItems()
                .stream()
                .sorted(
                        Comparator.comparing(
                                rs ->
                                        rs.getSpec()
                                                .getTemplate()
                                                .getSpec()
                                                .getContainers()
                                                .getFirst()
                                                .getImage()))
                .toList();
    }

    private List<Integer> counts(String name) {
        return replicaSets(name).stream().map(rs -> rs.getSpec().getReplicas()).toList();
    }

    /// Pods that are not on their way out.
    private List<Pod> pods(String name) {
        return client
                .pods()
                .inNamespace(session.namespace())
                .withLabel("app", name)
                .withLabel(HASH)
                .list()
                .getItems()
                .stream()
                .filter(p -> p.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    private void apply(String manifest) {
        List<HasMetadata> objects =
                client.load(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)))
                        .items();
        objects.forEach(
                object ->
                        client.resource(object)
                                .inNamespace(session.namespace())
                                .forceConflicts()
                                .serverSideApply());
    }

    private void plugin(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(session.stack().binaries().path(Tool.ARGO_ROLLOUTS_PLUGIN).toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("--namespace", session.namespace(), "--kubeconfig"));
        command.add(session.stack().controlPlane().kubeconfig().toString());
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String fill(String manifest, Map<String, String> values) {
        String text = manifest;
        for (Map.Entry<String, String> value : values.entrySet()) {
            text = text.replace(value.getKey(), value.getValue());
        }
        return text;
    }

    private static String rollout(String name, String version, int replicas, String strategy) {
        return fill(
                """
                apiVersion: argoproj.io/v1alpha1
                kind: Rollout
                metadata:
                  name: NAME
                spec:
                  replicas: COUNT
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
                """,
                Map.of(
                        "NAME",
                        name,
                        "VERSION",
                        version,
                        "COUNT",
                        Integer.toString(replicas),
                        "STRATEGY",
                        strategy.replace("\n", "\n  ")));
    }

    private static String referring(String name, String apiVersion, String kind, String scaleDown) {
        return fill(
                """
                apiVersion: argoproj.io/v1alpha1
                kind: Rollout
                metadata:
                  name: NAME
                spec:
                  replicas: 2
                  workloadRef:
                    apiVersion: VERSION
                    kind: KIND
                    name: NAME
                    scaleDown: MODE
                  strategy:
                    canary:
                      steps:
                      - setWeight: 50
                      - pause: {}
                """,
                Map.of("NAME", name, "VERSION", apiVersion, "KIND", kind, "MODE", scaleDown));
    }

    /// With a selector of its own, which the plugin needs to find revisions, and a PodTemplate
    /// does not bring along.
    private static String selecting(String name, String manifest) {
        return manifest.replace(
                "spec:\n  replicas",
                "spec:\n  selector:\n    matchLabels: {app: " + name + "}\n  replicas");
    }

    private static String deployment(String name, String version, int replicas) {
        return fill(
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata:
                  name: NAME
                spec:
                  replicas: COUNT
                  selector:
                    matchLabels: {app: NAME}
                  template:
                    metadata:
                      labels: {app: NAME}
                    spec:
                      containers:
                      - name: app
                        image: example.com/app:VERSION
                """,
                Map.of("NAME", name, "VERSION", version, "COUNT", Integer.toString(replicas)));
    }

    private static String podTemplate(String name) {
        return fill(
                """
                apiVersion: v1
                kind: PodTemplate
                metadata:
                  name: NAME
                template:
                  metadata:
                    labels: {app: NAME}
                  spec:
                    containers:
                    - name: app
                      image: example.com/app:1
                """,
                Map.of("NAME", name));
    }

    private static String replicaSet(String name) {
        return deployment(name, "1", 0).replace("kind: Deployment", "kind: ReplicaSet");
    }
}
