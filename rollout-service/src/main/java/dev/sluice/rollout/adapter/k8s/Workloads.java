package dev.sluice.rollout.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.WorkloadTarget;
import dev.sluice.rollout.core.WorkloadTarget.Kind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.AnyNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The objects that `workloadRef`s name.
///
/// Nothing is watched before the first Rollout asks for a kind. Of the objects that no Rollout
/// refers to only the identity is kept, so the memory does not grow with other people's workloads
/// (C11).
final class Workloads {
    /// Who refers to an object, and who wants to know when it changes.
    interface Referrers {
        boolean exist(Kind kind, String namespace, String name);

        void changed(Kind kind, String namespace, String name);
    }

    private final KubernetesClient client;
    private final Optional<String> namespace;
    private final Referrers referrers;
    private final Map<Kind, Watched> watched = new ConcurrentHashMap<>();

    Workloads(KubernetesClient client, Optional<String> namespace, Referrers referrers) {
        this.client = client;
        this.namespace = namespace;
        this.referrers = referrers;
    }

    private record Watched(
            SharedIndexInformer<GenericKubernetesResource> informer, SlimStore store) {}

    /// The object as last seen; read from the API server itself while the cache does not have it.
    Optional<JsonNode> find(String inNamespace, WorkloadTarget target) {
        Watched kind = watched.computeIfAbsent(target.kind(), this::watch);
        String key = inNamespace + "/" + target.name();
        Optional<GenericKubernetesResource> cached = kind.store.whole(key);
        if (cached.isPresent() && kind.informer.hasSynced()) {
            return cached.map(this::json);
        }
        Optional<GenericKubernetesResource> read =
                Optional.ofNullable(
                        client.genericKubernetesResources(
                                        target.kind().apiVersion(), target.kind().kindName())
                                .inNamespace(inNamespace)
                                .withName(target.name())
                                .get());
        read.ifPresent(found -> kind.store.complete(key, found));
        return read.map(this::json);
    }

    private JsonNode json(GenericKubernetesResource resource) {
        return client.getKubernetesSerialization().convertValue(resource, ObjectNode.class);
    }

    void stop() {
        watched.values().forEach(kind -> kind.informer.stop());
        watched.clear();
    }

    private Watched watch(Kind kind) {
        SlimStore store = new SlimStore(o -> referrers.exist(kind, namespace(o), name(o)));
        SharedIndexInformer<GenericKubernetesResource> informer =
                objects(kind)
                        .runnableInformer(0)
                        .itemStore(store)
                        .exceptionHandler((_, _) -> true)
                        .addEventHandler(handler(kind));
        // Until it has caught up objects are read one by one, so nobody waits for it.
        var _ = informer.start();
        return new Watched(informer, store);
    }

    /// ReplicaSets of Rollouts are no workloads to refer to, and there are many of them.
    private Informable<GenericKubernetesResource> objects(Kind kind) {
        var all = client.genericKubernetesResources(kind.apiVersion(), kind.kindName());
        AnyNamespaceOperation<
                        GenericKubernetesResource,
                        GenericKubernetesResourceList,
                        Resource<GenericKubernetesResource>>
                inScope =
                        namespace.isPresent()
                                ? all.inNamespace(namespace.get())
                                : all.inAnyNamespace();
        return kind == Kind.REPLICA_SET ? inScope.withLabelSelector("!" + Names.HASH) : inScope;
    }

    private ResourceEventHandler<GenericKubernetesResource> handler(Kind kind) {
        return new ResourceEventHandler<>() {
            @Override
            public void onAdd(GenericKubernetesResource added) {
                referrers.changed(kind, namespace(added), name(added));
            }

            @Override
            public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource now) {
                referrers.changed(kind, namespace(now), name(now));
            }

            @Override
            public void onDelete(GenericKubernetesResource gone, boolean isFinalStateUnknown) {
                referrers.changed(kind, namespace(gone), name(gone));
            }
        };
    }

    private static String namespace(GenericKubernetesResource object) {
        return object.getMetadata().getNamespace();
    }

    private static String name(GenericKubernetesResource object) {
        return object.getMetadata().getName();
    }

    /// Keeps whole objects where somebody refers to them, else what an informer needs to follow
    /// them.
    private static final class SlimStore implements ItemStore<GenericKubernetesResource> {
        private final Map<String, GenericKubernetesResource> items = new ConcurrentHashMap<>();
        private final Predicate<GenericKubernetesResource> isReferenced;

        SlimStore(Predicate<GenericKubernetesResource> isReferenced) {
            this.isReferenced = isReferenced;
        }

        Optional<GenericKubernetesResource> whole(String key) {
            return Optional.ofNullable(items.get(key)).filter(SlimStore::isWhole);
        }

        /// Somebody refers to an object of which only the identity was kept.
        void complete(String key, GenericKubernetesResource object) {
            items.computeIfPresent(key, (_, present) -> isWhole(present) ? present : slim(object));
        }

        private static boolean isWhole(GenericKubernetesResource object) {
            return !object.getAdditionalProperties().isEmpty();
        }

        private static GenericKubernetesResource slim(GenericKubernetesResource object) {
            object.setMetadata(Slim.metadata(object.getMetadata()));
            object.getAdditionalProperties().remove("status");
            return object;
        }

        private static GenericKubernetesResource identity(GenericKubernetesResource object) {
            ObjectMeta metadata = new ObjectMeta();
            metadata.setNamespace(namespace(object));
            metadata.setName(name(object));
            metadata.setUid(object.getMetadata().getUid());
            metadata.setResourceVersion(object.getMetadata().getResourceVersion());
            GenericKubernetesResource identity = new GenericKubernetesResource();
            identity.setMetadata(metadata);
            return identity;
        }

        @Override
        public String getKey(GenericKubernetesResource object) {
            return namespace(object) + "/" + name(object);
        }

        @Override
        public @Nullable GenericKubernetesResource put(
                String key, GenericKubernetesResource object) {
            return items.put(key, isReferenced.test(object) ? slim(object) : identity(object));
        }

        @Override
        public @Nullable GenericKubernetesResource remove(String key) {
            return items.remove(key);
        }

        @Override
        public Stream<String> keySet() {
            return items.keySet().stream();
        }

        @Override
        public Stream<GenericKubernetesResource> values() {
            return items.values().stream();
        }

        @Override
        public @Nullable GenericKubernetesResource get(String key) {
            return items.get(key);
        }

        @Override
        public int size() {
            return items.size();
        }

        @Override
        public boolean isFullState() {
            return false;
        }
    }
}
