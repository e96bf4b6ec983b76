package dev.sluice.rollout.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.app.Cluster;
import dev.sluice.rollout.app.Rollouts;
import dev.sluice.rollout.core.Command;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.RolloutMeta;
import dev.sluice.rollout.core.WorkloadTarget;
import dev.sluice.runtime.ResourceRef;
import dev.sluice.runtime.WriteResult;
import java.util.Map;
import java.util.Optional;

/// Writes decisions to the API server: small patches of what changed, each conditional on the
/// version that was observed, never forced (C3).
final class KubernetesCluster implements Cluster, Rollouts {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Writes writes;
    private final TakenNames taken;
    private final PodWrites pods;

    KubernetesCluster(Writes writes, TakenNames taken, PodWrites pods) {
        this.writes = writes;
        this.taken = taken;
        this.pods = pods;
    }

    @Override
    public WriteResult writeStatus(RolloutMeta rollout, ObjectNode patch) {
        return writes.patchStatus(
                Writes.rollout(rollout.namespace(), rollout.name()),
                rollout.uid(),
                rollout.resourceVersion(),
                patch);
    }

    @Override
    public WriteResult writeSpec(RolloutMeta rollout, ObjectNode patch) {
        return writes.patch(
                Writes.rollout(rollout.namespace(), rollout.name()),
                rollout.uid(),
                rollout.resourceVersion(),
                patch);
    }

    @Override
    public Optional<JsonNode> fresh(String namespace, String name) {
        return writes.read(Writes.rollout(namespace, name));
    }

    @Override
    public Optional<JsonNode> workload(JsonNode rollout) {
        String namespace = rollout.path("metadata").path("namespace").asText("");
        return WorkloadTarget.of(rollout.path("spec"))
                .map(
                        target ->
                                ResourceRef.of(
                                        target.kind().group(),
                                        "v1",
                                        target.kind().plural(),
                                        namespace,
                                        target.name()))
                .flatMap(writes::read);
    }

    @Override
    public WriteResult carryOut(RolloutMeta rollout, Command command) {
        String namespace = rollout.namespace();
        return switch (command) {
            case Command.CreateReplicaSet c -> createReplicaSet(rollout, c.manifest());
            case Command.ScaleReplicaSet c -> {
                ObjectNode patch = Writes.annotations(c.annotations());
                ObjectNode spec = patch.putObject("spec").put("replicas", c.to());
                c.template().ifPresent(template -> spec.set("template", template));
                yield writes.patch(
                        Writes.replicaSet(namespace, c.name()),
                        c.uid(),
                        c.resourceVersion(),
                        patch);
            }
            case Command.AnnotateReplicaSet c -> {
                ObjectNode patch = Writes.annotations(c.annotations());
                c.minReadySeconds()
                        .ifPresent(s -> patch.withObject("/spec").put("minReadySeconds", s));
                c.template().ifPresent(t -> patch.withObject("/spec").set("template", t));
                yield writes.patch(
                        Writes.replicaSet(namespace, c.name()),
                        c.uid(),
                        c.resourceVersion(),
                        patch);
            }
            case Command.AdoptReplicaSet c -> {
                if (!isStillThere(rollout)) {
                    yield new WriteResult.Missing();
                }
                ObjectNode patch = JSON.objectNode();
                patch.putObject("metadata").putArray("ownerReferences").add(c.ownerReference());
                yield writes.patch(
                        Writes.replicaSet(namespace, c.name()),
                        c.uid(),
                        c.resourceVersion(),
                        patch);
            }
            case Command.DeleteReplicaSet c ->
                    writes.delete(
                            Writes.replicaSet(namespace, c.name()),
                            c.uid(),
                            Optional.of(c.resourceVersion()));
            case Command.CreateAnalysisRun c -> createAnalysisRun(rollout, c.manifest());
            case Command.TerminateAnalysisRun c ->
                    writes.terminate(Writes.analysisRun(namespace, c.name()), c.uid());
            case Command.DeleteAnalysisRun c ->
                    writes.delete(
                            Writes.analysisRun(namespace, c.name()), c.uid(), Optional.empty());
            case Command.CreateExperiment c ->
                    existing(
                            writes.create(
                                    Writes.experiment(namespace, Writes.name(c.manifest())),
                                    c.manifest()));
            case Command.TerminateExperiment c ->
                    writes.terminate(Writes.experiment(namespace, c.name()), c.uid());
            case Command.DeleteExperiment c ->
                    writes.delete(
                            Writes.experiment(namespace, c.name()), c.uid(), Optional.empty());
            case Command.AnnotateRollout c -> {
                ObjectNode patch = Writes.annotations(Map.of(c.key(), Optional.of(c.value())));
                yield writeSpec(rollout, patch);
            }
            case Command.UnannotateRollout c ->
                    writeSpec(rollout, Writes.annotations(Map.of(c.key(), Optional.empty())));
            case Command.ScaleWorkload c -> {
                ObjectNode patch = JSON.objectNode();
                patch.putObject("spec").put("replicas", c.to());
                yield writes.patch(
                        scaleOf(namespace, c.name()), c.uid(), c.resourceVersion(), patch);
            }
            case Command.RelabelPods c -> pods.relabel(namespace, c);
            case Command.DefaultReplicas c -> {
                ObjectNode patch = JSON.objectNode();
                patch.putObject("spec").put("replicas", c.replicas());
                yield writeSpec(rollout, patch);
            }
            case Command.EvictPod c -> pods.evict(namespace, c);
        };
    }

