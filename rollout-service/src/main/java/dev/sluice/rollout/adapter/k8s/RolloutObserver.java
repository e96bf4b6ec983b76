package dev.sluice.rollout.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.app.Sighting;
import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import dev.sluice.rollout.core.LabelSelectors;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation;
import dev.sluice.rollout.core.Observation.ExperimentView;
import dev.sluice.rollout.core.Observation.PodView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Observation.ServiceView;
import dev.sluice.rollout.core.ParseResult;
import dev.sluice.rollout.core.References;
import dev.sluice.rollout.core.Rollout;
import dev.sluice.rollout.core.RolloutParser;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.WorkloadTarget;
import dev.sluice.rollout.core.policy.Freezes;
import dev.sluice.runtime.SeenVersions;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// Puts together what a decision may depend on.
///
/// Everything comes from informers that are not behind our own writes, except the evidence of
/// router-service: while a plan is open, its anchor Service is read from the API server itself
/// (T3).
final class RolloutObserver {
    private static final int MAX_TEMPLATES = 200;

    private final KubernetesClient client;
    private final SeenVersions versions;
    private final TakenNames taken;
    private final InstantSource clock;
    private final Function<String, List<ExperimentResource>> experiments;

    /// @param experiments the Experiments that the Rollout with a uid controls
    RolloutObserver(
            KubernetesClient client,
            SeenVersions versions,
            TakenNames taken,
            InstantSource clock,
            Function<String, List<ExperimentResource>> experiments) {
        this.experiments = experiments;
        this.client = client;
        this.versions = versions;
        this.taken = taken;
        this.clock = clock;
    }

