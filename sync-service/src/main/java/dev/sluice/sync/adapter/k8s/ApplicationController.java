package dev.sluice.sync.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.runtime.OperatorTimer;
import dev.sluice.runtime.Ownership;
import dev.sluice.runtime.RuntimeConfig;
import dev.sluice.sync.app.AppKey;
import dev.sluice.sync.app.ApplicationReconciler;
import dev.sluice.sync.app.Looks;
import dev.sluice.sync.app.SyncLog;
import dev.sluice.sync.core.ObjectKey;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;

/// The reconcile engine: an informer on Applications, one pass at a time per Application, on
/// virtual threads.
@ApplicationScoped
public class ApplicationController implements Looks {
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(3);

    private final KubernetesClient client;
    private final ApplicationReconciler reconciler;
    private final ManagedWatches watches;
    private final Ownership ownership;
    private final RuntimeConfig config;
    private final Loop loop = new Loop();
    private Optional<Operator> operator = Optional.empty();

    @Inject
    public ApplicationController(
            KubernetesClient client,
            ApplicationReconciler reconciler,
            ManagedWatches watches,
            Ownership ownership,
            RuntimeConfig config) {
        this.client = client;
        this.reconciler = reconciler;
        this.watches = watches;
        this.ownership = ownership;
        this.config = config;
    }

    void start(@Observes StartupEvent event) {
        Operator created =
                new Operator(
                        o ->
                                o.withKubernetesClient(client)
                                        .withCloseClientOnStop(false)
                                        .withStopOnInformerErrorDuringStartup(false)
                                        .withExecutorService(
                                                Executors.newVirtualThreadPerTaskExecutor()));
        created.register(
                loop,
                o -> {
                    o.withGenerationAware(false);
                    config.namespace().ifPresent(o::settingNamespace);
                });
        watches.onChange(this::look);
        ownership.onChange(
                () ->
                        known().forEach(
                                        app ->
                                                look(
                                                        new AppKey(
                                                                app.getMetadata().getNamespace(),
                                                                app.getMetadata().getName()))));
        created.start();
        OperatorTimer.keepThread(created);
        operator = Optional.of(created);
    }

    void stop(@Observes ShutdownEvent event) {
        operator.ifPresent(Operator::stop);
    }

    /// Asks for a pass soon.
    @Override
    public void look(AppKey key) {
        loop.inbound.propagateEvent(new ResourceID(key.name(), key.namespace()));
    }

    @Override
    public void lookAtOwners(String namespace, String rollout) {
        watches.owners(new ObjectKey("argoproj.io", "Rollout", namespace, rollout))
                .forEach(this::look);
    }

    /// The Applications as the informer knows them.
    public List<ApplicationResource> known() {
        return loop.cached();
    }

    /// Spec of a cached Application, or nothing at all.
    static Optional<JsonNode> spec(ApplicationResource application) {
        return Optional.ofNullable(application.getSpec());
    }

    @ControllerConfiguration(name = "applications")
    private final class Loop implements Reconciler<ApplicationResource> {
        private final SimpleInboundEventSource<ApplicationResource> inbound =
                new SimpleInboundEventSource<>("looks");
        private Optional<EventSourceContext<ApplicationResource>> sources = Optional.empty();

        @Override
        public List<EventSource<?, ApplicationResource>> prepareEventSources(
                EventSourceContext<ApplicationResource> context) {
            sources = Optional.of(context);
            return List.of(inbound);
        }

        List<ApplicationResource> cached() {
            return sources.map(s -> s.getPrimaryCache().list().toList()).orElse(List.of());
        }

        @Override
        public UpdateControl<ApplicationResource> reconcile(
                ApplicationResource resource, Context<ApplicationResource> context) {
            AppKey key =
                    new AppKey(
                            resource.getMetadata().getNamespace(),
                            resource.getMetadata().getName());
            if (!ownership.mine(resource.getMetadata().getUid())) {
                return UpdateControl.<ApplicationResource>noUpdate()
                        .rescheduleAfter(Duration.ofSeconds(30));
            }
            Duration next = AFTER_FAILURE;
            try {
                next = reconciler.reconcile(key);
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                // one bad object costs only itself: its next look is due all the same
                SyncLog.LOG.reconcileFailed(key.namespace(), key.name(), e);
            }
            return UpdateControl.<ApplicationResource>noUpdate().rescheduleAfter(next);
        }
    }
}
