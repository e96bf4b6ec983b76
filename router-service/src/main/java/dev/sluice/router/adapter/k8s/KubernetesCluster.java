package dev.sluice.router.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.app.Cluster;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.Keys;
import dev.sluice.router.core.Lingering;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.Selection;
import dev.sluice.runtime.ConditionalWrites;
import dev.sluice.runtime.ResourceRef;
import dev.sluice.runtime.WriteResult;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Fresh reads and conditional writes against the API server.
///
/// Pods are counted object by object: a list would cost the API server a walk over everybody's
/// objects, and would wait until its cache has caught up.
@ApplicationScoped
class KubernetesCluster implements Cluster {

    private final KubernetesClient client;
    private final ConditionalWrites writes;
    private final Whereabouts whereabouts;

    KubernetesCluster(KubernetesClient client, ConditionalWrites writes, Whereabouts whereabouts) {
        this.client = client;
        this.writes = writes;
        this.whereabouts = whereabouts;
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

    /// All at the same time: a look then takes as long as its slowest read.
    @Override
    public Map<ObjectRef, JsonNode> readAll(Collection<ObjectRef> refs) {
        List<ObjectRef> wanted = List.copyOf(refs);
        List<Optional<ObjectNode>> answers =
                writes.readAll(wanted.stream().map(KubernetesCluster::resource).toList());
        Map<ObjectRef, JsonNode> found = new LinkedHashMap<>();
        for (int i = 0; i < wanted.size(); i++) {
            ObjectRef ref = wanted.get(i);
            answers.get(i).ifPresent(object -> found.put(ref, object));
        }
        return found;
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
        return replicaSets(namespace, whereabouts.experiments(namespace, hashes))
                .filter(set -> !set.path("metadata").hasNonNull("deletionTimestamp"))
                .map(KubernetesCluster::pods)
                .toList();
    }

    @Override
    public List<RevisionPods> revisions(String namespace, String rolloutUid) {
        return replicaSets(namespace, whereabouts.replicaSets(rolloutUid))
                .filter(set -> isLiving(set, rolloutUid))
                .map(KubernetesCluster::pods)
                .toList();
    }

    private Stream<ObjectNode> replicaSets(String namespace, List<String> names) {
        return writes
                .readAll(
                        names.stream()
                                .map(n -> ResourceRef.of("apps", "v1", "replicasets", namespace, n))
                                .toList())
                .stream()
                .flatMap(Optional::stream);
    }

    private static boolean isLiving(JsonNode set, String rolloutUid) {
        JsonNode metadata = set.path("metadata");
        if (metadata.hasNonNull("deletionTimestamp")) {
            return false;
        }
        for (JsonNode owner : metadata.path("ownerReferences")) {
            if (owner.path("uid").asText().equals(rolloutUid)) {
                return true;
            }
        }
        return false;
    }

    private static RevisionPods pods(JsonNode set) {
        JsonNode metadata = set.path("metadata");
        return new RevisionPods(
                metadata.path("name").asText(),
                metadata.path("labels").path(Keys.HASH).asText(""),
                set.path("spec").path("replicas").asInt(0),
                set.path("status").path("availableReplicas").asInt(0));
    }

    @Override
    public Map<String, Endpoints> endpoints(String namespace, List<String> services) {
        Map<String, Endpoints> all = new LinkedHashMap<>();
        for (String service : services) {
            Set<String> ready = new LinkedHashSet<>();
            List<Instant> changes = new ArrayList<>();
            List<ResourceRef> slices =
                    whereabouts.slices(namespace, service).stream()
                            .map(
                                    name ->
                                            ResourceRef.of(
                                                    "discovery.k8s.io",
                                                    "v1",
                                                    "endpointslices",
                                                    namespace,
                                                    name))
                            .toList();
            for (Optional<ObjectNode> slice : writes.readAll(slices)) {
                slice.ifPresent(
                        found -> {
                            collectReady(found, ready);
                            changes.addAll(Lingering.writtenAt(found, _ -> true));
                        });
            }
            Optional<Instant> latest = changes.stream().max(Instant::compareTo);
            all.put(service, new Endpoints(List.copyOf(ready), latest));
        }
        return all;
    }

    private static void collectReady(JsonNode slice, Set<String> ready) {
        for (JsonNode endpoint : slice.path("endpoints")) {
            JsonNode conditions = endpoint.path("conditions");
            String pod = endpoint.path("targetRef").path("name").asText("");
            if (conditions.path("ready").asBoolean(false)
                    && !conditions.path("terminating").asBoolean(false)
                    && !pod.isEmpty()) {
                ready.add(pod);
            }
        }
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
