package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.testkit.Commands;
import dev.sluice.testkit.LocalStack;
import dev.sluice.testkit.Tool;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// A namespace in which a user works, whoever looks after the Rollouts there.
record Workspace(LocalStack stack, String namespace) {
    static final String HASH = "rollouts-pod-template-hash";
    private static final String API = "argoproj.io/v1alpha1";
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final ObjectMapper JSON = new ObjectMapper();

    KubernetesClient client() {
        return stack.controlPlane().client();
    }

    /// @param manifests one or more YAML documents
    void create(String manifests) {
        String yaml = manifests.replace("NAMESPACE", namespace);
        for (HasMetadata object :
                client().load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                        .items()) {
            client().resource(object).create();
        }
    }

    void setImage(String rollout, String image) {
        patch(
                rollout,
                PatchType.JSON,
                "[{\"op\":\"replace\",\"path\":\"/spec/template/spec/containers/0/image\","
                        + "\"value\":\"%s\"}]".formatted(image));
    }

    void merge(String rollout, String patch) {
        patch(rollout, PatchType.JSON_MERGE, patch);
    }

    private void patch(String rollout, PatchType type, String patch) {
        client().genericKubernetesResources(API, "Rollout")
                .inNamespace(namespace)
                .withName(rollout)
                .patch(PatchContext.of(type), patch);
    }

    /// Runs the stock plugin and expects it to succeed.
    String plugin(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(stack.binaries().path(Tool.ARGO_ROLLOUTS_PLUGIN).toString());
        command.addAll(List.of(arguments));
        command.addAll(
                List.of(
                        "--namespace",
                        namespace,
                        "--kubeconfig",
                        stack.controlPlane().kubeconfig().toString()));
        var result = Commands.run(Path.of("."), Map.of(), command);
        assertThat(result.code()).as(result.output()).isZero();
        return result.output();
    }

    JsonNode rollout(String name) {
        GenericKubernetesResource rollout =
                client().genericKubernetesResources(API, "Rollout")
                        .inNamespace(namespace)
                        .withName(name)
                        .get();
        assertThat(rollout).as("rollout %s", name).isNotNull();
        return JSON.valueToTree(rollout);
    }

    /// The phase, once it is about the present spec.
    String phase(String name) {
        JsonNode rollout = rollout(name);
        boolean isObserved =
                rollout.at("/status/observedGeneration")
                        .asText()
                        .equals(rollout.at("/metadata/generation").asText());
        return isObserved ? rollout.at("/status/phase").asText() : "not observed";
    }

