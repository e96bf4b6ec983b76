package dev.sluice.rollout.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.app.Announcements;
import dev.sluice.rollout.app.EventWaiters;
import dev.sluice.rollout.app.Explained;
import dev.sluice.rollout.app.Gauges;
import dev.sluice.rollout.app.Looks;
import dev.sluice.rollout.app.Notices;
import dev.sluice.rollout.app.Origins;
import dev.sluice.rollout.app.RolloutReconciler;
import dev.sluice.rollout.app.Sighting;
import dev.sluice.rollout.config.RolloutServiceConfig;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.RolloutMeta;
import dev.sluice.runtime.Ownership;
import dev.sluice.runtime.SeenVersions;
import dev.sluice.runtime.Turns;
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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/// What makes rollout-service look at a Rollout: its own changes, changes of what it owns or
/// refers to, hints from the event bus, and time. One Rollout is worked on by one thread at a
/// time; what goes wrong with one costs only that one (C7).
final class RolloutController implements Reconciler<RolloutResource>, Looks {
    private final RolloutObserver observer;
    private final RolloutReconciler reconciler;
    private final Ownership ownership;
    private final SeenVersions versions;
    private final TakenNames taken;
    private final Origins origins;
    private final Announcements facts;
    private final Notices notices;
    private final Gauges gauges;
    private final RolloutServiceConfig config;
    private final String partition;
    private final Optional<String> namespace;
    private final InstantSource clock;
    private final Turns turns;
    private final NextLook nextLook;
    private final AtomicReference<Caches> caches = new AtomicReference<>();
    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private final ExperimentController experiments;
    private final BooleanSupplier isWatching;
    private final Map<String, String> toldExperiments = new ConcurrentHashMap<>();

    /// What the controller works with, and how.
    record Parts(
            RolloutObserver observer,
            RolloutReconciler reconciler,
            Ownership ownership,
            SeenVersions versions,
            TakenNames taken,
            Origins origins,
            Announcements facts,
            Notices notices,
            Gauges gauges,
            RolloutServiceConfig config,
            String partition,
            Optional<String> namespace,
            InstantSource clock,
            ExperimentController experiments,
            BooleanSupplier isWatching) {}

    RolloutController(Parts parts) {
        this.observer = parts.observer();
        this.reconciler = parts.reconciler();
        this.ownership = parts.ownership();
        this.versions = parts.versions();
        this.taken = parts.taken();
        this.origins = parts.origins();
        this.facts = parts.facts();
        this.notices = parts.notices();
        this.gauges = parts.gauges();
        this.config = parts.config();
        this.partition = parts.partition();
        this.namespace = parts.namespace();
        this.clock = parts.clock();
        this.experiments = parts.experiments();
        this.isWatching = parts.isWatching();
        this.turns = new Turns(config.parallelLooks());
        this.nextLook = new NextLook(config.conflictDelay(), clock);
    }

    @Override
    public List<EventSource<?, RolloutResource>> prepareEventSources(
            EventSourceContext<RolloutResource> context) {
        Caches created =
                new Caches(
                        context,
                        partition,
                        namespace,
                        config.controlPlaneNamespace(),
                        experiments,
                        versions);
        Caches former = caches.getAndSet(created);
        if (former != null) {
            former.stop();
        }
        ownership.onChange(created::hintAll);
        return created.sources();
    }

    /// Stops watching what the operator does not know of.
    void stop() {
        Caches present = caches.get();
        if (present != null) {
            present.stop();
        }
    }

    @Override
    public void at(String namespace, String name) {
        Caches present = caches.get();
        if (present != null) {
            present.hint(namespace, name);
        }
    }

    /// Every Rollout with its explanation; none before the caches exist.
    List<Explained> explained() {
        Caches present = caches.get();
        return present == null ? List.of() : present.explained();
    }

    /// Rollouts that have a step which waits for an event; none before the caches exist.
    List<EventWaiters.Place> waitingForEvents() {
        Caches present = caches.get();
        return present == null ? List.of() : present.waitingForEvents();
    }

