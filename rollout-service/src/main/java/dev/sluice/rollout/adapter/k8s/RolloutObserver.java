package dev.sluice.rollout.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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
import dev.sluice.rollout.core.status.StatusJson;
import dev.sluice.runtime.ConditionalWrites;
import dev.sluice.runtime.ResourceRef;
import dev.sluice.runtime.SeenVersions;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
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
import java.util.stream.Stream;

/// Puts together what a decision may depend on.
///
/// Everything comes from informers that are not behind our own writes, except the evidence of
/// router-service: where the cache shows some that is not recorded yet, the anchor Service is read
/// from the API server itself (T3).
final class RolloutObserver {
    private static final int MAX_TEMPLATES = 200;
    private static final String EVIDENCE = Names.TRAFFIC_EVIDENCE;
    private static final Duration CACHE_IN_DOUBT = Duration.ofSeconds(5);

    private final KubernetesClient client;
    private final ConditionalWrites writes;
    private final SeenVersions versions;
    private final TakenNames taken;
    private final InstantSource clock;
    private final Function<String, List<ExperimentResource>> experiments;

    /// @param experiments the Experiments that the Rollout with a uid controls
    RolloutObserver(
            KubernetesClient client,
            ConditionalWrites writes,
            SeenVersions versions,
            TakenNames taken,
            InstantSource clock,
            Function<String, List<ExperimentResource>> experiments) {
        this.experiments = experiments;
        this.client = client;
        this.writes = writes;
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
        if (isBehind) {
            return Optional.empty();
        }
        ObjectNode json = json(resource);
        Optional<JsonNode> workload =
                WorkloadTarget.of(json.path("spec"))
                        .flatMap(
                                target ->
                                        caches.workload(
                                                resource.getMetadata().getNamespace(), target));
        if (workload.filter(this::isBehind).isPresent()) {
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
                Stream.concat(sets.stream(), unseenStable(rollout, sets).stream())
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

    /// Before the stable revision counts as gone, with all that follows from it, the API server is
    /// asked: a cache may be behind what another replica did.
    private List<ReplicaSetResource> unseenStable(Rollout rollout, List<ReplicaSetResource> sets) {
        String stable = rollout.status().stableRS();
        boolean isSeen =
                stable.isEmpty()
                        || sets.stream()
                                .map(rs -> Views.map(rs.getMetadata().getLabels()))
                                .anyMatch(labels -> stable.equals(labels.get(Names.HASH)));
        return isSeen
                ? List.of()
                : client.resources(ReplicaSetResource.class)
                        .inNamespace(rollout.meta().namespace())
                        .withLabel(Names.HASH, stable)
                        .list()
                        .getItems();
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
        Optional<TrafficPlan> open =
                rollout.status().trafficPlan().filter(plan -> !plan.isSettled(now));
        Map<String, ServiceView> services = new HashMap<>();
        for (String name : References.services(rollout)) {
            Optional<ServiceView> cached = caches.service(namespace, name).map(Views::service);
            boolean isNews =
                    open.filter(plan -> plan.anchor().equals(name))
                            .filter(plan -> mayHaveNews(rollout, plan, cached, now))
                            .isPresent();
            (isNews ? fresh(namespace, name) : cached)
                    .ifPresent(service -> services.put(name, service));
        }
        return services;
    }

    /// Whether the anchor has to be read anew: when the cache shows evidence that is not recorded
    /// yet, and when a plan has waited for so long that the cache itself is in doubt. Evidence that
    /// the cache does not show yet causes a look when it arrives there.
    private static boolean mayHaveNews(
            Rollout rollout, TrafficPlan plan, Optional<ServiceView> cached, Instant now) {
        if (!plan.isObserved() && !now.isBefore(plan.writtenAt().plus(CACHE_IN_DOUBT))) {
            return true;
        }
        return cached.map(service -> service.annotations().getOrDefault(EVIDENCE, ""))
                .flatMap(text -> StatusJson.evidence(text, rollout.meta().uid()))
                .filter(
                        seen ->
                                seen.plan() == plan.id()
                                        && !plan.observed().equals(Optional.of(seen)))
                .isPresent();
    }

    private Optional<ServiceView> fresh(String namespace, String name) {
        return writes.read(ResourceRef.of("", "v1", "services", namespace, name))
                .map(service -> Views.service(name, service));
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

    /// The object as JSON. Spec and status are those of the cache, not copies: nobody writes into
    /// them.
    private ObjectNode json(CustomResource<ObjectNode, ObjectNode> resource) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("apiVersion", resource.getApiVersion()).put("kind", resource.getKind());
        json.set(
                "metadata",
                client.getKubernetesSerialization()
                        .convertValue(resource.getMetadata(), ObjectNode.class));
        if (resource.getSpec() != null) {
            json.set("spec", resource.getSpec());
        }
        if (resource.getStatus() != null) {
            json.set("status", resource.getStatus());
        }
        return json;
    }
}
