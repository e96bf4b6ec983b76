package dev.sluice.bench;

import dev.sluice.testkit.Progress;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
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
    private static final Duration PROGRESS = Duration.ofSeconds(20);

    private final SharedIndexInformer<GenericKubernetesResource> informer;
    private final SharedIndexInformer<EndpointSlice> endpoints;
    private final Map<String, Instant> releasedAt = new ConcurrentHashMap<>();
    private final Map<String, String> image = new ConcurrentHashMap<>();
    private final Map<String, Boolean> firstStepSeen = new ConcurrentHashMap<>();
    private final Map<String, Boolean> healthy = new ConcurrentHashMap<>();
    private volatile CountDownLatch pending = new CountDownLatch(0);

    final Percentiles firstStep = new Percentiles();
    final Handshakes handshakes = new Handshakes();

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
        endpoints =
                client.discovery()
                        .v1()
                        .endpointSlices()
                        .inNamespace(namespace)
                        .inform(
                                new ResourceEventHandler<>() {
                                    @Override
                                    public void onAdd(EndpointSlice slice) {
                                        note(slice);
                                    }

                                    @Override
                                    public void onUpdate(EndpointSlice old, EndpointSlice slice) {
                                        note(slice);
                                    }

                                    @Override
                                    public void onDelete(EndpointSlice slice, boolean unknown) {
                                        note(slice);
                                    }
                                });
    }

    private void note(EndpointSlice slice) {
        String service = slice.getMetadata().getLabels().get("kubernetes.io/service-name");
        if (service != null && service.contains("-")) {
            String rollout = service.substring(0, service.lastIndexOf('-'));
            handshakes.endpointsChanged(rollout, Instant.now());
        }
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
        Instant end = Instant.now().plus(limit);
        try {
            while (!pending.await(PROGRESS.toMillis(), TimeUnit.MILLISECONDS)
                    && Instant.now().isBefore(end)) {
                Progress.say("waiting for %d", pending.getCount());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return pending.getCount();
    }

    private void look(GenericKubernetesResource rollout) {
        Instant now = Instant.now();
        String name = rollout.getMetadata().getName();
        firstStep(rollout, name, now);
        handshakes.look(rollout, now);
        boolean isObserved =
                String.valueOf(rollout.getMetadata().getGeneration())
                        .equals(Fields.text(rollout, "status", "observedGeneration"));
        String wanted = image.get(name);
        boolean isPromoted =
                wanted != null
                        && isObserved
                        && "Healthy".equals(Fields.text(rollout, "status", "phase"))
                        && wanted.equals(tag(rollout));
        if (isPromoted && healthy.putIfAbsent(name, true) == null) {
            pending.countDown();
        }
    }

    private void firstStep(GenericKubernetesResource rollout, String name, Instant now) {
        Instant released = releasedAt.get(name);
        boolean isStarted =
                "1".equals(Fields.text(rollout, "status", "currentStepIndex"))
                        && !String.valueOf(Fields.text(rollout, "status", "stableRS"))
                                .equals(Fields.text(rollout, "status", "currentPodHash"));
        if (released != null && isStarted && firstStepSeen.putIfAbsent(name, true) == null) {
            firstStep.add(Duration.between(released, now));
        }
    }

    private static @Nullable String tag(GenericKubernetesResource rollout) {
        Object containers = Fields.find(rollout, "spec", "template", "spec", "containers");
        if (containers instanceof java.util.List<?> list
                && list.getFirst() instanceof Map<?, ?> first
                && first.get("image") instanceof String name) {
            return name.substring(name.lastIndexOf(':') + 1);
        }
        return null;
    }

    @Override
    public void close() {
        informer.close();
        endpoints.close();
    }
}
