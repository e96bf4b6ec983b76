package dev.sluice.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Everything that moves in a namespace while it is watched: pods, their number, where traffic
/// goes, and how far each release is. What merely is written down anew is no movement.
final class Movements implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> PROGRESS =
            List.of(
                    "abort",
                    "abortedAt",
                    "pauseConditions",
                    "controllerPause",
                    "currentPodHash",
                    "currentStepHash",
                    "currentStepIndex",
                    "stableRS",
                    "phase",
                    "message",
                    "blueGreen");

    private final Map<String, String> postures = new LinkedHashMap<>();
    private final List<String> seen = new ArrayList<>();
    private final List<Watch> watches = new ArrayList<>();

    private Movements() {}

    static Movements of(Workspace place) {
        Movements movements = new Movements();
        KubernetesClient client = place.client();
        String namespace = place.namespace();
        movements.watch(client.pods().inNamespace(namespace));
        movements.watch(client.apps().replicaSets().inNamespace(namespace));
        movements.watch(client.services().inNamespace(namespace));
        movements.watch(client.network().v1().ingresses().inNamespace(namespace));
        movements.watch(
                client.genericKubernetesResources("argoproj.io/v1alpha1", "Rollout")
                        .inNamespace(namespace));
        return movements;
    }

    private <T extends HasMetadata, L extends KubernetesResourceList<T>> void watch(
            NonNamespaceOperation<T, L, ?> objects) {
        L present = objects.list();
        present.getItems().forEach(object -> postures.put(key(object), posture(object)));
        watches.add(
                objects.watch(
                        new ListOptionsBuilder()
                                .withResourceVersion(present.getMetadata().getResourceVersion())
                                .build(),
                        new Watcher<T>() {
                            @Override
                            public void eventReceived(Action action, T object) {
                                note(action, object);
                            }

                            @Override
                            public void onClose(WatcherException cause) {
                                lost(String.valueOf(cause.getMessage()));
                            }
                        }));
    }

    private synchronized void lost(String why) {
        seen.add("the watch broke: " + why);
    }

    private synchronized void note(Watcher.Action action, HasMetadata object) {
        String key = key(object);
        if (action == Watcher.Action.DELETED) {
            postures.remove(key);
            seen.add(key + " is gone");
            return;
        }
        String now = posture(object);
        String before = postures.put(key, now);
        if (!Objects.equals(before, now)) {
            seen.add("%s: %s -> %s".formatted(key, before, now));
        }
    }

    /// What has moved until now.
    synchronized List<String> seen() {
        return List.copyOf(seen);
    }

    /// How a movement ends that puts the canary Service of a Rollout onto a revision.
    static String canaryServiceEndsOn(String rollout, String podHash) {
        return " -> to {app=%s, rollouts-pod-template-hash=%s}".formatted(rollout, podHash);
    }

    private static String key(HasMetadata object) {
        return object.getKind() + " " + object.getMetadata().getName();
    }

    private static String posture(HasMetadata object) {
        Map<String, String> annotations =
                Objects.requireNonNullElse(object.getMetadata().getAnnotations(), Map.of());
        return switch (object) {
            case Pod pod ->
                    pod.getMetadata().getUid()
                            + (pod.getMetadata().getDeletionTimestamp() == null ? "" : " ends");
            case ReplicaSet set ->
                    "%d pods, revision %s, down %s"
                            .formatted(
                                    set.getSpec().getReplicas(),
                                    annotations.get("rollout.argoproj.io/revision"),
                                    annotations.get("scale-down-deadline"));
            case Service service -> "to " + service.getSpec().getSelector();
            case Ingress ingress ->
                    "weight %s, %s"
                            .formatted(
                                    annotations.get("nginx.ingress.kubernetes.io/canary-weight"),
                                    ingress.getSpec().getRules());
            case GenericKubernetesResource rollout -> progress(JSON.valueToTree(rollout));
            default -> "";
        };
    }

    private static String progress(JsonNode rollout) {
        ObjectNode progress = JSON.createObjectNode();
        progress.put("generation", rollout.at("/metadata/generation").asLong());
        for (String field : PROGRESS) {
            JsonNode value = rollout.path("status").path(field);
            boolean isEmpty =
                    value.isMissingNode()
                            || value.isNull()
                            || (value.isContainerNode() && value.isEmpty());
            if (!isEmpty) {
                progress.set(field, value);
            }
        }
        progress.set("canary", rollout.at("/status/canary/weights/canary"));
        progress.set("stable", rollout.at("/status/canary/weights/stable"));
        return progress.toString();
    }

    @Override
    public void close() {
        watches.forEach(Watch::close);
    }
}
