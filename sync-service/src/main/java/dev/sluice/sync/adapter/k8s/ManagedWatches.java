package dev.sluice.sync.adapter.k8s;

import dev.sluice.runtime.RuntimeConfig;
import dev.sluice.sync.app.AppKey;
import dev.sluice.sync.app.ClusterObjects.Wanted;
import dev.sluice.sync.app.SyncLog;
import dev.sluice.sync.core.ObjectKey;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/// One watch per managed kind, without a cache: an event only says which application to look at.
/// Secrets are never watched; their drift shows at the next poll.
@ApplicationScoped
public class ManagedWatches {
    private static final long AGAIN_SECONDS = 2;
    private static final long TOGETHER_MILLIS = 150;

    private final KubernetesClient client;
    private final Optional<String> namespace;
    private final Map<ObjectKey, Set<AppKey>> index = new ConcurrentHashMap<>();
    private final Map<AppKey, Set<ObjectKey>> managed = new ConcurrentHashMap<>();
    private final Map<String, Watch> watches = new ConcurrentHashMap<>();
    private final Set<AppKey> waiting = ConcurrentHashMap.newKeySet();
    private final List<Consumer<AppKey>> listeners = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("sync-watches").factory());

    @Inject
    public ManagedWatches(KubernetesClient client, RuntimeConfig config) {
        this.client = client;
        this.namespace = config.namespace();
    }

    void onChange(Consumer<AppKey> listener) {
        listeners.add(listener);
    }

    void want(
            AppKey application,
            List<Wanted> objects,
            Function<Wanted, Optional<Discovery.Resource>> resources) {
        Set<ObjectKey> now = new HashSet<>();
        for (Wanted object : objects) {
            now.add(object.key());
            index.computeIfAbsent(object.key(), _ -> ConcurrentHashMap.newKeySet())
                    .add(application);
            if (!object.key().isSecret()) {
                resources.apply(object).ifPresent(this::tryToWatch);
            }
        }
        Set<ObjectKey> before = managed.put(application, now);
        if (before != null) {
            before.stream()
                    .filter(key -> !now.contains(key))
                    .forEach(key -> release(key, application));
        }
    }

    void forget(AppKey application) {
        Set<ObjectKey> before = managed.remove(application);
        if (before != null) {
            before.forEach(key -> release(key, application));
        }
    }

    Set<AppKey> owners(ObjectKey key) {
        return Set.copyOf(index.getOrDefault(key, Set.of()));
    }

    private void release(ObjectKey key, AppKey application) {
        index.computeIfPresent(
                key,
                (_, apps) -> {
                    apps.remove(application);
                    return apps.isEmpty() ? null : apps;
                });
    }

    /// A kind that can't be watched (no permission, say) is looked at with each poll instead.
    private void tryToWatch(Discovery.Resource resource) {
        try {
            ensure(resource);
        } catch (RuntimeException e) {
            SyncLog.LOG.watchEnded(resource.kind(), String.valueOf(e.getMessage()));
        }
    }

    private void ensure(Discovery.Resource resource) {
        watches.computeIfAbsent(resource.apiVersion() + "/" + resource.kind(), _ -> open(resource));
    }

    private Watch open(Discovery.Resource resource) {
        ResourceDefinitionContext context =
                new ResourceDefinitionContext.Builder()
                        .withGroup(resource.group())
                        .withVersion(resource.version())
                        .withKind(resource.kind())
                        .withPlural(resource.plural())
                        .withNamespaced(resource.namespaced())
                        .build();
        var resources = client.genericKubernetesResources(context);
        Watcher<GenericKubernetesResource> watcher =
                new Watcher<>() {
                    @Override
                    public void eventReceived(Action action, GenericKubernetesResource object) {
                        changed(resource, object);
                    }

                    @Override
                    public void onClose(WatcherException cause) {
                        again(resource, String.valueOf(cause.getMessage()));
                    }
                };
        if (!resource.namespaced()) {
            return resources.watch(watcher);
        }
        return namespace.isPresent()
                ? resources.inNamespace(namespace.get()).watch(watcher)
                : resources.inAnyNamespace().watch(watcher);
    }

    private void again(Discovery.Resource resource, String reason) {
        SyncLog.LOG.watchEnded(resource.kind(), reason);
        later(
                AGAIN_SECONDS * 1000,
                () -> {
                    watches.remove(resource.apiVersion() + "/" + resource.kind());
                    try {
                        ensure(resource);
                    } catch (RuntimeException e) {
                        again(resource, String.valueOf(e.getMessage()));
                    }
                });
    }

    /// The tasks report their own failures; nothing is learnt from the future.
    private void later(long millis, Runnable task) {
        ScheduledFuture<?> scheduled = timer.schedule(task, millis, TimeUnit.MILLISECONDS);
        if (scheduled.isCancelled()) {
            waiting.clear();
        }
    }

    private void changed(Discovery.Resource resource, GenericKubernetesResource object) {
        if (object == null || object.getMetadata() == null) {
            return;
        }
        String where = object.getMetadata().getNamespace();
        ObjectKey key =
                new ObjectKey(
                        resource.group(),
                        resource.kind(),
                        where == null ? "" : where,
                        object.getMetadata().getName());
        for (AppKey application : index.getOrDefault(key, Set.of())) {
            // several changes of one application within a moment are one look
            if (waiting.add(application)) {
                later(
                        TOGETHER_MILLIS,
                        () -> {
                            waiting.remove(application);
                            listeners.forEach(listener -> listener.accept(application));
                        });
            }
        }
    }

    @PreDestroy
    void stop() {
        timer.shutdownNow();
        watches.values().forEach(Watch::close);
    }
}
