package dev.sluice.rollout.adapter.k8s;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Command;
import dev.sluice.runtime.ConditionalWrites;
import dev.sluice.runtime.ResourceRef;
import dev.sluice.runtime.WriteResult;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.Eviction;
import io.fabric8.kubernetes.api.model.policy.v1.EvictionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// The two things that are ever done to single pods: asking for an eviction, and changing labels
/// and annotations.
final class PodWrites {
    private static final int PARALLEL = 10;
    private static final int ATTEMPTS = 3;
    private static final long FIRST_DELAY_MILLIS = 100;

    private final KubernetesClient client;
    private final ConditionalWrites writes;

    PodWrites(KubernetesClient client, ConditionalWrites writes) {
        this.client = client;
        this.writes = writes;
    }

    /// A disruption budget that refuses is no error, nor is a pod that was replaced meanwhile: the
    /// next look decides again (D8).
    WriteResult evict(String namespace, Command.EvictPod command) {
        try {
            client.pods()
                    .inNamespace(namespace)
                    .withName(command.name())
                    .evict(eviction(namespace, command));
        } catch (KubernetesClientException e) {
            boolean isReplaced =
                    e.getCode() == HttpURLConnection.HTTP_CONFLICT
                            || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND;
            if (!isReplaced) {
                throw e;
            }
        }
        return new WriteResult.Applied("");
    }

    private static Eviction eviction(String namespace, Command.EvictPod command) {
        return new EvictionBuilder()
                .withNewMetadata()
                .withName(command.name())
                .withNamespace(namespace)
                .endMetadata()
                .withDeleteOptions(
                        new DeleteOptionsBuilder()
                                .withNewPreconditions()
                                .withUid(command.uid())
                                .endPreconditions()
                                .build())
                .build();
    }

    /// Pods are written side by side; one that is gone is no error, and the first other failure is
    /// the result of all.
    WriteResult relabel(String namespace, Command.RelabelPods command) {
        List<WriteResult> results = new ArrayList<>();
        try (ExecutorService workers =
                Executors.newFixedThreadPool(PARALLEL, Thread.ofVirtual().factory())) {
            List<Future<WriteResult>> running =
                    command.pods().stream()
                            .map(
                                    pod ->
                                            workers.submit(
                                                    () ->
                                                            relabel(
                                                                    namespace,
                                                                    pod,
                                                                    command.metadata())))
                            .toList();
            for (Future<WriteResult> one : running) {
                results.add(one.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("Pods could not be written", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new WriteResult.Conflict();
        }
        return results.stream()
                .filter(r -> !(r instanceof WriteResult.Missing) && !r.isApplied())
                .findFirst()
                .orElseGet(() -> new WriteResult.Applied(""));
    }

    private WriteResult relabel(String namespace, Command.PodName pod, ObjectNode metadata)
            throws InterruptedException {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.set("metadata", metadata.deepCopy());
        patch.withObject("/metadata").put("uid", pod.uid());
        ResourceRef ref = ResourceRef.of("", "v1", "pods", namespace, pod.name());
        WriteResult result = new WriteResult.Conflict();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            result = writes.mergePatchAnyVersion(ref, patch, Writes.FIELD_MANAGER);
            if (!(result instanceof WriteResult.Conflict)) {
                return result;
            }
            Thread.sleep(FIRST_DELAY_MILLIS << attempt);
        }
        return result;
    }
}
