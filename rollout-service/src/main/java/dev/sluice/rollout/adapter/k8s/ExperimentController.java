package dev.sluice.rollout.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.app.ExperimentGauges;
import dev.sluice.rollout.app.ExperimentReconciler;
import dev.sluice.rollout.app.Looks;
import dev.sluice.rollout.config.RolloutServiceConfig;
import dev.sluice.rollout.core.experiment.Experiment;
import dev.sluice.rollout.core.experiment.ExperimentObservation;
import dev.sluice.runtime.Ownership;
import dev.sluice.runtime.SeenVersions;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/// What makes rollout-service look at an Experiment: its own changes, those of what it controls and
/// of its Rollout, and time. ReplicaSets, Services and AnalysisRuns are watched once for both
/// kinds, by [Caches].
final class ExperimentController implements Reconciler<ExperimentResource>, Looks {
    private final ExperimentObserver observer;
    private final ExperimentReconciler reconciler;
    private final Ownership ownership;
    private final SeenVersions versions;
    private final ExperimentGauges gauges;
    private final RolloutServiceConfig config;
    private final InstantSource clock;
    private final Supplier<Optional<Caches>> caches;
    private final AtomicReference<ExperimentCache> cache = new AtomicReference<>();
    private final NextLook nextLook;
    private final Map<String, String> toldRollout = new ConcurrentHashMap<>();

    /// What the controller works with, and how.
    ///
    /// @param caches empty until all of them were filled once (C12)
    record Parts(
            ExperimentObserver observer,
            ExperimentReconciler reconciler,
            Ownership ownership,
            SeenVersions versions,
            ExperimentGauges gauges,
            RolloutServiceConfig config,
            InstantSource clock,
            Supplier<Optional<Caches>> caches) {}

    ExperimentController(Parts parts) {
        this.observer = parts.observer();
        this.reconciler = parts.reconciler();
        this.ownership = parts.ownership();
        this.versions = parts.versions();
        this.gauges = parts.gauges();
        this.config = parts.config();
        this.clock = parts.clock();
        this.caches = parts.caches();
        this.nextLook = new NextLook(config.conflictDelay(), clock);
    }

    @Override
    public List<EventSource<?, ExperimentResource>> prepareEventSources(
            EventSourceContext<ExperimentResource> context) {
        ExperimentCache created = new ExperimentCache(context);
        cache.set(created);
        ownership.onChange(created::hintAll);
        return created.sources();
    }

    @Override
    public void at(String namespace, String name) {
        ExperimentCache present = cache.get();
        if (present != null) {
            present.hint(namespace, name);
        }
    }

    /// The Experiments that a Rollout controls.
    List<ExperimentResource> of(String rolloutUid) {
        ExperimentCache present = cache.get();
        return present == null ? List.of() : present.of(rolloutUid);
    }

    @Override
    public UpdateControl<ExperimentResource> reconcile(
            ExperimentResource resource, Context<ExperimentResource> context) {
        ObjectMeta metadata = resource.getMetadata();
        Optional<Caches> present = caches.get();
        String uid = metadata.getUid();
        boolean isGone =
                context.isPrimaryResourceDeleted() || metadata.getDeletionTimestamp() != null;
        present.ifPresent(c -> lookAtRollout(resource, c, isGone));
        if (isGone) {
            nextLook.forget(uid);
            toldRollout.remove(uid);
            versions.forget(uid);
            gauges.forget(uid);
            return UpdateControl.noUpdate();
        }
        if (present.isEmpty()) {
            return NextLook.after(NextLook.CATCH_UP);
        }
        if (!ownership.mine(uid)) {
            gauges.forget(uid);
            return NextLook.after(NextLook.NOT_MINE);
        }
        return timed(resource, present.get());
    }

    /// Its Rollout cares how it stands, and whether it is still there: each change is told once.
    private void lookAtRollout(ExperimentResource resource, Caches present, boolean isGone) {
        ObjectMeta metadata = resource.getMetadata();
        String version = metadata.getResourceVersion();
        boolean isNews = !version.equals(toldRollout.put(metadata.getUid(), version));
        Views.controller(resource)
                .filter(owner -> owner.getKind().equals("Rollout") && (isNews || isGone))
                .ifPresent(owner -> present.hint(metadata.getNamespace(), owner.getName()));
    }

    /// Whether a decision about a Rollout needs to know Experiments.
    static boolean concern(RolloutResource rollout) {
        JsonNode steps =
                Views.tree(rollout.getSpec()).path("strategy").path("canary").path("steps");
        for (JsonNode step : steps) {
            if (step.has("experiment")) {
                return true;
            }
        }
        return Views.tree(rollout.getStatus()).path("canary").has("currentExperiment");
    }

    private UpdateControl<ExperimentResource> timed(ExperimentResource resource, Caches present) {
        Instant start = clock.instant();
        boolean failed = true;
        try {
            Optional<ExperimentObservation> seen = observer.observe(resource, present);
            UpdateControl<ExperimentResource> next =
                    seen.isEmpty()
                            ? NextLook.after(NextLook.CATCH_UP)
                            : nextLook.after(
                                    resource.getMetadata(),
                                    reconciler.reconcile(seen.get()),
                                    config.resync());
            failed = false;
            return next;
        } catch (StackOverflowError e) {
            // Absurdly deep JSON; as an exception it backs off instead of ending the worker.
            throw new IllegalStateException("Experiment is nested too deeply", e);
        } finally {
            double seconds = Duration.between(start, clock.instant()).toNanos() / 1e9;
            gauges.reconciled(meta(resource.getMetadata()), seconds, failed);
        }
    }

    private static Experiment.Meta meta(ObjectMeta metadata) {
        return new Experiment.Meta(
                metadata.getNamespace(),
                metadata.getName(),
                metadata.getUid(),
                metadata.getResourceVersion(),
                metadata.getDeletionTimestamp() != null,
                Map.of(),
                Optional.empty());
    }
}
