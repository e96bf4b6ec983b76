package dev.sluice.rollout.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.References;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.experiment.Experiment;
import dev.sluice.rollout.core.experiment.ExperimentNames;
import dev.sluice.rollout.core.experiment.ExperimentObservation;
import dev.sluice.rollout.core.experiment.ExperimentParser;
import dev.sluice.rollout.core.experiment.ExperimentSpec;
import dev.sluice.rollout.core.experiment.ExperimentStatus;
import dev.sluice.rollout.core.status.StatusJson;
import dev.sluice.runtime.SeenVersions;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Puts together what a decision about an Experiment may depend on.
///
/// Everything comes from informers that are not behind our own writes, except a run that the status
/// names and the cache lacks: before it counts as gone it is read from the API server itself.
final class ExperimentObserver {
    private static final int MAX_TEMPLATES = 200;

    private final KubernetesClient client;
    private final SeenVersions versions;

    ExperimentObserver(KubernetesClient client, SeenVersions versions) {
        this.client = client;
        this.versions = versions;
    }

    /// Empty while a cache is behind our own last write (C2).
    Optional<ExperimentObservation> observe(ExperimentResource resource, Caches caches) {
        String uid = resource.getMetadata().getUid();
        List<ReplicaSetResource> sets = caches.replicaSetsOf(uid);
        List<AnalysisRunResource> runs = caches.analysisRunsOf(uid);
        boolean isBehind =
                isBehind(resource)
                        || sets.stream().anyMatch(this::isBehind)
                        || runs.stream().anyMatch(this::isBehind);
        if (isBehind) {
            return Optional.empty();
        }
        Experiment experiment =
                ExperimentParser.parse(
                        client.getKubernetesSerialization()
                                .convertValue(resource, ObjectNode.class));
        String namespace = experiment.meta().namespace();
        return Optional.of(
                new ExperimentObservation(
                        experiment,
                        sets.stream()
                                .filter(rs -> isOf(experiment, rs))
                                .map(rs -> Views.replicaSet(rs, uid))
                                .toList(),
                        caches.servicesOf(uid).stream()
                                .filter(s -> isOf(experiment, s))
                                .map(ExperimentObserver::service)
                                .toList(),
                        runs(experiment, runs),
                        templates(experiment, caches),
                        sets.size() < experiment.spec().templates().size()
                                ? caches.hashesOfOthers(namespace, uid)
                                : Set.of(),
                        plan(experiment, caches),
                        List.of()));
    }

    private static boolean isOf(Experiment experiment, HasMetadata object) {
        return experiment
                .meta()
                .name()
                .equals(Views.map(object.getMetadata().getAnnotations()).get(ExperimentNames.NAME));
    }

    private boolean isBehind(HasMetadata object) {
        return versions.isBehind(
                object.getMetadata().getUid(), object.getMetadata().getResourceVersion());
    }

    private static ExperimentObservation.ServiceView service(ServiceResource service) {
        return new ExperimentObservation.ServiceView(
                service.getMetadata().getName(),
                service.getMetadata().getUid(),
                Views.map(service.getMetadata().getAnnotations()),
                service.getMetadata().getDeletionTimestamp() != null);
    }

    private List<AnalysisRunView> runs(Experiment experiment, List<AnalysisRunResource> cached) {
        List<AnalysisRunView> views =
                new ArrayList<>(cached.stream().map(Views::analysisRun).toList());
        Set<String> known = views.stream().map(AnalysisRunView::name).collect(Collectors.toSet());
        for (ExperimentStatus.RunStatus run : experiment.status().runs()) {
            if (run.run().isEmpty() || known.contains(run.run())) {
                continue;
            }
            Optional.ofNullable(
                            client.resources(AnalysisRunResource.class)
                                    .inNamespace(experiment.meta().namespace())
                                    .withName(run.run())
                                    .get())
                    .filter(
                            found ->
                                    Views.controllerUid(found)
                                            .filter(experiment.meta().uid()::equals)
                                            .isPresent())
                    .map(Views::analysisRun)
                    .ifPresent(views::add);
        }
        return views;
    }

    private static Map<TemplateRef, JsonNode> templates(Experiment experiment, Caches caches) {
        Map<TemplateRef, JsonNode> found = new HashMap<>();
        Deque<TemplateRef> open = new ArrayDeque<>();
        if (!experiment.status().isCompleted()) {
            experiment.spec().analyses().stream()
                    .map(ExperimentSpec.Analysis::template)
                    .forEach(open::add);
        }
        while (!open.isEmpty() && found.size() < MAX_TEMPLATES) {
            TemplateRef reference = open.removeFirst();
            Optional<ObjectNode> spec =
                    found.containsKey(reference)
                            ? Optional.empty()
                            : caches.templateSpec(experiment.meta().namespace(), reference);
            if (spec.isPresent()) {
                found.put(reference, spec.get());
                open.addAll(References.nested(spec.get()));
            }
        }
        return found;
    }

    private static Optional<TrafficPlan> plan(Experiment experiment, Caches caches) {
        return experiment
                .meta()
                .rollout()
                .flatMap(
                        owner ->
                                caches.rollout(experiment.meta().namespace(), owner.name())
                                        .filter(r -> owner.uid().equals(r.getMetadata().getUid())))
                .map(rollout -> StatusJson.parse(Views.tree(rollout.getStatus())))
                .flatMap(status -> status.trafficPlan());
    }
}
