package dev.sluice.router.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.router.app.Cluster.RevisionPods;
import dev.sluice.router.core.Capacity;
import dev.sluice.router.core.Move;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RolloutReader;
import dev.sluice.router.core.RolloutView;
import dev.sluice.router.core.RouteState;
import dev.sluice.router.core.RouterConfig;
import dev.sluice.router.core.ServiceState;
import dev.sluice.router.core.Situation;
import dev.sluice.router.core.Snapshot;
import dev.sluice.router.core.TrafficPlan;
import dev.sluice.router.core.TrafficPlan.ServiceTarget;
import dev.sluice.router.core.provider.Provider;
import dev.sluice.router.core.provider.ServiceSelectors;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Puts a situation together from fresh reads.
final class Observer {

    /// Endpoints that belong to no ReplicaSet of the Rollout.
    private static final String UNKNOWN_REVISION = "?";

    private final Cluster cluster;
    private final Provider.DrainBounds drain;
    private final InstantSource clock;

    Observer(Cluster cluster, Provider.DrainBounds drain, InstantSource clock) {
        this.cluster = cluster;
        this.drain = drain;
        this.clock = clock;
    }

    Observation observe(RolloutView rollout, TrafficPlan plan) {
        List<Provider> providers = new ArrayList<>();
        if (plan.canaryWeight().isPresent()) {
            for (RouterConfig config : rollout.routers()) {
                providers.add(Provider.of(config, rollout, drain));
            }
        }
        Map<ObjectRef, JsonNode> objects = new LinkedHashMap<>();
        selectors(rollout).reads(plan).forEach(ref -> read(ref, objects));
        read(ObjectRef.service(rollout.namespace(), plan.anchor()), objects);
        providers.forEach(p -> p.reads().forEach(ref -> read(ref, objects)));
        return interpret(rollout, plan, providers, new Snapshot(objects));
    }

    private void read(ObjectRef ref, Map<ObjectRef, JsonNode> into) {
        if (!into.containsKey(ref)) {
            cluster.read(ref).ifPresent(object -> into.put(ref, object));
        }
    }

    /// The same objects after one of them was written: capacity is read anew.
    private Observation interpret(
            RolloutView rollout, TrafficPlan plan, List<Provider> providers, Snapshot snapshot) {
        Instant now = clock.instant();
        List<RevisionPods> revisions = cluster.revisions(rollout.namespace(), rollout.uid());
        List<String> names = plan.services().stream().map(ServiceTarget::name).distinct().toList();
        Map<String, List<String>> pods = cluster.readyPods(rollout.namespace(), names);
        List<ServiceState> services = new ArrayList<>();
        for (ServiceTarget target : plan.services()) {
            services.add(
                    selectors(rollout)
                            .read(
                                    target,
                                    snapshot,
                                    plan,
                                    foreignOwner(rollout, target.name(), snapshot),
                                    byRevision(
                                            pods.getOrDefault(target.name(), List.of()), revisions),
                                    now));
        }
        Map<String, Capacity> capacity = new LinkedHashMap<>();
        for (RevisionPods revision : revisions) {
            capacity.put(revision.hash(), capacity(revision, plan));
        }
        List<RouteState> routes = new ArrayList<>();
        Map<ObjectRef, Provider> owners = new LinkedHashMap<>();
        Optional<Move.Partial> unusable = Optional.empty();
        Duration longest = drain.services();
        for (Provider provider : providers) {
            longest =
                    longest.compareTo(provider.drainBound()) >= 0 ? longest : provider.drainBound();
            switch (provider.read(snapshot, plan, now)) {
                case Provider.Reading.Routes(List<RouteState> found) -> {
                    routes.addAll(found);
                    found.forEach(r -> owners.put(r.ref(), provider));
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
                        now),
                owners,
                unusable,
                longest);
    }

    ServiceSelectors selectors(RolloutView rollout) {
        return new ServiceSelectors(rollout, drain.services());
    }

    private static Capacity capacity(RevisionPods revision, TrafficPlan plan) {
        return new Capacity(
                revision.replicas(),
                Math.min(revision.replicas(), revision.available()),
                revision.keep() >= 0 && revision.keepPlan() >= plan.id()
                        ? OptionalInt.of(revision.keep())
                        : OptionalInt.empty());
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
