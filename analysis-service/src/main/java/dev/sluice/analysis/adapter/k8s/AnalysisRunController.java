package dev.sluice.analysis.adapter.k8s;

import dev.sluice.analysis.app.RunMetrics;
import dev.sluice.analysis.app.RunReconciler;
import dev.sluice.analysis.config.AnalysisConfig;
import dev.sluice.analysis.core.AnalysisRun;
import dev.sluice.runtime.Ownership;
import dev.sluice.runtime.SeenVersions;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Hands each AnalysisRun that changed, is due, or whose Job changed to the main path.
@ApplicationScoped
class AnalysisRunController implements Reconciler<AnalysisRunResource> {
    private static final Duration SOON = Duration.ofMillis(100);

    private final RunReconciler reconciler;
    private final Ownership ownership;
    private final SeenVersions versions;
    private final RunMetrics metrics;
    private final AnalysisConfig config;

    AnalysisRunController(
            RunReconciler reconciler,
            Ownership ownership,
            SeenVersions versions,
            RunMetrics metrics,
            AnalysisConfig config) {
        this.reconciler = reconciler;
        this.ownership = ownership;
        this.versions = versions;
        this.metrics = metrics;
        this.config = config;
    }

    @Override
    public List<EventSource<?, AnalysisRunResource>> prepareEventSources(
            EventSourceContext<AnalysisRunResource> context) {
        InformerEventSourceConfiguration<Job> jobs =
                InformerEventSourceConfiguration.from(Job.class, AnalysisRunResource.class)
                        .withLabelSelector(JobProvider.UID_LABEL)
                        .withNamespacesInheritedFromController()
                        .withSecondaryToPrimaryMapper(AnalysisRunController::runOf)
                        .build();
        return List.of(new InformerEventSource<>(jobs, context));
    }

    private static Set<ResourceID> runOf(Job job) {
        Map<String, String> annotations =
                Optional.ofNullable(job.getMetadata().getAnnotations()).orElse(Map.of());
        String name = annotations.get(JobProvider.NAME_ANNOTATION);
        String namespace =
                annotations.getOrDefault(
                        JobProvider.NAMESPACE_ANNOTATION, job.getMetadata().getNamespace());
        return name == null ? Set.of() : Set.of(new ResourceID(name, namespace));
    }

    @Override
    public UpdateControl<AnalysisRunResource> reconcile(
            AnalysisRunResource resource, Context<AnalysisRunResource> context) {
        String uid = resource.getMetadata().getUid();
        String namespace = resource.getMetadata().getNamespace();
        String name = resource.getMetadata().getName();
        if (context.isPrimaryResourceDeleted()) {
            versions.forget(uid);
            metrics.gone(namespace, name);
            return UpdateControl.noUpdate();
        }
        if (resource.isMarkedForDeletion()) {
            return UpdateControl.noUpdate();
        }
        if (!ownership.mine(uid)) {
            metrics.gone(namespace, name);
            return UpdateControl.<AnalysisRunResource>noUpdate().rescheduleAfter(config.resync());
        }
        // Read your writes (C2): nothing is decided on a copy that is older than our own last
        // write.
        if (versions.isBehind(uid, resource.getMetadata().getResourceVersion())) {
            return UpdateControl.<AnalysisRunResource>noUpdate().rescheduleAfter(SOON);
        }
        AnalysisRun run = RunMapper.toRun(resource);
        metrics.seen(run);
        long start = System.nanoTime();
        boolean failed = true;
        try {
            Optional<Duration> again = reconciler.reconcile(run);
            failed = false;
            UpdateControl<AnalysisRunResource> control = UpdateControl.noUpdate();
            again.ifPresent(control::rescheduleAfter);
            return control;
        } finally {
            metrics.reconciled(
                    namespace, name, Duration.ofNanos(System.nanoTime() - start), failed);
        }
    }
}