    void awaitPhase(String name, String phase) {
        await("%s is %s".formatted(name, phase))
                .atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(phase(name))
                                        .as(rollout(name).at("/status").toString())
                                        .isEqualTo(phase));
    }

    /// Waits until a field of the status has this value; a missing one is the empty text.
    void awaitStatus(String name, String pointer, String value) {
        await("%s has %s = %s".formatted(name, pointer, value))
                .atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(rollout(name).at("/status" + pointer).asText())
                                        .as(rollout(name).at("/status").toString())
                                        .isEqualTo(value));
    }

    void awaitPausedAt(String name, int step) {
        awaitStatus(name, "/currentStepIndex", Integer.toString(step));
        awaitPhase(name, "Paused");
    }

    /// Waits until another revision than this one is being released.
    void awaitRevisionAfter(String name, String former) {
        await("%s has a new revision".formatted(name))
                .atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(rollout(name).at("/status/currentPodHash").asText())
                                        .isNotEqualTo(former));
    }

    /// Waits until the template of the spec is the stable one and everything is up.
    void awaitPromoted(String name) {
        awaitPhase(name, "Healthy");
        JsonNode status = rollout(name).at("/status");
        assertThat(status.at("/stableRS").asText())
                .as(status.toString())
                .isEqualTo(status.at("/currentPodHash").asText());
    }

    /// Waits until all pods are younger than the restart that was asked for.
    void awaitRestarted(String name) {
        await(name + " is restarted")
                .atMost(LIMIT)
                .untilAsserted(
                        () -> {
                            JsonNode rollout = rollout(name);
                            assertThat(rollout.at("/status/restartedAt").asText("not yet"))
                                    .isEqualTo(rollout.at("/spec/restartAt").asText());
                        });
    }

    /// ReplicaSets of an application, oldest first.
    List<ReplicaSet> replicaSets(String app) {
        return client()
                .apps()
                .replicaSets()
                .inNamespace(namespace)
                .withLabel("app", app)
                .list()
                .getItems()
                .stream()
                .sorted(
                        Comparator.comparing(
                                        (ReplicaSet rs) -> rs.getMetadata().getCreationTimestamp())
                                .thenComparing(rs -> rs.getMetadata().getName()))
                .toList();
    }

    /// Pod template hashes of an application's revisions, oldest first.
    List<String> hashes(String app) {
        return replicaSets(app).stream()
                .map(rs -> String.valueOf(rs.getMetadata().getLabels().get(HASH)))
                .toList();
    }

    Set<String> replicaSetUids(String app) {
        return replicaSets(app).stream()
                .map(rs -> rs.getMetadata().getUid())
                .collect(Collectors.toSet());
    }

    /// Waits until the ReplicaSet that is the n-th oldest is to be taken down at a set time.
    void awaitDeadline(String app, int n) {
        await("ReplicaSet %d of %s has a deadline".formatted(n, app))
                .atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(replicaSets(app).get(n).getMetadata().getAnnotations())
                                        .containsKey("scale-down-deadline"));
    }

    Set<String> podUids(String app, String hash) {
        return client()
                .pods()
                .inNamespace(namespace)
                .withLabel("app", app)
                .withLabel(HASH, hash)
                .list()
                .getItems()
                .stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .map((Pod pod) -> pod.getMetadata().getUid())
                .collect(Collectors.toSet());
    }

    /// Waits until every ReplicaSet has the pods that it wants and none is on its way out: what the
    /// one who was stopped has asked for is then done by the cluster.
    void awaitPodsAtRest() {
        await("pods of %s are at rest".formatted(namespace))
                .atMost(LIMIT)
                .untilAsserted(
                        () -> {
                            List<Pod> pods =
                                    client().pods().inNamespace(namespace).list().getItems();
                            assertThat(pods)
                                    .noneMatch(
                                            pod ->
                                                    pod.getMetadata().getDeletionTimestamp()
                                                            != null);
                            for (ReplicaSet set :
                                    client().apps()
                                            .replicaSets()
                                            .inNamespace(namespace)
                                            .list()
                                            .getItems()) {
                                assertThat(pods)
                                        .as(set.getMetadata().getName())
                                        .filteredOn(pod -> isOf(set, pod))
                                        .hasSize(set.getSpec().getReplicas());
                            }
                        });
    }

    private static boolean isOf(ReplicaSet set, Pod pod) {
        return pod.getMetadata().getOwnerReferences().stream()
                .anyMatch(owner -> owner.getUid().equals(set.getMetadata().getUid()));
    }

    /// The weight that is programmed for the canary right now; 0 without a canary Ingress.
    int programmedWeight(String name) {
        Ingress ingress =
                client().network()
                        .v1()
                        .ingresses()
                        .inNamespace(namespace)
                        .withName("%s-%s-canary".formatted(name, name))
                        .get();
        return ingress == null
                ? 0
                : Integer.parseInt(
                        ingress.getMetadata()
                                .getAnnotations()
                                .getOrDefault("nginx.ingress.kubernetes.io/canary-weight", "0"));
    }

    void awaitProgrammedWeight(String name, int weight) {
        await("canary weight of %s is %d".formatted(name, weight))
                .atMost(LIMIT)
                .untilAsserted(() -> assertThat(programmedWeight(name)).isEqualTo(weight));
    }
}
