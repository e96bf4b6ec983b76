package dev.sluice.bench;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Follows the fleet from outside, through a watch, and notes when things became visible.
final class Observations implements AutoCloseable {
    private static final String API = "argoproj.io/v1alpha1";

    private final SharedIndexInformer<GenericKubernetesResource> informer;
    private final Map<String, Instant> releasedAt = new ConcurrentHashMap<>();
    private final Map<String, Instant> planSeenAt = new ConcurrentHashMap<>();
    private final Map<String, String> image = new ConcurrentHashMap<>();
    private final Map<String, Boolean> firstStepSeen = new ConcurrentHashMap<>();
    private final Map<String, Boolean> healthy = new ConcurrentHashMap<>();
    private volatile CountDownLatch pending = new CountDownLatch(0);

    final Percentiles firstStep = new Percentiles();
    final Percentiles handshake = new Percentiles();

    Observations(KubernetesClient client, String namespace) {
        informer =
                client.genericKubernetesResources(API, "Rollout")
                        .inNamespace(namespace)
                        .inform(
                                new ResourceEventHandler<>() {
                                    @Override
                                    public void onAdd(GenericKubernetesResource rollout) {
                                        look(rollout);
                                    }

                                    @Override
                                    public void onUpdate(
                                            GenericKubernetesResource old,
                                            GenericKubernetesResource rollout) {
                                        look(rollout);
                                    }

                                    @Override
                                    public void onDelete(
                                            GenericKubernetesResource rollout, boolean unknown) {
                                        healthy.remove(rollout.getMetadata().getName());
                                    }
                                });
    }

    /// Starts waiting for this many rollouts to become healthy on `tag`.
    void expect(int rollouts) {
        healthy.clear();
        pending = new CountDownLatch(rollouts);
    }

    void released(String name, String tag, Instant at) {
        image.put(name, tag);
        releasedAt.put(name, at);
        firstStepSeen.remove(name);
    }

    /// Waits until all are healthy; answers how many are not.
    long await(Duration limit) {
        try {
            var _ = pending.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return pending.getCount();
    }

    private void look(GenericKubernetesResource rollout) {
        Instant now = Instant.now();
        String name = rollout.getMetadata().getName();
        firstStep(rollout, name, now);
        handshake(rollout, name, now);
        boolean isObserved =
                String.valueOf(rollout.getMetadata().getGeneration())
                        .equals(text(rollout, "status", "observedGeneration"));
        String wanted = image.get(name);
        boolean isPromoted =
                wanted != null
                        && isObserved
                        && "Healthy".equals(text(rollout, "status", "phase"))
                        && wanted.equals(tag(rollout));
        if (isPromoted && healthy.putIfAbsent(name, true) == null) {
            pending.countDown();
        }
    }

    private void firstStep(GenericKubernetesResource rollout, String name, Instant now) {
        Instant released = releasedAt.get(name);
        boolean isStarted =
                "1".equals(text(rollout, "status", "currentStepIndex"))
                        && !String.valueOf(text(rollout, "status", "stableRS"))
                                .equals(text(rollout, "status", "currentPodHash"));
        if (released != null && isStarted && firstStepSeen.putIfAbsent(name, true) == null) {
            firstStep.add(Duration.between(released, now));
        }
    }

    private void handshake(GenericKubernetesResource rollout, String name, Instant now) {
        String plan = text(rollout, "status", "trafficPlan", "id");
        if (plan == null) {
            return;
        }
        String observed = text(rollout, "status", "trafficPlan", "observed", "plan");
        String key = name + "/" + plan;
        if (plan.equals(observed)) {
            Instant seen = planSeenAt.remove(key);
            if (seen != null && releasedAt.containsKey(name)) {
                handshake.add(Duration.between(seen, now));
            }
        } else {
            planSeenAt.putIfAbsent(key, now);
        }
    }

    private static @Nullable String tag(GenericKubernetesResource rollout) {
        Object containers = find(rollout, "spec", "template", "spec", "containers");
        if (containers instanceof java.util.List<?> list
                && list.getFirst() instanceof Map<?, ?> first
                && first.get("image") instanceof String name) {
            return name.substring(name.lastIndexOf(':') + 1);
        }
        return null;
    }

    private static @Nullable String text(GenericKubernetesResource object, String... path) {
        Object value = find(object, path);
        return value == null ? null : value.toString();
    }

    private static @Nullable Object find(GenericKubernetesResource object, String... path) {
        Object value = object.getAdditionalProperties();
        for (String name : path) {
            if (!(value instanceof Map<?, ?> map)) {
                return null;
            }
            value = map.get(name);
        }
        return value;
    }

    @Override
    public void close() {
        informer.close();
    }
}
