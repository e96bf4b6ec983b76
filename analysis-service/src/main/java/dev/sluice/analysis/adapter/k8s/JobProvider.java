package dev.sluice.analysis.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.analysis.app.MetricProvider;
import dev.sluice.analysis.core.AnalysisRun;
import dev.sluice.analysis.core.Measurement;
import dev.sluice.analysis.core.Metric;
import dev.sluice.analysis.core.Phase;
import dev.sluice.analysis.core.Reading;
import dev.sluice.runtime.ConditionalWrites;
import dev.sluice.runtime.ResourceRef;
import dev.sluice.runtime.WriteResult;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// A Job is the measurement: it completes, or it fails. Its name follows from the run, the metric
/// and the ordinal, so a pass that is repeated after a crash finds the Job of the first attempt
/// instead of starting a second one.
@Singleton
class JobProvider implements MetricProvider {
    static final String UID_LABEL = "analysisrun.argoproj.io/uid";
    static final String NAME_ANNOTATION = "analysisrun.argoproj.io/name";
    static final String NAMESPACE_ANNOTATION = "analysisrun.argoproj.io/namespace";
    private static final String METRIC_ANNOTATION = "analysisrun.argoproj.io/metric-name";
    private static final String JOB_NAME = "job-name";
    private static final String JOB_NAMESPACE = "job-namespace";
    private static final int MAX_NAME = 63;
    private static final Set<String> TERMINAL =
            Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName");

    private final ConditionalWrites writes;
    private final KubernetesClient client;

    JobProvider(ConditionalWrites writes, KubernetesClient client) {
        this.writes = writes;
        this.client = client;
    }

    @Override
    public String type() {
        return "job";
    }

    @Override
    public Reading measure(AnalysisRun run, Metric metric, int number, Instant now) {
        String name = name(run.identity().uid(), metric.name(), number);
        String namespace = run.identity().namespace();
        ResourceRef ref = ResourceRef.of("batch", "v1", "jobs", namespace, name);
        Reading underWay =
                new Reading.UnderWay(Map.of(JOB_NAME, name, JOB_NAMESPACE, namespace), now);
        return switch (writes.create(ref, job(run, metric, name), ClusterRuns.FIELD_MANAGER)) {
            case WriteResult.Applied _ -> underWay;
            case WriteResult.Conflict _ ->
                    writes.read(ref)
                                    .filter(job -> isControlledBy(job, run.identity().uid()))
                                    .isPresent()
                            ? underWay
                            : new Reading.Broken(
                                    "job "
                                            + name
                                            + " exists already and does not belong to this run");
            case WriteResult.Missing _ ->
                    new Reading.Broken("namespace " + namespace + " does not exist");
            case WriteResult.Rejected rejected -> new Reading.Broken(rejected.reason());
        };
    }

    static String name(String uid, String metric, int number) {
        String suffix = "." + number;
        int room = MAX_NAME - uid.length() - 1 - suffix.length();
        return uid
                + "."
                + metric.substring(0, Math.min(metric.length(), Math.max(0, room)))
                + suffix;
    }

    private static ObjectNode job(AnalysisRun run, Metric metric, String name) {
        AnalysisRun.Identity id = run.identity();
        JsonNode given = metric.settings().path("metadata");
        ObjectNode job = JsonNodeFactory.instance.objectNode();
        job.put("apiVersion", "batch/v1").put("kind", "Job");
        ObjectNode metadata =
                job.putObject("metadata").put("name", name).put("namespace", id.namespace());
        ObjectNode labels = metadata.putObject("labels");
        given.path("labels")
                .properties()
                .forEach(label -> labels.set(label.getKey(), label.getValue()));
        labels.put(UID_LABEL, id.uid());
        ObjectNode annotations = metadata.putObject("annotations");
        given.path("annotations")
                .properties()
                .forEach(entry -> annotations.set(entry.getKey(), entry.getValue()));
        annotations.put(NAME_ANNOTATION, id.name());
        annotations.put(NAMESPACE_ANNOTATION, id.namespace());
        annotations.put(METRIC_ANNOTATION, metric.name());
        metadata.putArray("ownerReferences")
                .addObject()
                .put("apiVersion", ClusterRuns.GROUP + "/" + ClusterRuns.VERSION)
                .put("kind", "AnalysisRun")
                .put("name", id.name())
                .put("uid", id.uid())
                .put("controller", true)
                .put("blockOwnerDeletion", true);
        JsonNode spec = metric.settings().path("spec").deepCopy();
        job.set("spec", spec);
        if (spec instanceof ObjectNode object) {
            object.withObject("/template/metadata/labels").put(UID_LABEL, id.uid());
        }
        return job;
    }

