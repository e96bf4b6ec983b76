package dev.sluice.router.adapter.k8s;

import dev.sluice.router.RouterMessages;
import dev.sluice.router.app.Agenda;
import dev.sluice.router.app.Cluster;
import dev.sluice.router.app.Looks;
import dev.sluice.router.app.RouteNotices;
import dev.sluice.router.app.ShiftFacts;
import dev.sluice.router.app.ShiftMeters;
import dev.sluice.router.app.TrafficShifter;
import dev.sluice.router.config.RouterSettings;
import dev.sluice.router.core.Keys;
import dev.sluice.runtime.KubernetesEvents;
import dev.sluice.runtime.OperatorTimer;
import dev.sluice.runtime.Outbox;
import dev.sluice.runtime.Ownership;
import dev.sluice.runtime.RuntimeConfig;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.OperatorException;
import io.javaoperatorsdk.operator.api.config.Cloner;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Starts and stops the watching. The service starts without a cluster too, and goes on trying.
@ApplicationScoped
class RouterLoop implements Looks {

    private static final Duration RETRY = Duration.ofSeconds(5);

    /// What watches deliver is read straight into these, not by way of the client's own classes.
    private static final List<Class<? extends KubernetesResource>> WATCHED =
            List.of(
                    RolloutResource.class,
                    ReplicaSetResource.class,
                    ServiceResource.class,
                    EndpointSliceResource.class);

    /// A clone protects a cache from writers; nothing here writes into what it was given (C3).
    private static final Cloner NO_CLONE =
            new Cloner() {
                @Override
                public <T extends HasMetadata> T clone(T object) {
                    return object;
                }
            };

    private final KubernetesClient client;
    private final RuntimeConfig config;
    private final RouterSettings settings;
    private final RolloutController controller;
    private final ServiceCleaner cleaner;
    private final ScheduledExecutorService background =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("router-background").factory());
    private @Nullable Operator operator;
    private boolean stopped;

    RouterLoop(
            KubernetesClient client,
            RuntimeConfig config,
            RouterSettings settings,
            Cluster cluster,
            Outbox outbox,
            KubernetesEvents events,
            Ownership ownership,
            Whereabouts whereabouts,
            ShiftMeters meters) {
        this.client = client;
        this.config = config;
        this.settings = settings;
        settings.check();
        WATCHED.forEach(client.getKubernetesSerialization()::registerKubernetesResource);
        InstantSource clock = InstantSource.system();
        TrafficShifter shifter =
                new TrafficShifter(
                        new TrafficShifter.Parts(
                                cluster,
                                new RouteNotices(events::record),
                                new ShiftFacts(config.cluster(), config.eventSource()),
                                outbox,
                                meters,
                                settings,
                                clock));
        this.controller =
                new RolloutController(shifter, new Agenda(settings, clock), ownership, whereabouts);
        this.cleaner = new ServiceCleaner(controller, cluster, client);
    }

    void onStart(@Observes StartupEvent event) {
        background.execute(this::start);
    }

    private synchronized void start() {
        if (stopped) {
            return;
        }
        Operator next =
                new Operator(
                        o ->
                                o.withKubernetesClient(client)
                                        .withCloseClientOnStop(false)
                                        .withStopOnInformerErrorDuringStartup(true)
                                        .withResourceCloner(NO_CLONE)
                                        .withUseSSAToPatchPrimaryResource(false)
                                        .withExecutorService(
                                                Executors.newVirtualThreadPerTaskExecutor()));
        String partition =
                config.instanceId().map(id -> Keys.INSTANCE + "=" + id).orElse("!" + Keys.INSTANCE);
        try {
            next.register(
                    controller,
                    c -> {
                        c.withName("router")
                                .withGenerationAware(false)
                                .withLabelSelector(partition)
                                .withRetry(
                                        new GenericRetry()
                                                .setInitialInterval(200)
                                                .setIntervalMultiplier(2)
                                                .setMaxInterval(10_000)
                                                .setMaxAttempts(Integer.MAX_VALUE));
                        config.namespace()
                                .ifPresentOrElse(c::settingNamespace, c::watchingAllNamespaces);
                    });
            next.start();
            OperatorTimer.keepThread(next);
        } catch (OperatorException e) {
            RouterMessages.LOG.cannotWatch(String.valueOf(e.getMessage()), RETRY.toString());
            stopQuietly(next);
            var _ = background.schedule(this::start, RETRY.toMillis(), TimeUnit.MILLISECONDS);
            return;
        }
        operator = next;
        RouterMessages.LOG.started(partition, config.namespace().orElse("all namespaces"));
        long interval = settings.cleanInterval().toMillis();
        var _ =
                background.scheduleWithFixedDelay(
                        this::clean, interval, interval, TimeUnit.MILLISECONDS);
    }

    private void clean() {
        try {
            cleaner.clean();
        } catch (RuntimeException e) {
            // an exception would end the schedule; the next round looks again
            RouterMessages.LOG.cleaningFailed(String.valueOf(e.getMessage()));
        }
    }

    private static void stopQuietly(Operator failed) {
        try {
            failed.stop();
        } catch (OperatorException e) {
            RouterMessages.LOG.debugf("a half-started operator did not stop: %s", e.getMessage());
        }
    }

    @Override
    public void hint(String namespace, String name, String uid, long attempt, long plan) {
        controller.hint(namespace, name, uid, attempt, plan);
    }

    void onStop(@Observes ShutdownEvent event) {
        background.shutdownNow();
        stop();
    }

    private synchronized void stop() {
        stopped = true;
        if (operator != null) {
            stopQuietly(operator);
        }
    }
}
