package dev.sluice.rollout.adapter.k8s;

import dev.sluice.rollout.RolloutMessages;
import dev.sluice.rollout.app.AnalysisTemplates;
import dev.sluice.rollout.app.Announcements;
import dev.sluice.rollout.app.Cluster;
import dev.sluice.rollout.app.EventWaiters;
import dev.sluice.rollout.app.ExperimentGauges;
import dev.sluice.rollout.app.ExperimentReconciler;
import dev.sluice.rollout.app.Explained;
import dev.sluice.rollout.app.Gauges;
import dev.sluice.rollout.app.Looks;
import dev.sluice.rollout.app.Notices;
import dev.sluice.rollout.app.Origins;
import dev.sluice.rollout.app.RolloutReconciler;
import dev.sluice.rollout.app.Rollouts;
import dev.sluice.rollout.config.RolloutServiceConfig;
import dev.sluice.rollout.core.Names;
import dev.sluice.runtime.ConditionalWrites;
import dev.sluice.runtime.KubernetesEvents;
import dev.sluice.runtime.OperatorTimer;
import dev.sluice.runtime.Ownership;
import dev.sluice.runtime.RuntimeConfig;
import dev.sluice.runtime.SeenVersions;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.OperatorException;
import io.javaoperatorsdk.operator.api.config.Cloner;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.processing.event.rate.LinearRateLimiter;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/// Runs the controller on the Java Operator SDK: one virtual thread per Rollout that is being
/// worked on, never two for the same one.
public final class RolloutOperator implements Looks {
    private static final Duration RETRY_START = Duration.ofSeconds(2);

    /// What watches deliver is read straight into these, not by way of the client's own classes.
    private static final List<Class<? extends Cached>> WATCHED =
            List.of(
                    RolloutResource.class,
                    ReplicaSetResource.class,
                    AnalysisRunResource.class,
                    ExperimentResource.class,
                    ServiceResource.class,
                    IngressResource.class,
                    AnalysisTemplateResource.class,
                    ClusterAnalysisTemplateResource.class,
                    NamespaceResource.class);

    /// A clone protects a cache from writers; nothing here writes into what it was given (C3).
    private static final Cloner NO_CLONE =
            new Cloner() {
                @Override
                public <T extends io.fabric8.kubernetes.api.model.HasMetadata> T clone(T object) {
                    return object;
                }
            };

    private final KubernetesClient client;
    private final RuntimeConfig common;
    private final RolloutServiceConfig config;
    private final KubernetesCluster cluster;
    private final Notices notices;
    private final RolloutController controller;
    private final ExperimentController experiments;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicReference<Operator> running = new AtomicReference<>();
    private final AtomicBoolean isStopping = new AtomicBoolean();

    /// What the platform gives.
    public record Platform(
            KubernetesClient client,
            ConditionalWrites writes,
            SeenVersions versions,
            KubernetesEvents events,
            Ownership ownership,
            RuntimeConfig common,
            RolloutServiceConfig config,
            InstantSource clock) {}

    public RolloutOperator(
            Platform platform,
            Announcements facts,
            Gauges gauges,
            ExperimentGauges experimentGauges,
            Origins origins) {
        this.client = platform.client();
        WATCHED.forEach(client.getKubernetesSerialization()::registerKubernetesResource);
        this.common = platform.common();
        this.config = platform.config();
        TakenNames taken = new TakenNames();
        Writes writes = new Writes(platform.writes(), platform.versions());
        this.cluster =
                new KubernetesCluster(
                        writes, taken, new PodWrites(platform.client(), platform.writes()));
        this.notices = new RolloutEvents(platform.events());
        RolloutReconciler reconciler =
                new RolloutReconciler(cluster, facts, notices, gauges, origins, platform.clock());
        this.experiments =
                new ExperimentController(
                        new ExperimentController.Parts(
                                new ExperimentObserver(client, platform.versions()),
                                new ExperimentReconciler(
                                        new KubernetesExperiments(writes),
                                        new ExperimentEvents(platform.events()),
                                        experimentGauges,
                                        platform.clock()),
                                platform.ownership(),
                                platform.versions(),
                                experimentGauges,
                                config,
                                platform.clock(),
                                this::filledCaches));
        this.controller =
                new RolloutController(
                        new RolloutController.Parts(
                                new RolloutObserver(
                                        client,
                                        platform.writes(),
                                        platform.versions(),
                                        taken,
                                        platform.clock(),
                                        experiments::of),
                                reconciler,
                                platform.ownership(),
                                platform.versions(),
                                taken,
                                origins,
                                facts,
                                notices,
                                gauges,
                                config,
                                partition(common.instanceId()),
                                common.namespace(),
                                platform.clock(),
                                experiments,
                                this::isWatching));
    }