    private static boolean isControlledBy(JsonNode job, String uid) {
        for (JsonNode owner : job.path("metadata").path("ownerReferences")) {
            if (owner.path("controller").asBoolean(false)
                    && owner.path("uid").asText("").equals(uid)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Reading resume(AnalysisRun run, Metric metric, Measurement underWay, Instant now) {
        ResourceRef ref = ref(run, underWay);
        Optional<ObjectNode> job =
                writes.read(ref).filter(found -> isControlledBy(found, run.identity().uid()));
        if (job.isEmpty()) {
            return new Reading.Broken("job " + ref.name() + " not found");
        }
        for (JsonNode condition : job.get().path("status").path("conditions")) {
            if (condition.path("status").asText("").equals("True")) {
                switch (condition.path("type").asText("")) {
                    case "Complete" -> {
                        return new Reading.Verdict(Phase.SUCCESSFUL, "", underWay.metadata());
                    }
                    case "Failed" -> {
                        return new Reading.Verdict(Phase.FAILED, "", underWay.metadata());
                    }
                    default -> {
                        // FailureTarget, Suspended and others say nothing final
                    }
                }
            }
        }
        return stuck(run, ref, underWay)
                .orElseGet(() -> new Reading.UnderWay(underWay.metadata(), next(underWay, now)));
    }

    /// Looks again after √(2·elapsed) seconds: often at first, seldom for a long job. Job events
    /// come in between.
    private static Instant next(Measurement underWay, Instant now) {
        double elapsed = Math.max(0, Duration.between(underWay.startedAt(), now).toSeconds());
        return now.plusMillis(Math.max(1000, (long) (Math.sqrt(2 * elapsed) * 1000)));
    }

    /// A pod whose image cannot be had will never tell anything about the release.
    private Optional<Reading> stuck(AnalysisRun run, ResourceRef ref, Measurement underWay) {
        List<Pod> pods =
                client.pods()
                        .inNamespace(ref.namespace().orElse(run.identity().namespace()))
                        .withLabel(UID_LABEL, run.identity().uid())
                        .withLabel("job-name", ref.name())
                        .list()
                        .getItems();
        for (Pod pod : pods) {
            Stream<ContainerStatus> containers =
                    Stream.concat(
                            pod.getStatus().getInitContainerStatuses().stream(),
                            pod.getStatus().getContainerStatuses().stream());
            for (ContainerStatus container : containers.toList()) {
                ContainerStateWaiting waiting =
                        container.getState() == null ? null : container.getState().getWaiting();
                if (waiting != null
                        && waiting.getReason() != null
                        && TERMINAL.contains(waiting.getReason())) {
                    return Optional.of(
                            new Reading.Verdict(
                                    Phase.INCONCLUSIVE,
                                    "Pod "
                                            + pod.getMetadata().getName()
                                            + ", container "
                                            + container.getName()
                                            + " has terminal error ("
                                            + waiting.getReason()
                                            + "): "
                                            + Optional.ofNullable(waiting.getMessage()).orElse(""),
                                    underWay.metadata()));
                }
            }
        }
        return Optional.empty();
    }

    @Override
    public Reading terminate(AnalysisRun run, Metric metric, Measurement underWay, Instant now) {
        ResourceRef ref = ref(run, underWay);
        if (writes.read(ref).filter(job -> isControlledBy(job, run.identity().uid())).isPresent()) {
            delete(ref.namespace().orElse(run.identity().namespace()), ref.name());
        }
        return new Reading.Verdict(Phase.INCONCLUSIVE, "", underWay.metadata());
    }

    private void delete(String namespace, String name) {
        client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName(name)
                .withPropagationPolicy(DeletionPropagation.FOREGROUND)
                .delete();
    }

    @Override
    public void collectGarbage(AnalysisRun run, int limit) {
        String namespace = run.identity().namespace();
        List<Job> jobs =
                client.batch()
                        .v1()
                        .jobs()
                        .inNamespace(namespace)
                        .withLabel(UID_LABEL, run.identity().uid())
                        .list()
                        .getItems();
        jobs.stream()
                .sorted(Comparator.comparing((Job job) -> job.getMetadata().getCreationTimestamp()))
                .limit(Math.max(0, jobs.size() - limit))
                .forEach(job -> delete(namespace, job.getMetadata().getName()));
    }

    private static ResourceRef ref(AnalysisRun run, Measurement underWay) {
        String namespace =
                underWay.metadata().getOrDefault(JOB_NAMESPACE, run.identity().namespace());
        return ResourceRef.of(
                "batch", "v1", "jobs", namespace, underWay.metadata().getOrDefault(JOB_NAME, ""));
    }
}
