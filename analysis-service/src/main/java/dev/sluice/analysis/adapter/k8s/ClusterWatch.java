package dev.sluice.analysis.adapter.k8s;

import dev.sluice.analysis.AnalysisMessages;
import dev.sluice.events.Topic;
import dev.sluice.runtime.EventStream;
import dev.sluice.runtime.OperatorTimer;
import dev.sluice.runtime.RuntimeConfig;
import dev.sluice.runtime.StreamOptions;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.OperatorException;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.processing.event.rate.LinearRateLimiter;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;

/// Starts and stops the watch on the cluster. An API server that is not there yet is waited for.
@ApplicationScoped
class ClusterWatch {
    private static final String INSTANCE_LABEL = "argo-rollouts.argoproj.io/controller-instance-id";
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final KubernetesClient client;
    private final AnalysisRunController controller;
    private final RuntimeConfig config;
    private final EventStream events;
    private volatile Optional<Operator> running = Optional.empty();
    private volatile Optional<Thread> starter = Optional.empty();

    ClusterWatch(
            KubernetesClient client,
            AnalysisRunController controller,
            RuntimeConfig config,
            EventStream events) {
        this.client = client;
        this.controller = controller;
        this.config = config;
        this.events = events;
    }

    void start(@Observes StartupEvent event) {
        // Nothing is learnt from our own topic: its partitions say which runs are ours (Ownership).
        events.subscribe(
                new StreamOptions(
                        "sluice-analysis",
                        List.of(Topic.ANALYSIS),
                        /* dedupe= */ false,
                        /* owning= */ true,
                        /* fromStart= */ false),
                _ -> {});
        starter =
                Optional.of(
                        Thread.ofVirtual().name("cluster-watch").start(this::startUntilItWorks));
    }

    private void startUntilItWorks() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Operator operator = operator();
                operator.start();
                OperatorTimer.keepThread(operator);
                running = Optional.of(operator);
                AnalysisMessages.LOG.started(
                        selector(), config.namespace().orElse("all namespaces"));
                return;
            } catch (OperatorException e) {
                AnalysisMessages.LOG.cannotWatch(String.valueOf(e.getMessage()), RETRY.toString());
            }
            try {
                Thread.sleep(RETRY);
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    private Operator operator() {
        Operator operator =
                new Operator(
                        overrider ->
                                overrider
                                        .withKubernetesClient(client)
                                        .withCloseClientOnStop(false)
                                        .withExecutorService(
                                                Executors.newVirtualThreadPerTaskExecutor())
                                        .withReconciliationTerminationTimeout(
                                                Duration.ofSeconds(3)));
        operator.register(controller, this::configure);
        return operator;
    }

    private void configure(ControllerConfigurationOverrider<AnalysisRunResource> overrider) {
        overrider
                .withName("analysisrun")
                .withGenerationAware(false)
                .withTriggerReconcilerOnAllEvents(true)
                .withLabelSelector(selector())
                .withRateLimiter(new LinearRateLimiter(Duration.ofSeconds(1), 20))
                .withReconciliationMaxInterval(Duration.ofMinutes(15))
                .withRetry(
                        new GenericRetry()
                                .setInitialInterval(200)
                                .setIntervalMultiplier(2)
                                .setMaxInterval(10_000)
                                .withoutMaxAttempts());
        config.namespace()
                .ifPresentOrElse(overrider::settingNamespace, overrider::watchingAllNamespaces);
    }

    private String selector() {
        return config.instanceId()
                .map(id -> INSTANCE_LABEL + "=" + id)
                .orElse("!" + INSTANCE_LABEL);
    }

    void stop(@Observes ShutdownEvent event) {
        starter.ifPresent(Thread::interrupt);
        running.ifPresent(Operator::stop);
    }
}
