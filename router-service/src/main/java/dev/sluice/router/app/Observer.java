package dev.sluice.router.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.router.app.Cluster.Endpoints;
import dev.sluice.router.app.Cluster.RevisionPods;
import dev.sluice.router.core.Capacity;
import dev.sluice.router.core.Move;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RolloutReader;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.RouteState;
import dev.sluice.router.core.RouterConfig;
import dev.sluice.router.core.Selection;
import dev.sluice.router.core.ServiceState;
import dev.sluice.router.core.Situation;
import dev.sluice.router.core.Snapshot;
import dev.sluice.router.core.TrafficPlan;
import dev.sluice.router.core.TrafficPlan.Destination;
import dev.sluice.router.core.TrafficPlan.ServiceTarget;
import dev.sluice.router.core.provider.Provider;
import dev.sluice.router.core.provider.ServiceSelectors;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Puts a situation together from fresh reads.
final class Observer {

    /// Endpoints that belong to no ReplicaSet of the Rollout.
    private static final String UNKNOWN_REVISION = "?";

    private final Cluster cluster;
    private final Provider.Setup setup;
    private final InstantSource clock;

    Observer(Cluster cluster, Provider.Setup setup, InstantSource clock) {
        this.cluster = cluster;
        this.setup = setup;
        this.clock = clock;
    }

    Observation observe(RolloutView rollout, TrafficPlan plan) {
        List<Provider> providers = providers(rollout, plan);
        Set<ObjectRef> wanted = new LinkedHashSet<>(selectors(rollout).reads(plan));
        wanted.add(ObjectRef.service(rollout.namespace(), plan.anchor()));
        providers.forEach(provider -> wanted.addAll(provider.reads(plan)));
        Map<ObjectRef, JsonNode> objects = new LinkedHashMap<>(cluster.readAll(wanted));
        Map<Selection, List<ObjectRef>> selected = new LinkedHashMap<>();
        for (Provider provider : providers) {
            provider.selections().forEach(s -> selected.put(s, list(s, objects)));
        }
        readOwners(rollout, objects);
        Snapshot snapshot = new Snapshot(objects, selected);
        return interpret(rollout, plan, providers, snapshot, pods(rollout, plan));
    }

    /// The same after a change of one object, which is read back. Only for changes that leave
    /// selectors alone: the pods behind each Service are still the same.
    Observation after(Observation seen, RolloutView rollout, TrafficPlan plan, ObjectRef written) {
        Map<ObjectRef, JsonNode> objects = new LinkedHashMap<>(seen.snapshot().objects());
        objects.remove(written);
        read(written, objects);
        Snapshot snapshot = new Snapshot(objects, seen.snapshot().selected());
        return interpret(rollout, plan, providers(rollout, plan), snapshot, seen.pods());
    }

    private List<Provider> providers(RolloutView rollout, TrafficPlan plan) {
        List<Provider> providers = new ArrayList<>();
        if (plan.canaryWeight().isPresent()) {
            for (RouterConfig config : rollout.routers()) {
                providers.add(Provider.of(config, rollout, setup));
            }
        }
        return providers;
    }

    private Observation.Pods pods(RolloutView rollout, TrafficPlan plan) {
        Instant readAt = clock.instant();
        List<String> names =
                Stream.concat(
                                plan.services().stream().map(ServiceTarget::name),
                                plan.additional().stream().map(Destination::serviceName))
                        .distinct()
                        .toList();
        return new Observation.Pods(
                cluster.revisions(rollout.namespace(), rollout.uid()),
                cluster.endpoints(rollout.namespace(), names),
                readAt);
    }

    private void read(ObjectRef ref, Map<ObjectRef, JsonNode> into) {
        if (!into.containsKey(ref)) {
            cluster.read(ref).ifPresent(object -> into.put(ref, object));
        }
    }

    private List<ObjectRef> list(Selection selection, Map<ObjectRef, JsonNode> into) {
        List<ObjectRef> refs = new ArrayList<>();
        for (JsonNode object : cluster.list(selection)) {
            ObjectRef ref =
                    new ObjectRef(
                            selection.apiVersion(),
                            selection.kind(),
                            selection.namespace(),
                            object.path("metadata").path("name").asText());
            into.put(ref, object);
            refs.add(ref);
        }
        return refs;
    }

    /// Other Rollouts that router objects name as their owner: whether they still are is for the
    /// providers to say.
    private void readOwners(RolloutView rollout, Map<ObjectRef, JsonNode> into) {
        for (JsonNode object : List.copyOf(into.values())) {
            ServiceSelectors.managedBy(object)
                    .filter(name -> !name.equals(rollout.name()))
                    .filter(_ -> !object.path("kind").asText().equals("Service"))
                    .ifPresent(name -> read(ObjectRef.rollout(rollout.namespace(), name), into));
        }
    }

