package dev.sluice.rollout.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.app.ExperimentWrites;
import dev.sluice.rollout.core.experiment.Experiment;
import dev.sluice.rollout.core.experiment.ExperimentCommand;
import dev.sluice.rollout.core.experiment.ExperimentNames;
import dev.sluice.runtime.ConditionalWrites;
import dev.sluice.runtime.ResourceRef;
import dev.sluice.runtime.SeenVersions;
import dev.sluice.runtime.WriteResult;
import java.util.Optional;

/// Writes of Experiments, and of the ReplicaSets, Services and AnalysisRuns that they control.
final class KubernetesExperiments implements ExperimentWrites {
    private static final String CRDS = "argoproj.io";

    private final ConditionalWrites writes;
    private final SeenVersions versions;

    KubernetesExperiments(ConditionalWrites writes, SeenVersions versions) {
        this.writes = writes;
        this.versions = versions;
    }

    @Override
    public WriteResult writeStatus(Experiment.Meta experiment, ObjectNode patch) {
        ResourceRef ref =
                ResourceRef.of(
                        CRDS, "v1alpha1", "experiments", experiment.namespace(), experiment.name());
        return remember(
                experiment.uid(),
                writes.mergePatch(
                        ref, experiment.resourceVersion(), patch, KubernetesCluster.FIELD_MANAGER));
    }

    @Override
    public WriteResult carryOut(Experiment.Meta experiment, ExperimentCommand command) {
        String namespace = experiment.namespace();
        return switch (command) {
            case ExperimentCommand.CreateReplicaSet c ->
                    create(experiment, replicaSet(namespace, name(c.manifest())), c.manifest());
            case ExperimentCommand.ScaleReplicaSet c -> {
                ObjectNode patch = KubernetesCluster.annotations(c.annotations());
                patch.putObject("spec").put("replicas", c.to());
                yield patch(replicaSet(namespace, c.name()), c.uid(), c.resourceVersion(), patch);
            }
            case ExperimentCommand.AnnotateReplicaSet c ->
                    patch(
                            replicaSet(namespace, c.name()),
                            c.uid(),
                            c.resourceVersion(),
                            KubernetesCluster.annotations(c.annotations()));
            case ExperimentCommand.CreateService c ->
                    create(experiment, service(namespace, name(c.manifest())), c.manifest());
            case ExperimentCommand.DeleteService c ->
                    gone(writes.delete(service(namespace, c.name()), c.uid(), Optional.empty()));
            case ExperimentCommand.CreateAnalysisRun c ->
                    create(experiment, analysisRun(namespace, name(c.manifest())), c.manifest());
            case ExperimentCommand.TerminateAnalysisRun c -> {
                ObjectNode patch = JsonNodeFactory.instance.objectNode();
                patch.putObject("metadata").put("uid", c.uid());
                patch.putObject("spec").put("terminate", true);
                yield gone(
                        remember(
                                c.uid(),
                                writes.mergePatchAnyVersion(
                                        analysisRun(namespace, c.name()),
                                        patch,
                                        KubernetesCluster.FIELD_MANAGER)));
            }
        };
    }

    /// One that exists already is ours when a former pass made it for the same purpose and the
    /// cache has not heard of it; anything else is somebody else's.
    private WriteResult create(Experiment.Meta experiment, ResourceRef ref, ObjectNode manifest) {
        WriteResult result = writes.create(ref, manifest, KubernetesCluster.FIELD_MANAGER);
        if (!(result instanceof WriteResult.Conflict)) {
            return result;
        }
        boolean isOurs =
                writes.read(ref).map(found -> isSame(experiment, found, manifest)).orElse(true);
        return isOurs ? new WriteResult.Applied("") : result;
    }

    private static boolean isSame(Experiment.Meta experiment, JsonNode found, JsonNode manifest) {
        return KubernetesCluster.isControlledBy(found, experiment.uid())
                && template(found).equals(template(manifest));
    }

    private static String template(JsonNode object) {
        return object.path("metadata")
                .path("annotations")
                .path(ExperimentNames.TEMPLATE)
                .asText("");
    }

    private WriteResult patch(ResourceRef ref, String uid, String version, ObjectNode patch) {
        return remember(
                uid, writes.mergePatch(ref, version, patch, KubernetesCluster.FIELD_MANAGER));
    }

    private WriteResult remember(String uid, WriteResult result) {
        if (result instanceof WriteResult.Applied(var version)) {
            versions.wrote(uid, version);
        }
        return result;
    }

    private static WriteResult gone(WriteResult result) {
        return result instanceof WriteResult.Missing ? new WriteResult.Applied("") : result;
    }

    private static String name(ObjectNode manifest) {
        return manifest.path("metadata").path("name").asText("");
    }

    private static ResourceRef replicaSet(String namespace, String name) {
        return ResourceRef.of("apps", "v1", "replicasets", namespace, name);
    }

    private static ResourceRef service(String namespace, String name) {
        return ResourceRef.of("", "v1", "services", namespace, name);
    }

    private static ResourceRef analysisRun(String namespace, String name) {
        return ResourceRef.of(CRDS, "v1alpha1", "analysisruns", namespace, name);
    }
}
