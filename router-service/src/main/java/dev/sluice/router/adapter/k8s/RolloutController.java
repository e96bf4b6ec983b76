package dev.sluice.router.adapter.k8s;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.app.Agenda;
import dev.sluice.router.app.Looks;
import dev.sluice.router.app.TrafficShifter;
import dev.sluice.router.core.Keys;
import dev.sluice.router.core.RolloutReader;
import dev.sluice.router.core.RolloutView;
import dev.sluice.runtime.Ownership;
import dev.sluice.runtime.Turns;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What makes router-service look at a Rollout: its plan, changes of its pods' number and of its
/// Services, of endpoints that it waits for, hints from the event bus, and time. One Rollout is
/// worked on by one thread at a time,
/// and what fails with one costs only that one (C7).
final class RolloutController implements Reconciler<RolloutResource>, Looks {

    private static final String REFERENCES = "references";
    /// How many Rollouts are worked on at once.
    private static final int PARALLEL = 16;

    private static final Duration NOT_MINE = Duration.ofSeconds(30);

    private final TrafficShifter shifter;
    private final Agenda agenda;
    private final Ownership ownership;
    private final Whereabouts whereabouts;
    private final Turns turns = new Turns(PARALLEL);
    private final SimpleInboundEventSource<RolloutResource> hints =
            new SimpleInboundEventSource<>("hints");
    private final AtomicReference<Sources> sources = new AtomicReference<>();

    private record Sources(
            IndexerResourceCache<RolloutResource> rollouts,
            InformerEventSource<ServiceResource, RolloutResource> services) {}

    RolloutController(
            TrafficShifter shifter, Agenda agenda, Ownership ownership, Whereabouts whereabouts) {
        this.shifter = shifter;
        this.agenda = agenda;
        this.ownership = ownership;
        this.whereabouts = whereabouts;
    }