    /// Empty while a cache is behind our own last write (C2).
    Optional<Sighting> observe(RolloutResource resource, Caches caches) {
        List<ReplicaSetResource> sets = caches.replicaSets(resource).toList();
        List<AnalysisRunResource> runs = caches.analysisRuns(resource);
        boolean isBehind =
                isBehind(resource)
                        || sets.stream().anyMatch(this::isBehind)
                        || runs.stream().anyMatch(this::isBehind)
                        || areExperimentsBehind(resource, caches);
        ObjectNode json = json(resource);
        Optional<JsonNode> workload =
                WorkloadTarget.of(json.path("spec"))
                        .flatMap(
                                target ->
                                        caches.workload(
                                                resource.getMetadata().getNamespace(), target));
        if (isBehind || workload.filter(this::isBehind).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(
                switch (RolloutParser.parse(json, workload)) {
                    case ParseResult.Invalid invalid -> new Sighting.Invalid(invalid);
                    case ParseResult.Valid(var rollout) ->
                            new Sighting.Whole(
                                    observe(resource, rollout, workload, sets, runs, caches));
                });
    }

    private boolean isBehind(io.fabric8.kubernetes.api.model.HasMetadata object) {
        return versions.isBehind(
                object.getMetadata().getUid(), object.getMetadata().getResourceVersion());
    }

    private boolean isBehind(JsonNode object) {
        JsonNode metadata = object.path("metadata");
        return versions.isBehind(
                metadata.path("uid").asText(""), metadata.path("resourceVersion").asText(""));
    }

    private Observation observe(
            RolloutResource resource,
            Rollout rollout,
            Optional<JsonNode> workload,
            List<ReplicaSetResource> sets,
            List<AnalysisRunResource> runs,
            Caches caches) {
        String namespace = rollout.meta().namespace();
        String uid = rollout.meta().uid();
        List<ReplicaSetView> views =
                sets.stream()
                        .map(rs -> Views.replicaSet(rs, uid))
                        .filter(rs -> rs.owned() || matches(rollout, rs))
                        .toList();
        Set<String> names = new HashSet<>(taken.of(uid));
        caches.namesakes(resource).forEach(names::add);
        Map<String, JsonNode> ingresses = new HashMap<>();
        for (String name : References.ingresses(rollout.spec())) {
            caches.ingress(namespace, name).ifPresent(i -> ingresses.put(name, json(i)));
        }
        Instant now = clock.instant();
        return new Observation(
                rollout,
                views,
                services(rollout, caches, now),
                runs.stream().map(Views::analysisRun).toList(),
                templates(rollout, caches),
                ingresses,
                References.needsPods(rollout, views, now) ? pods(rollout, views, now) : List.of(),
                experiments(rollout, caches),
                workload,
                Freezes.of(caches.freezingSpaces(namespace), now),
                names);
    }

    private boolean areExperimentsBehind(RolloutResource resource, Caches caches) {
        return experiments.apply(resource.getMetadata().getUid()).stream()
                .anyMatch(
                        e ->
                                isBehind(e)
                                        || caches.replicaSetsOf(e.getMetadata().getUid()).stream()
                                                .anyMatch(this::isBehind));
    }

    /// The Rollout's own, and whatever has the name that its status records: that one is read from
    /// the API server before it counts as missing.
    private List<ExperimentView> experiments(Rollout rollout, Caches caches) {
        String uid = rollout.meta().uid();
        List<ExperimentResource> found = new ArrayList<>(experiments.apply(uid));
        String current = rollout.status().currentExperiment();
        boolean isKnown =
                current.isEmpty()
                        || found.stream().anyMatch(e -> e.getMetadata().getName().equals(current));
        if (!isKnown) {
            Optional.ofNullable(
                            client.resources(ExperimentResource.class)
                                    .inNamespace(rollout.meta().namespace())
                                    .withName(current)
                                    .get())
                    .ifPresent(found::add);
        }
        return found.stream()
                .map(e -> Views.experiment(e, uid, caches.replicaSetsOf(e.getMetadata().getUid())))
                .toList();
    }

    private Map<String, ServiceView> services(Rollout rollout, Caches caches, Instant now) {
        String namespace = rollout.meta().namespace();
        Optional<String> anchor =
                rollout.status()
                        .trafficPlan()
                        .filter(plan -> !plan.isSettled(now))
                        .map(TrafficPlan::anchor);
        Map<String, ServiceView> services = new HashMap<>();
        for (String name : References.services(rollout.spec())) {
            Optional<ServiceResource> service =
                    anchor.filter(name::equals).isPresent()
                            ? fresh(namespace, name)
                            : caches.service(namespace, name);
            service.ifPresent(s -> services.put(name, Views.service(s)));
        }
        return services;
    }

    private Optional<ServiceResource> fresh(String namespace, String name) {
        return Optional.ofNullable(
                client.resources(ServiceResource.class)
                        .inNamespace(namespace)
                        .withName(name)
                        .get());
    }

    private static Map<TemplateRef, JsonNode> templates(Rollout rollout, Caches caches) {
        Map<TemplateRef, JsonNode> found = new HashMap<>();
        Deque<TemplateRef> open = new ArrayDeque<>(References.templates(rollout.spec()));
        while (!open.isEmpty() && found.size() < MAX_TEMPLATES) {
            TemplateRef reference = open.removeFirst();
            if (found.containsKey(reference)) {
                continue;
            }
            Optional<ObjectNode> spec =
                    reference.clusterScope()
                            ? caches.clusterTemplate(reference.name())
                                    .map(ClusterAnalysisTemplateResource::getSpec)
                            : caches.template(rollout.meta().namespace(), reference.name())
                                    .map(AnalysisTemplateResource::getSpec);
            if (spec.isPresent()) {
                found.put(reference, spec.get());
                open.addAll(References.nested(spec.get()));
            }
        }
        return found;
    }

    private List<PodView> pods(Rollout rollout, List<ReplicaSetView> sets, Instant now) {
        List<PodView> pods = new ArrayList<>();
        for (ReplicaSetView set : sets) {
            if (!set.owned() || set.created() == 0) {
                continue;
            }
            List<Pod> found =
                    client.pods()
                            .inNamespace(rollout.meta().namespace())
                            .withLabel(Names.HASH, set.hash())
                            .list()
                            .getItems();
            for (Pod pod : found) {
                if (Views.controllerUid(pod).filter(set.uid()::equals).isPresent()) {
                    pods.add(Views.pod(pod, set.uid(), rollout.spec().minReadySeconds(), now));
                }
            }
        }
        return pods;
    }

    /// An orphan is ours to adopt when it has all labels of the selector.
    private static boolean matches(Rollout rollout, ReplicaSetView orphan) {
        return LabelSelectors.matches(rollout.spec().selector(), orphan.labels());
    }

    private ObjectNode json(Object resource) {
        return client.getKubernetesSerialization().convertValue(resource, ObjectNode.class);
    }
}
