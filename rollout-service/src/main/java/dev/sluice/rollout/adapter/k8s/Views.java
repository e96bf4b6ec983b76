package dev.sluice.rollout.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.app.AnalysisTemplates;
import dev.sluice.rollout.app.Explained;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ExperimentView;
import dev.sluice.rollout.core.Observation.PodView;
import dev.sluice.rollout.core.Observation.ReplicaFailure;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Observation.ServiceView;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.status.StatusJson;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Turns cluster objects into what the core sees. Here nullable fields end.
final class Views {
    private Views() {}

    static ReplicaSetView replicaSet(ReplicaSetResource rs, String rolloutUid) {
        ObjectMeta meta = rs.getMetadata();
        JsonNode spec = tree(rs.getSpec());
        JsonNode status = tree(rs.getStatus());
        return new ReplicaSetView(
                meta.getName(),
                meta.getUid(),
                meta.getResourceVersion(),
                controllerUid(rs).filter(rolloutUid::equals).isPresent(),
                meta.getDeletionTimestamp() != null,
                time(meta.getCreationTimestamp()),
                map(meta.getLabels()),
                map(meta.getAnnotations()),
                spec.path("template"),
                spec.path("minReadySeconds").asInt(0),
                spec.path("replicas").asInt(1),
                status.path("replicas").asInt(0),
                status.path("readyReplicas").asInt(0),
                status.path("availableReplicas").asInt(0),
                status.path("observedGeneration").asLong(0)
                        >= Optional.ofNullable(meta.getGeneration()).orElse(0L),
                failure(status));
    }

    private static Optional<ReplicaFailure> failure(JsonNode status) {
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText("").equals("ReplicaFailure")) {
                return Optional.of(
                        new ReplicaFailure(
                                condition.path("status").asText(""),
                                condition.path("reason").asText(""),
                                condition.path("message").asText("")));
            }
        }
        return Optional.empty();
    }

    static ServiceView service(ServiceResource service) {
        return new ServiceView(
                service.getMetadata().getName(),
                strings(tree(service.getSpec()).path("selector")),
                map(service.getMetadata().getAnnotations()));
    }

    static ServiceView service(String name, JsonNode service) {
        return new ServiceView(
                name,
                strings(service.path("spec").path("selector")),
                strings(service.path("metadata").path("annotations")));
    }

    private static Map<String, String> strings(JsonNode object) {
        Map<String, String> strings = new LinkedHashMap<>();
        object.properties().forEach(e -> strings.put(e.getKey(), e.getValue().asText("")));
        return strings;
    }

    static AnalysisRunView analysisRun(AnalysisRunResource run) {
        ObjectMeta meta = run.getMetadata();
        JsonNode status = tree(run.getStatus());
        return new AnalysisRunView(
                meta.getName(),
                meta.getUid(),
                meta.getResourceVersion(),
                map(meta.getLabels()),
                tree(run.getSpec()),
                status.path("phase").asText(""),
                status.path("message").asText(""),
                time(meta.getCreationTimestamp()),
                meta.getDeletionTimestamp() != null);
    }

    /// @param sets what it controls
    static ExperimentView experiment(
            ExperimentResource experiment, String rolloutUid, List<ReplicaSetResource> sets) {
        ObjectMeta meta = experiment.getMetadata();
        return new ExperimentView(
                meta.getName(),
                meta.getUid(),
                controllerUid(experiment).filter(rolloutUid::equals).isPresent(),
                map(meta.getLabels()),
                tree(experiment.getSpec()),
                tree(experiment.getStatus()),
                time(meta.getCreationTimestamp()),
                meta.getDeletionTimestamp() != null,
                sets.stream().map(rs -> replicaSet(rs, meta.getUid())).toList());
    }

    static PodView pod(Pod pod, String replicaSetUid, int minReadySeconds, Instant now) {
        boolean isDeleting = pod.getMetadata().getDeletionTimestamp() != null;
        List<PodCondition> conditions =
                pod.getStatus() == null ? List.of() : pod.getStatus().getConditions();
        boolean isReady =
                conditions.stream()
                        .filter(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()))
                        .map(c -> time(c.getLastTransitionTime()))
                        .anyMatch(since -> !now.isBefore(since.plusSeconds(minReadySeconds)));
        return new PodView(
                pod.getMetadata().getName(),
                pod.getMetadata().getUid(),
                replicaSetUid,
                time(pod.getMetadata().getCreationTimestamp()),
                isReady && !isDeleting,
                isDeleting,
                map(pod.getMetadata().getLabels()),
                map(pod.getMetadata().getAnnotations()));
    }

    /// The controller of an object.
    static Optional<OwnerReference> controller(HasMetadata object) {
        List<OwnerReference> owners = object.getMetadata().getOwnerReferences();
        return owners == null
                ? Optional.empty()
                : owners.stream().filter(o -> Boolean.TRUE.equals(o.getController())).findFirst();
    }

    static Optional<String> controllerUid(HasMetadata object) {
        return controller(object).map(OwnerReference::getUid);
    }

    static JsonNode tree(@Nullable ObjectNode node) {
        return node == null ? MissingNode.getInstance() : node;
    }

    static Map<String, String> map(@Nullable Map<String, String> map) {
        return map == null ? Map.of() : map;
    }

    private static Instant time(@Nullable String text) {
        if (text == null) {
            return Instant.EPOCH;
        }
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException _) {
            return Instant.EPOCH;
        }
    }

    /// Empty until the first look at the Rollout was written down.
    static Optional<Explained> explained(RolloutResource rollout) {
        RolloutStatus status = StatusJson.parse(tree(rollout.getStatus()));
        return status.why()
                .map(
                        why ->
                                new Explained(
                                        rollout.getMetadata().getNamespace(),
                                        rollout.getMetadata().getName(),
                                        rollout.getMetadata().getUid(),
                                        status.phase(),
                                        why));
    }

    /// Each metric has one provider; of several, which are refused elsewhere, the first counts.
    static AnalysisTemplates.Template analysisTemplate(
            HasMetadata template, String namespace, @Nullable ObjectNode spec) {
        Map<String, String> providers = new LinkedHashMap<>();
        for (JsonNode metric : tree(spec).path("metrics")) {
            metric.path("provider")
                    .propertyStream()
                    .findFirst()
                    .ifPresent(p -> providers.put(metric.path("name").asText(""), p.getKey()));
        }
        return new AnalysisTemplates.Template(
                namespace, template.getMetadata().getName(), providers);
    }
}