    @Override
    public List<EventSource<?, RolloutResource>> prepareEventSources(
            EventSourceContext<RolloutResource> context) {
        InformerEventSource<ReplicaSetResource, RolloutResource> replicaSets =
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(
                                        ReplicaSetResource.class, RolloutResource.class)
                                .withName("replicasets")
                                .withNamespacesInheritedFromController()
                                .withLabelSelector(Keys.HASH)
                                .withSecondaryToPrimaryMapper(RolloutController::owner)
                                .withOnUpdateFilter((now, was) -> !now.sizes().equals(was.sizes()))
                                .build(),
                        context);
        InformerEventSource<ServiceResource, RolloutResource> services =
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(
                                        ServiceResource.class, RolloutResource.class)
                                .withName("services")
                                .withNamespacesInheritedFromController()
                                .withSecondaryToPrimaryMapper(this::manager)
                                .withOnUpdateFilter((now, was) -> !now.hash().equals(was.hash()))
                                .build(),
                        context);
        InformerEventSource<EndpointSliceResource, RolloutResource> slices =
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(
                                        EndpointSliceResource.class, RolloutResource.class)
                                .withName("endpointslices")
                                .withNamespacesInheritedFromController()
                                .withLabelSelector(Whereabouts.SERVICE_NAME)
                                .withSecondaryToPrimaryMapper(this::waiting)
                                .build(),
                        context);
        replicaSets.addIndexers(
                Map.of(
                        Whereabouts.OWNER, RolloutController::ownerUid,
                        Whereabouts.EXPERIMENT, RolloutController::experimentRevision));
        slices.addIndexers(Map.of(Whereabouts.SERVICE, RolloutController::service));
        context.getPrimaryCache().addIndexer(REFERENCES, RolloutController::references);
        whereabouts.are(replicaSets, slices);
        sources.set(new Sources(context.getPrimaryCache(), services));
        ownership.onChange(this::hintAll);
        return List.of(replicaSets, services, slices, hints);
    }

    private static List<String> ownerUid(ReplicaSetResource set) {
        return set.getMetadata().getOwnerReferences().stream()
                .filter(o -> Boolean.TRUE.equals(o.getController()))
                .map(OwnerReference::getUid)
                .toList();
    }

    private static List<String> experimentRevision(ReplicaSetResource set) {
        ObjectMeta metadata = set.getMetadata();
        String hash = metadata.getLabels().getOrDefault(Keys.HASH, "");
        return metadata.getOwnerReferences().stream()
                .filter(o -> o.getKind().equals("Experiment"))
                .map(_ -> Whereabouts.key(metadata.getNamespace(), hash))
                .distinct()
                .toList();
    }

    private static List<String> service(EndpointSliceResource slice) {
        return List.of(Whereabouts.key(slice.getMetadata().getNamespace(), slice.service()));
    }

    private static List<String> references(RolloutResource rollout) {
        String namespace = rollout.getMetadata().getNamespace();
        return view(rollout).referencedServices().stream()
                .map(service -> Whereabouts.key(namespace, service))
                .distinct()
                .toList();
    }

    /// Changed endpoints concern who waits for them.
    private Set<ResourceID> waiting(EndpointSliceResource slice) {
        Sources present = sources.get();
        if (present == null) {
            return Set.of();
        }
        return present.rollouts().byIndex(REFERENCES, service(slice).getFirst()).stream()
                .filter(r -> agenda.isWaiting(r.getMetadata().getUid()))
                .map(ResourceID::fromResource)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static Set<ResourceID> owner(ReplicaSetResource set) {
        return set.getMetadata().getOwnerReferences().stream()
                .filter(o -> Boolean.TRUE.equals(o.getController()))
                .filter(o -> o.getKind().equals("Rollout"))
                .map(OwnerReference::getName)
                .map(name -> new ResourceID(name, set.getMetadata().getNamespace()))
                .collect(Collectors.toUnmodifiableSet());
    }

    /// A changed selector is worth a look: somebody else may have changed it (R6).
    private Set<ResourceID> manager(ServiceResource service) {
        Set<ResourceID> found =
                service
                        .managedBy()
                        .map(name -> new ResourceID(name, service.getMetadata().getNamespace()))
                        .stream()
                        .collect(Collectors.toUnmodifiableSet());
        Sources present = sources.get();
        if (present != null) {
            for (ResourceID id : found) {
                present.rollouts().get(id).ifPresent(r -> agenda.touched(r.getMetadata().getUid()));
            }
        }
        return found;
    }

    private void hintAll() {
        Sources present = sources.get();
        if (present != null) {
            present.rollouts()
                    .list(r -> ownership.mine(r.getMetadata().getUid()))
                    .map(ResourceID::fromResource)
                    .forEach(hints::propagateEvent);
        }
    }

    @Override
    public void hint(String namespace, String name, String uid, long attempt, long plan) {
        agenda.hint(uid, attempt, plan);
        if (sources.get() != null) {
            hints.propagateEvent(new ResourceID(name, namespace));
        }
    }

    @Override
    public UpdateControl<RolloutResource> reconcile(
            RolloutResource resource, Context<RolloutResource> context) {
        ObjectMeta metadata = resource.getMetadata();
        if (metadata.getDeletionTimestamp() != null) {
            return UpdateControl.noUpdate(); // its traffic stays as it is (R10)
        }
        if (!ownership.mine(metadata.getUid())) {
            return after(NOT_MINE);
        }
        RolloutView rollout = view(resource);
        if (rollout.planProblem().isEmpty()) {
            if (rollout.plan().isEmpty()) {
                return UpdateControl.noUpdate();
            }
            Duration wait = agenda.untilDue(metadata.getUid(), rollout.plan().get());
            if (wait.isPositive()) {
                return after(wait);
            }
        }
        Optional<Duration> again = shift(metadata, rollout);
        rollout.plan().ifPresent(p -> agenda.looked(metadata.getUid(), p.id(), again));
        return again.map(RolloutController::after).orElseGet(UpdateControl::noUpdate);
    }

    /// An abort comes first, then plans to be carried out, then routing to be read back.
    private Optional<Duration> shift(ObjectMeta metadata, RolloutView rollout) {
        turns.enter(
                rollout.plan().map(plan -> plan.complete() ? 2 : plan.abort() ? 0 : 1).orElse(2));
        try {
            return shifter.shift(metadata.getNamespace(), metadata.getName());
        } finally {
            turns.leave();
        }
    }

    private static UpdateControl<RolloutResource> after(Duration delay) {
        return UpdateControl.<RolloutResource>noUpdate()
                .rescheduleAfter(delay.plusMillis(1).toMillis());
    }

    private static RolloutView view(RolloutResource resource) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ObjectMeta metadata = resource.getMetadata();
        json.put("apiVersion", resource.getApiVersion());
        json.putObject("metadata")
                .put("namespace", metadata.getNamespace())
                .put("name", metadata.getName())
                .put("uid", metadata.getUid());
        if (resource.getSpec() != null) {
            json.set("spec", resource.getSpec());
        }
        if (resource.getStatus() != null) {
            json.set("status", resource.getStatus());
        }
        return RolloutReader.read(json);
    }

    /// Services whose selector names a revision and which no user object owns (an Experiment's
    /// Services go with it).
    List<ServiceResource> selectingServices() {
        Sources present = sources.get();
        if (present == null) {
            return List.of();
        }
        return present.services()
                .list(s -> !s.hash().isEmpty() && s.getMetadata().getOwnerReferences().isEmpty())
                .toList();
    }

    /// Whether a Rollout of this installation refers to the Service.
    boolean isReferenced(String namespace, String service) {
        Sources present = sources.get();
        return present != null
                && !present.rollouts()
                        .byIndex(REFERENCES, Whereabouts.key(namespace, service))
                        .isEmpty();
    }

    /// Forgets Rollouts that are gone.
    void forgetGone() {
        agenda.retain(rollouts().map(r -> r.getMetadata().getUid()).collect(Collectors.toSet()));
    }

    private Stream<RolloutResource> rollouts() {
        Sources present = sources.get();
        if (present == null) {
            return Stream.empty();
        }
        return present.rollouts().list(_ -> true);
    }
}
