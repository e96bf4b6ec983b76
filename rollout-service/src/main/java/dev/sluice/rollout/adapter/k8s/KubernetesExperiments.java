package dev.sluice.rollout.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.app.ExperimentWrites;
import dev.sluice.rollout.core.experiment.Experiment;
import dev.sluice.rollout.core.experiment.ExperimentCommand;
import dev.sluice.rollout.core.experiment.ExperimentNames;
import dev.sluice.runtime.ResourceRef;
import dev.sluice.runtime.WriteResult;
import java.util.Optional;

/// Writes of Experiments, and of the ReplicaSets, Services and AnalysisRuns that they control.
final class KubernetesExperiments implements ExperimentWrites {
    private final Writes writes;

    KubernetesExperiments(Writes writes) {
        this.writes = writes;
    }

    @Override
    public WriteResult writeStatus(Experiment.Meta experiment, ObjectNode patch) {
        return writes.patch(
                Writes.experiment(experiment.namespace(), experiment.name()),
                experiment.uid(),
                experiment.resourceVersion(),
                patch);
    }

    @Override
    public WriteResult carryOut(Experiment.Meta experiment, ExperimentCommand command) {
        String namespace = experiment.namespace();
        return switch (command) {
            case ExperimentCommand.CreateReplicaSet c ->
                    create(
                            experiment,
                            Writes.replicaSet(namespace, Writes.name(c.manifest())),
                            c.manifest());
            case ExperimentCommand.ScaleReplicaSet c -> {
                ObjectNode patch = Writes.annotations(c.annotations());
                patch.putObject("spec").put("replicas", c.to());
                yield writes.patch(
                        Writes.replicaSet(namespace, c.name()),
                        c.uid(),
                        c.resourceVersion(),
                        patch);
            }
            case ExperimentCommand.AnnotateReplicaSet c ->
                    writes.patch(
                            Writes.replicaSet(namespace, c.name()),
                            c.uid(),
                            c.resourceVersion(),
                            Writes.annotations(c.annotations()));
            case ExperimentCommand.CreateService c ->
                    create(
                            experiment,
                            Writes.service(namespace, Writes.name(c.manifest())),
                            c.manifest());
            case ExperimentCommand.DeleteService c ->
                    writes.delete(Writes.service(namespace, c.name()), c.uid(), Optional.empty());
            case ExperimentCommand.CreateAnalysisRun c ->
                    create(
                            experiment,
                            Writes.analysisRun(namespace, Writes.name(c.manifest())),
                            c.manifest());
            case ExperimentCommand.TerminateAnalysisRun c ->
                    writes.terminate(Writes.analysisRun(namespace, c.name()), c.uid());
        };
    }

    /// One that exists already is ours when a former pass made it for the same purpose and the
    /// cache has not heard of it; anything else is somebody else's.
    private WriteResult create(Experiment.Meta experiment, ResourceRef ref, ObjectNode manifest) {
        WriteResult result = writes.create(ref, manifest);
        if (!(result instanceof WriteResult.Conflict)) {
            return result;
        }
        boolean isOurs =
                writes.read(ref).map(found -> isSame(experiment, found, manifest)).orElse(true);
        return isOurs ? new WriteResult.Applied("") : result;
    }

    private static boolean isSame(Experiment.Meta experiment, JsonNode found, JsonNode manifest) {
        return Writes.isControlledBy(found, experiment.uid())
                && template(found).equals(template(manifest));
    }

    private static String template(JsonNode object) {
        return object.path("metadata")
                .path("annotations")
                .path(ExperimentNames.TEMPLATE)
                .asText("");
    }
}