    /// An orphan is only taken by a Rollout that the API server itself still knows.
    private boolean isStillThere(RolloutMeta rollout) {
        return fresh(rollout.namespace(), rollout.name())
                .map(found -> found.path("metadata"))
                .filter(m -> m.path("uid").asText("").equals(rollout.uid()))
                .filter(m -> !m.hasNonNull("deletionTimestamp"))
                .isPresent();
    }

    /// A name that exists already is no error: the next observation shows the ReplicaSet, or
    /// here it is remembered as somebody else's.
    private WriteResult createReplicaSet(RolloutMeta rollout, ObjectNode manifest) {
        ResourceRef ref = Writes.replicaSet(rollout.namespace(), Writes.name(manifest));
        WriteResult result = writes.create(ref, manifest);
        if (result instanceof WriteResult.Conflict) {
            boolean isOurs =
                    writes.read(ref)
                            .map(found -> Writes.isControlledBy(found, rollout.uid()))
                            .orElse(true);
            if (!isOurs) {
                taken.add(rollout.uid(), ref.name());
            }
            return new WriteResult.Conflict();
        }
        return result;
    }

    /// One that exists already is ours when a former pass made it for the same measurement and the
    /// cache has not heard of it (G9). An earlier measurement does not count (X3): the cache is
    /// behind.
    private WriteResult createAnalysisRun(RolloutMeta rollout, ObjectNode manifest) {
        ResourceRef ref = Writes.analysisRun(rollout.namespace(), Writes.name(manifest));
        WriteResult result = writes.create(ref, manifest);
        Optional<JsonNode> found =
                result instanceof WriteResult.Conflict ? writes.read(ref) : Optional.empty();
        if (found.isEmpty()) {
            return result;
        }
        if (!Writes.isControlledBy(found.get(), rollout.uid())) {
            return new WriteResult.Rejected(
                    "AnalysisRun "
                            + ref.name()
                            + " exists and is not controlled by this Rollout; delete it");
        }
        return measurement(found.get()).equals(measurement(manifest))
                ? new WriteResult.Applied("")
                : result;
    }

    private static String measurement(JsonNode run) {
        return run.path("metadata").path("labels").path(Names.MEASUREMENT).asText("");
    }

    private static WriteResult existing(WriteResult result) {
        return result instanceof WriteResult.Conflict ? new WriteResult.Applied("") : result;
    }

    /// The scale subresource: no right to change the Deployment itself is needed.
    private static ResourceRef scaleOf(String namespace, String deployment) {
        return ResourceRef.of("apps", "v1", "deployments", namespace, deployment + "/scale");
    }
}