    @Override
    public UpdateControl<RolloutResource> reconcile(
            RolloutResource resource, Context<RolloutResource> context) {
        ObjectMeta metadata = resource.getMetadata();
        if (context.isPrimaryResourceDeleted() || metadata.getDeletionTimestamp() != null) {
            forget(resource);
            return UpdateControl.noUpdate();
        }
        String uid = metadata.getUid();
        lookAtExperiments(resource);
        if (!ownership.mine(uid) && !origins.isAwaited(uid)) {
            gauges.forget(uid);
            return NextLook.after(NextLook.NOT_MINE);
        }
        if (ExperimentController.concern(resource) && !isWatching.getAsBoolean()) {
            return NextLook.after(NextLook.CATCH_UP);
        }
        greet(resource);
        turns.enter(rank(resource));
        Instant start = clock.instant();
        boolean failed = true;
        try {
            Caches present = Objects.requireNonNull(caches.get(), "caches");
            // It may have changed while it waited for its turn.
            RolloutResource newest =
                    present.rollout(metadata.getNamespace(), metadata.getName())
                            .filter(r -> r.getMetadata().getUid().equals(uid))
                            .orElse(resource);
            Optional<Sighting> sighting = observer.observe(newest, present);
            if (sighting.isEmpty()) {
                failed = false;
                return NextLook.after(NextLook.CATCH_UP);
            }
            UpdateControl<RolloutResource> next =
                    nextLook.after(
                            metadata, reconciler.reconcile(sighting.get()), idle(sighting.get()));
            failed = false;
            return next;
        } catch (StackOverflowError e) {
            // Absurdly deep JSON; as an exception it backs off instead of ending the worker.
            throw new IllegalStateException("Rollout is nested too deeply", e);
        } finally {
            turns.leave();
            double seconds = Duration.between(start, clock.instant()).toNanos() / 1e9;
            gauges.reconciled(meta(resource), seconds, failed);
        }
    }

    /// Experiments wait for the routing of their Rollout: each change of it is told once.
    private void lookAtExperiments(RolloutResource resource) {
        ObjectMeta metadata = resource.getMetadata();
        List<ExperimentResource> owned = experiments.of(metadata.getUid());
        if (owned.isEmpty()) {
            return;
        }
        String version = metadata.getResourceVersion();
        if (!version.equals(toldExperiments.put(metadata.getUid(), version))) {
            owned.forEach(e -> experiments.at(metadata.getNamespace(), e.getMetadata().getName()));
        }
    }

    /// The caches, once they exist.
    Optional<Caches> caches() {
        return Optional.ofNullable(caches.get());
    }

    /// An abort comes first, then what has begun to move, then everything else.
    private static int rank(RolloutResource resource) {
        JsonNode status = Views.tree(resource.getStatus());
        if (status.path("abort").asBoolean(false)) {
            return 0;
        }
        JsonNode plan = status.path("trafficPlan");
        long observed = plan.path("observed").path("plan").asLong(0);
        return plan.path("id").asLong(0) > observed ? 1 : 2;
    }

    private Duration idle(Sighting sighting) {
        boolean isOpen =
                sighting.stored().trafficPlan().filter(plan -> !plan.isObserved()).isPresent();
        return isOpen ? config.resyncUnobserved() : config.resync();
    }

    private void greet(RolloutResource resource) {
        if (known.add(resource.getMetadata().getUid())) {
            RolloutMeta meta = meta(resource);
            Notice notice =
                    Notice.normal(
                            "RolloutAddedToInformer",
                            "Rollout resource added to informer: "
                                    + meta.namespace()
                                    + "/"
                                    + meta.name());
            notices.record(meta, notice);
            gauges.noticed(meta, notice);
        }
    }

    private void forget(RolloutResource resource) {
        String uid = resource.getMetadata().getUid();
        if (known.remove(uid)) {
            RolloutMeta meta = meta(resource);
            notices.record(
                    meta,
                    Notice.normal(
                            "RolloutDeleted",
                            "Rollout " + meta.namespace() + "/" + meta.name() + " is deleted."));
        }
        nextLook.forget(uid);
        toldExperiments.remove(uid);
        versions.forget(uid);
        taken.forget(uid);
        origins.forget(uid);
        facts.forget(uid);
        gauges.gone(uid);
    }

    private static RolloutMeta meta(RolloutResource resource) {
        ObjectMeta metadata = resource.getMetadata();
        return new RolloutMeta(
                metadata.getNamespace(),
                metadata.getName(),
                metadata.getUid(),
                metadata.getResourceVersion(),
                Optional.ofNullable(metadata.getGeneration()).orElse(0L),
                Views.map(metadata.getLabels()),
                Views.map(metadata.getAnnotations()));
    }
}