    /// Writes, for the command desk.
    public Cluster cluster() {
        return cluster;
    }

    /// Fresh reads, for the command desk.
    public Rollouts rollouts() {
        return cluster;
    }

    /// Why each Rollout is where it is, for the API.
    public Explained.Board board() {
        return controller::explained;
    }

    /// Which Rollouts wait for events, for the gate desk.
    public EventWaiters waiters() {
        return controller::waitingForEvents;
    }

    @Override
    public void at(String namespace, String name) {
        controller.at(namespace, name);
    }

    public AnalysisTemplates analysisTemplates() {
        return () -> filledCaches().map(Caches::analysisTemplates).orElse(List.of());
    }

    /// Whether all caches were filled once; before that nothing is decided (C12).
    public boolean isWatching() {
        return running.get() != null;
    }

    private Optional<Caches> filledCaches() {
        return isWatching() ? controller.caches() : Optional.empty();
    }

    /// Starts watching, and keeps trying while the API server or the CRDs are missing.
    public void start() {
        Thread.ofVirtual().name("rollout-operator").start(this::startUntilItWorks);
    }

    private void startUntilItWorks() {
        while (!isStopping.get() && !Thread.currentThread().isInterrupted()) {
            Operator operator = new Operator(this::configure);
            try {
                operator.register(controller, overrider -> configure(overrider, "rollouts"));
                operator.register(experiments, overrider -> configure(overrider, "experiments"));
                operator.start();
                OperatorTimer.keepThread(operator);
                running.set(operator);
                RolloutMessages.LOG.started(
                        common.instanceId().map(id -> "instance " + id).orElse("no instance id"),
                        common.namespace().map(n -> "namespace " + n).orElse("all namespaces"));
                return;
            } catch (OperatorException | io.fabric8.kubernetes.client.KubernetesClientException e) {
                RolloutMessages.LOG.cannotWatch(String.valueOf(e), RETRY_START.toString());
                stopQuietly(operator);
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY_START);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void stopQuietly(Operator operator) {
        try {
            operator.stop();
        } catch (OperatorException e) {
            RolloutMessages.LOG.debugf(e, "The operator that did not start did not stop either");
        }
    }

    /// Lets running reconciles finish, then stops watching.
    public void stop() {
        isStopping.set(true);
        Operator operator = running.getAndSet(null);
        if (operator != null) {
            stopQuietly(operator);
        }
        controller.stop();
        workers.shutdown();
    }

    private void configure(ConfigurationServiceOverrider overrider) {
        overrider
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withExecutorService(workers)
                .withResourceCloner(NO_CLONE)
                .withUseSSAToPatchPrimaryResource(false)
                .withStopOnInformerErrorDuringStartup(false)
                .withReconciliationTerminationTimeout(config.shutdownGrace());
    }

    private <R extends HasMetadata> void configure(
            ControllerConfigurationOverrider<R> overrider, String name) {
        overrider
                .withName(name)
                .withLabelSelector(partition(common.instanceId()))
                .withGenerationAware(false)
                .withTriggerReconcilerOnAllEvents(true)
                .withReconciliationMaxInterval(config.resync())
                .withRateLimiter(
                        new LinearRateLimiter(Duration.ofSeconds(1), config.looksPerSecond()))
                .withRetry(
                        new GenericRetry()
                                .setInitialInterval(10L)
                                .setIntervalMultiplier(2)
                                .setMaxInterval(config.maxBackoff().toMillis())
                                .withoutMaxAttempts());
        common.namespace()
                .ifPresentOrElse(overrider::settingNamespace, overrider::watchingAllNamespaces);
    }

    /// Label selector of this installation's part of the custom resources.
    static String partition(Optional<String> instanceId) {
        return instanceId
                .filter(id -> !id.isBlank())
                .map(id -> Names.INSTANCE_ID + "=" + id)
                .orElse("!" + Names.INSTANCE_ID);
    }
}