    private Observation interpret(
            RolloutView rollout,
            TrafficPlan plan,
            List<Provider> providers,
            Snapshot snapshot,
            Observation.Pods pods) {
        Instant now = clock.instant();
        List<RevisionPods> revisions = pods.revisions();
        List<ServiceState> services = new ArrayList<>();
        for (ServiceTarget target : plan.services()) {
            Endpoints behind = pods.behind().getOrDefault(target.name(), Endpoints.NONE);
            services.add(
                    selectors(rollout)
                            .read(
                                    target,
                                    snapshot,
                                    foreignOwner(rollout, target.name(), snapshot),
                                    byRevision(behind.pods(), revisions),
                                    behind.changedAt(),
                                    now));
        }
        Map<String, Capacity> capacity = new LinkedHashMap<>();
        for (RevisionPods revision : revisions) {
            capacity.put(revision.hash(), capacity(revision));
        }
        List<RouteState> routes = new ArrayList<>();
        Map<ObjectRef, Provider> owners = new LinkedHashMap<>();
        Map<String, Provider> subsets = new LinkedHashMap<>();
        Optional<Move.Partial> unusable = Optional.empty();
        Duration longest = setup.drain().services();
        for (Provider provider : providers) {
            longest =
                    longest.compareTo(provider.drainBound()) >= 0 ? longest : provider.drainBound();
            switch (Provider.reading(provider, rollout, snapshot, plan, now)) {
                case Provider.Reading.Routes(
                                List<RouteState> found,
                                List<Provider.Subset> selecting) -> {
                    routes.addAll(found);
                    found.forEach(r -> owners.put(r.ref(), provider));
                    selecting.forEach(s -> services.add(state(s, capacity)));
                    selecting.forEach(s -> subsets.put(s.name(), provider));
                }
                case Provider.Reading.Unusable(Move.Reason reason, String message) ->
                        unusable =
                                unusable.or(() -> Optional.of(new Move.Partial(reason, message)));
            }
        }
        if (plan.canaryWeight().isPresent() && providers.isEmpty()) {
            unusable =
                    Optional.of(
                            new Move.Partial(
                                    Move.Reason.INVALID,
                                    "the plan has weights but trafficRouting names no router"));
        }
        return new Observation(
                snapshot,
                new Situation(
                        plan,
                        rollout.replicas(),
                        rollout.threshold(),
                        services,
                        routes,
                        capacity,
                        destinations(rollout, plan, pods.behind()),
                        now),
                owners,
                subsets,
                unusable,
                longest,
                pods);
    }

    ServiceSelectors selectors(RolloutView rollout) {
        return new ServiceSelectors(rollout, setup.drain().services());
    }

    /// A subset has no endpoints of its own: all available pods of the revision are in it.
    private static ServiceState state(Provider.Subset subset, Map<String, Capacity> capacity) {
        Map<String, Integer> ready = new LinkedHashMap<>();
        capacity.forEach(
                (hash, pods) -> {
                    boolean leads = subset.selected().map(hash::equals).orElse(true);
                    if (leads && pods.available() > 0) {
                        ready.put(hash, pods.available());
                    }
                });
        return new ServiceState(
                ServiceState.SUBSET,
                subset.name(),
                subset.role(),
                subset.target(),
                true,
                subset.selected(),
                subset.former(),
                subset.managed(),
                Optional.empty(),
                subset.stampedPlan(),
                ready);
    }

    /// Pods behind the Services of experiments, and how many their experiment wants.
    private Map<String, Capacity> destinations(
            RolloutView rollout, TrafficPlan plan, Map<String, Endpoints> behind) {
        Map<String, Capacity> all = new LinkedHashMap<>();
        if (plan.additional().isEmpty()) {
            return all;
        }
        List<String> hashes = plan.additional().stream().map(Destination::podTemplateHash).toList();
        List<RevisionPods> sets = cluster.experiments(rollout.namespace(), hashes);
        for (Destination destination : plan.additional()) {
            int wanted =
                    sets.stream()
                            .filter(s -> s.hash().equals(destination.podTemplateHash()))
                            .mapToInt(RevisionPods::replicas)
                            .sum();
            int ready =
                    behind.getOrDefault(destination.serviceName(), Endpoints.NONE).pods().size();
            all.put(destination.serviceName(), new Capacity(wanted, ready));
        }
        return all;
    }

    private static Capacity capacity(RevisionPods revision) {
        return new Capacity(
                revision.replicas(), Math.min(revision.replicas(), revision.available()));
    }

    /// A pod is named after its ReplicaSet; the longest fitting name wins, for names may extend
    /// each other.
    private static Map<String, Integer> byRevision(
            List<String> pods, List<RevisionPods> revisions) {
        Map<String, Integer> ready = new LinkedHashMap<>();
        for (String pod : pods) {
            String hash = UNKNOWN_REVISION;
            int longest = 0;
            for (RevisionPods revision : revisions) {
                if (pod.startsWith(revision.name() + "-") && revision.name().length() > longest) {
                    hash = revision.hash();
                    longest = revision.name().length();
                }
            }
            ready.merge(hash, 1, Integer::sum);
        }
        return ready;
    }

    /// S8: a Service has one owner. An owner that is gone, or no longer refers to the Service, is
    /// none.
    private Optional<String> foreignOwner(RolloutView rollout, String name, Snapshot snapshot) {
        Optional<String> owner =
                snapshot.find(ObjectRef.service(rollout.namespace(), name))
                        .flatMap(ServiceSelectors::managedBy);
        if (owner.isEmpty() || owner.get().equals(rollout.name())) {
            return Optional.empty();
        }
        return cluster.rollout(rollout.namespace(), owner.get())
                .map(RolloutReader::read)
                .filter(other -> other.referencedServices().contains(name))
                .map(RolloutView::name);
    }
}
