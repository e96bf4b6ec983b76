package dev.sluice.router.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.app.Cluster;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.Keys;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.Selection;
import dev.sluice.runtime.ConditionalWrites;
import dev.sluice.runtime.ResourceRef;
import dev.sluice.runtime.WriteResult;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Fresh reads and conditional writes against the API server.
@ApplicationScoped
class KubernetesCluster implements Cluster {

    private static final String SERVICE_NAME = "kubernetes.io/service-name";

    private final KubernetesClient client;
    private final ConditionalWrites writes;

    KubernetesCluster(KubernetesClient client, ConditionalWrites writes) {
        this.client = client;
        this.writes = writes;
    }

    @Override
    public Optional<JsonNode> rollout(String namespace, String name) {
        return writes.read(ResourceRef.of("argoproj.io", "v1alpha1", "rollouts", namespace, name))
                .map(r -> r);
    }

    @Override
    public Optional<JsonNode> read(ObjectRef ref) {
        return writes.read(resource(ref)).map(r -> r);
    }

    @Override
    public List<JsonNode> list(Selection selection) {
        try {
            return client
                    .genericKubernetesResources(selection.apiVersion(), selection.kind())
                    .inNamespace(selection.namespace())
                    .withLabelSelector(selection.labels())
                    .list()
                    .getItems()
                    .stream()
                    .map(r -> client.getKubernetesSerialization().convertValue(r, JsonNode.class))
                    .toList();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return List.of(); // the kind itself is not there
            }
            throw e;
        }
    }

    @Override
    public List<RevisionPods> experiments(String namespace, List<String> hashes) {
        return client
                .apps()
                .replicaSets()
                .inNamespace(namespace)
                .withLabelIn(Keys.HASH, hashes.toArray(String[]::new))
                .list()
                .getItems()
                .stream()
                .filter(
                        s ->
                                s.getMetadata().getOwnerReferences().stream()
                                        .anyMatch(o -> o.getKind().equals("Experiment")))
                .filter(s -> s.getMetadata().getDeletionTimestamp() == null)
                .map(KubernetesCluster::pods)
                .toList();
    }

    @Override
    public List<RevisionPods> revisions(String namespace, String rolloutUid) {
        List<RevisionPods> revisions = new ArrayList<>();
        for (ReplicaSet set :
                client.apps()
                        .replicaSets()
                        .inNamespace(namespace)
                        .withLabel(Keys.HASH)
                        .list()
                        .getItems()) {
            ObjectMeta metadata = set.getMetadata();
            boolean ours =
                    metadata.getOwnerReferences().stream()
                            .anyMatch(o -> o.getUid().equals(rolloutUid));
            if (ours && metadata.getDeletionTimestamp() == null) {
                revisions.add(pods(set));
            }
        }
        return revisions;
    }

    private static RevisionPods pods(ReplicaSet set) {
        ObjectMeta metadata = set.getMetadata();
        return new RevisionPods(
                metadata.getName(),
                metadata.getLabels().getOrDefault(Keys.HASH, ""),
                number(set.getSpec().getReplicas()),
                set.getStatus() == null ? 0 : number(set.getStatus().getAvailableReplicas()),
                (int) stamp(metadata, Keys.KEEP),
                stamp(metadata, Keys.KEEP_PLAN));
    }

    private static int number(@Nullable Integer value) {
        return value == null ? 0 : value;
    }

    private static long stamp(ObjectMeta metadata, String key) {
        String text = metadata.getAnnotations() == null ? null : metadata.getAnnotations().get(key);
        try {
            return text == null ? -1 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            return -1; // edited by hand: the arithmetic need counts
        }
    }

    @Override
    public Map<String, List<String>> readyPods(String namespace, List<String> services) {
        Map<String, Set<String>> pods = new LinkedHashMap<>();
        if (services.isEmpty()) {
            return Map.of();
        }
        for (EndpointSlice slice :
                client.discovery()
                        .v1()
                        .endpointSlices()
                        .inNamespace(namespace)
                        .withLabelIn(SERVICE_NAME, services.toArray(String[]::new))
                        .list()
                        .getItems()) {
            String service = slice.getMetadata().getLabels().get(SERVICE_NAME);
            for (Endpoint endpoint : slice.getEndpoints()) {
                if (isReady(endpoint) && endpoint.getTargetRef() != null) {
                    pods.computeIfAbsent(service, s -> new LinkedHashSet<>())
                            .add(endpoint.getTargetRef().getName());
                }
            }
        }
        Map<String, List<String>> lists = new LinkedHashMap<>();
        pods.forEach((service, names) -> lists.put(service, List.copyOf(names)));
        return lists;
    }

    private static boolean isReady(Endpoint endpoint) {
        return endpoint.getConditions() != null
                && Boolean.TRUE.equals(endpoint.getConditions().getReady())
                && !Boolean.TRUE.equals(endpoint.getConditions().getTerminating());
    }

    @Override
    public WriteResult write(Change change) {
        return switch (change) {
            case Change.Create(ObjectRef ref, ObjectNode body) ->
                    writes.create(resource(ref), body, Keys.FIELD_MANAGER);
            case Change.Merge(ObjectRef ref, ObjectNode patch) ->
                    writes.mergePatch(
                            resource(ref),
                            patch.path("metadata").path("resourceVersion").asText(),
                            patch,
                            Keys.FIELD_MANAGER);
            case Change.Operations(ObjectRef ref, var operations) ->
                    writes.jsonPatch(resource(ref), operations, Keys.FIELD_MANAGER);
            case Change.Delete(ObjectRef ref, String uid, String version) ->
                    writes.delete(resource(ref), uid, Optional.of(version));
        };
    }

    private static ResourceRef resource(ObjectRef ref) {
        int slash = ref.apiVersion().indexOf('/');
        String group = slash < 0 ? "" : ref.apiVersion().substring(0, slash);
        String plural =
                switch (ref.kind()) {
                    case "Ingress" -> "ingresses";
                    default -> ref.kind().toLowerCase(Locale.ROOT) + "s";
                };
        return ResourceRef.of(
                group, ref.apiVersion().substring(slash + 1), plural, ref.namespace(), ref.name());
    }
}
