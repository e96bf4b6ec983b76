package dev.sluice.router.adapter.k8s;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/// Which ReplicaSets a Rollout has and which EndpointSlices a Service, by name, as the informers
/// have it. Their content is never taken from here: it is read anew wherever it matters (T3). One
/// that is too new to be known counts as one without pods, and its arrival causes another look.
@ApplicationScoped
class Whereabouts {

    static final String OWNER = "owner";
    static final String EXPERIMENT = "experiment";
    static final String SERVICE = "service";
    static final String SERVICE_NAME = "kubernetes.io/service-name";

    private record Caches(
            IndexerResourceCache<ReplicaSetResource> replicaSets,
            IndexerResourceCache<EndpointSliceResource> slices) {}

    private volatile Optional<Caches> caches = Optional.empty();

    void are(
            IndexerResourceCache<ReplicaSetResource> replicaSets,
            IndexerResourceCache<EndpointSliceResource> slices) {
        caches = Optional.of(new Caches(replicaSets, slices));
    }

    /// Those with pods; the rest is a Rollout's history.
    List<String> replicaSets(String rolloutUid) {
        return caches.map(
                        c ->
                                names(
                                        c.replicaSets().byIndex(OWNER, rolloutUid).stream()
                                                .filter(set -> !set.isEmpty())
                                                .toList()))
                .orElse(List.of());
    }

    /// ReplicaSets of experiments with one of these revisions.
    List<String> experiments(String namespace, List<String> hashes) {
        return caches.map(
                        c ->
                                names(
                                        hashes.stream()
                                                .flatMap(
                                                        hash ->
                                                                c
                                                                        .replicaSets()
                                                                        .byIndex(
                                                                                EXPERIMENT,
                                                                                key(
                                                                                        namespace,
                                                                                        hash))
                                                                        .stream())
                                                .toList()))
                .orElse(List.of());
    }

    List<String> slices(String namespace, String service) {
        return caches.map(c -> names(c.slices().byIndex(SERVICE, key(namespace, service))))
                .orElse(List.of());
    }

    static String key(String namespace, String service) {
        return namespace + "/" + service;
    }

    private static List<String> names(List<? extends HasMetadata> objects) {
        return objects.stream().map(o -> o.getMetadata().getName()).sorted().toList();
    }
}
