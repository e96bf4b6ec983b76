package dev.sluice.explorer.drive;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Sets;
import dev.sluice.explorer.model.StoredExperiment;
import dev.sluice.explorer.model.StoredObject;
import dev.sluice.explorer.scenario.Scenario;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ExperimentView;
import dev.sluice.rollout.core.Observation.PodView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Observation.ServiceView;
import dev.sluice.rollout.core.References;
import dev.sluice.rollout.core.Rollout;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.experiment.Experiment;
import dev.sluice.rollout.core.experiment.ExperimentObservation;
import dev.sluice.rollout.core.policy.Freeze;
import dev.sluice.rollout.core.status.StatusDraft;
import dev.sluice.router.core.ObjectRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Puts together what one replica of rollout-service sees, as its observer does.
final class Sightings {
    private Sightings() {}

    static Observation of(
            Breakage breakage,
            Rollout rollout,
            Caches caches,
            Optional<StoredExperiment> freshExperiment,
            Optional<StoredObject> freshAnchor,
            Optional<Freeze> freeze,
            Scenario scenario,
            List<PodView> pods) {
        Map<String, ReplicaSetView> sets = caches.sight().sets();
        Map<ObjectRef, StoredObject> objects = caches.sight().objects();
        Map<String, ServiceView> services = new HashMap<>();
        for (String name : References.services(rollout)) {
            freshAnchor
                    .filter(anchor -> anchor.service().name().equals(name))
                    .or(
                            () ->
                                    Optional.ofNullable(
                                            objects.get(
                                                    ObjectRef.service(Cluster.NAMESPACE, name))))
                    .ifPresent(found -> services.put(name, found.service()));
        }
        Map<String, JsonNode> ingresses = new HashMap<>();
        for (String name : References.ingresses(rollout.spec())) {
            ObjectRef ref =
                    new ObjectRef("networking.k8s.io/v1", "Ingress", Cluster.NAMESPACE, name);
            Optional.ofNullable(objects.get(ref)).ifPresent(i -> ingresses.put(name, i.json()));
        }
        return new Observation(
                breakage == Breakage.NO_LIVE ? withoutLive(rollout) : rollout,
                breakage == Breakage.NO_DEADLINES ? ended(sets) : List.copyOf(sets.values()),
                services,
                breakage == Breakage.UNLABELLED
                        ? unlabelled(caches.sight().runs())
                        : List.copyOf(caches.sight().runs().values()),
                scenario.templates(),
                ingresses,
                pods,
                experiments(caches, freshExperiment),
                caches.sight().workload().map(JsonNode.class::cast),
                freeze,
                Set.of());
    }

    private static List<AnalysisRunView> unlabelled(Map<String, AnalysisRunView> runs) {
        return runs.values().stream()
                .map(
                        run -> {
                            Map<String, String> labels = new HashMap<>(run.labels());
                            labels.remove(Names.MEASUREMENT);
                            return new AnalysisRunView(
                                    run.name(),
                                    run.uid(),
                                    run.resourceVersion(),
                                    labels,
                                    run.spec(),
                                    run.phase(),
                                    run.message(),
                                    run.creation(),
                                    run.deleting());
                        })
                .toList();
    }

    private static List<ExperimentView> experiments(
            Caches caches, Optional<StoredExperiment> fresh) {
        return Stream.concat(caches.sight().experiments().values().stream(), fresh.stream())
                .map(e -> view(e, caches.setsOf(e.uid())))
                .toList();
    }

    private static ExperimentView view(StoredExperiment e, List<ReplicaSetView> sets) {
        Experiment.Meta meta = e.parsed().meta();
        return new ExperimentView(
                meta.name(),
                meta.uid(),
                meta.rollout().filter(owner -> owner.uid().equals(Cluster.UID)).isPresent(),
                meta.labels(),
                e.json().path("spec"),
                e.json().path("status"),
                Instant.parse(e.json().path("metadata").path("creationTimestamp").asText()),
                false,
                sets);
    }

    /// What it sees of an Experiment, as the observer for those does.
    static ExperimentObservation ofExperiment(
            Breakage breakage, StoredExperiment experiment, Caches caches, Scenario scenario) {
        String uid = experiment.uid();
        List<ReplicaSetView> sets = caches.setsOf(uid);
        boolean isNoted = breakage != Breakage.NO_REACH;
        return new ExperimentObservation(
                experiment.parsed(),
                isNoted ? sets : sets.stream().map(Sightings::unstamped).toList(),
                services(caches, uid),
                caches.runsOf(uid),
                experiment.parsed().status().isCompleted() ? Map.of() : scenario.templates(),
                sets.size() < experiment.parsed().spec().templates().size()
                        ? hashesOfOthers(caches, uid)
                        : Set.of(),
                isNoted ? caches.sight().rollout().status().trafficPlan() : Optional.empty(),
                List.of());
    }

    private static ReplicaSetView unstamped(ReplicaSetView set) {
        return Sets.annotated(set, Names.KEEP, "0");
    }

    private static List<ExperimentObservation.ServiceView> services(Caches caches, String uid) {
        List<ExperimentObservation.ServiceView> found = new ArrayList<>();
        caches.sight()
                .objects()
                .forEach(
                        (ref, object) -> {
                            JsonNode metadata = object.json().path("metadata");
                            String owner =
                                    metadata.path("ownerReferences").path(0).path("uid").asText();
                            if (ref.kind().equals("Service") && owner.equals(uid)) {
                                found.add(
                                        new ExperimentObservation.ServiceView(
                                                ref.name(),
                                                metadata.path("uid").asText(),
                                                object.service().annotations(),
                                                false));
                            }
                        });
        return found;
    }

    private static Set<String> hashesOfOthers(Caches caches, String uid) {
        Set<String> hashes = new HashSet<>();
        caches.sight().sets().values().forEach(set -> hashes.add(set.hash()));
        caches.sight().experimentSets().values().stream()
                .filter(owned -> !owned.owner().equals(uid))
                .forEach(owned -> hashes.add(owned.object().hash()));
        return hashes;
    }

    /// Every revision that waits for its end seems to have waited long enough.
    private static List<ReplicaSetView> ended(Map<String, ReplicaSetView> sets) {
        return sets.values().stream()
                .map(
                        set ->
                                set.annotation(Names.SCALE_DOWN_DEADLINE).isEmpty()
                                        ? set
                                        : Sets.annotated(
                                                set,
                                                Names.SCALE_DOWN_DEADLINE,
                                                "2026-01-01T00:00:00Z"))
                .toList();
    }

    private static Rollout withoutLive(Rollout rollout) {
        StatusDraft draft = new StatusDraft(rollout.status());
        draft.trafficPlan =
                draft.trafficPlan.map(p -> p.withLive(TrafficPlan.max(p.shares(), List.of())));
        return new Rollout(rollout.meta(), rollout.spec(), draft.freeze(), rollout.json());
    }
}
