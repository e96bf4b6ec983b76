package dev.sluice.explorer.drive;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Sets;
import dev.sluice.explorer.model.StoredObject;
import dev.sluice.explorer.scenario.Scenario;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.PodView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Observation.ServiceView;
import dev.sluice.rollout.core.References;
import dev.sluice.rollout.core.Rollout;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.policy.Freeze;
import dev.sluice.rollout.core.status.StatusDraft;
import dev.sluice.router.core.ObjectRef;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Puts together what one replica of rollout-service sees, as its observer does.
final class Sightings {
    private Sightings() {}

    static Observation of(
            Breakage breakage,
            Rollout rollout,
            Map<String, ReplicaSetView> sets,
            Map<ObjectRef, StoredObject> objects,
            Map<String, AnalysisRunView> runs,
            Optional<StoredObject> freshAnchor,
            Optional<Freeze> freeze,
            Scenario scenario,
            List<PodView> pods) {
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
                breakage == Breakage.UNLABELLED ? unlabelled(runs) : List.copyOf(runs.values()),
                scenario.templates(),
                ingresses,
                pods,
                List.of(),
                Optional.empty(),
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
