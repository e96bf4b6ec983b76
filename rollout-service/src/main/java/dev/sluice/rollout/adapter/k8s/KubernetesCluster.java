package dev.sluice.rollout.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.app.Cluster;
import dev.sluice.rollout.app.Rollouts;
import dev.sluice.rollout.core.Command;
import dev.sluice.rollout.core.RolloutMeta;
import dev.sluice.rollout.core.WorkloadTarget;
import dev.sluice.runtime.ConditionalWrites;
import dev.sluice.runtime.ResourceRef;
import dev.sluice.runtime.SeenVersions;
import dev.sluice.runtime.WriteResult;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import java.util.Optional;

/// Writes decisions to the API server: small patches of what changed, each conditional on the
/// version that was observed, never forced (C3).
final class KubernetesCluster implements Cluster, Rollouts {
    static final String FIELD_MANAGER = "sluice-rollout";
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final ConditionalWrites writes;
    private final SeenVersions versions;
    private final TakenNames taken;
    private final PodWrites pods;

    KubernetesCluster(
            ConditionalWrites writes,
            SeenVersions versions,
            TakenNames taken,
            KubernetesClient client) {
        this.writes = writes;
        this.versions = versions;
        this.taken = taken;
        this.pods = new PodWrites(client, writes);
    }

    @Override
    public WriteResult writeStatus(RolloutMeta rollout, ObjectNode patch) {
        WriteResult result =
                writes.mergePatchStatus(
                        rollout(rollout.namespace(), rollout.name()),
                        rollout.resourceVersion(),
                        patch,
                        FIELD_MANAGER);
        return remember(rollout.uid(), result);
    }

    @Override
    public WriteResult writeSpec(RolloutMeta rollout, ObjectNode patch) {
        return patch(
                rollout(rollout.namespace(), rollout.name()),
                rollout.uid(),
                rollout.resourceVersion(),
                patch);
    }

    @Override
    public Optional<JsonNode> fresh(String namespace, String name) {
        return writes.read(rollout(namespace, name)).map(JsonNode.class::cast);
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
                .flatMap(writes::read)
                .map(JsonNode.class::cast);
    }

    @Override
    public WriteResult carryOut(RolloutMeta rollout, Command command) {
        String namespace = rollout.namespace();
        return switch (command) {
            case Command.CreateReplicaSet c -> createReplicaSet(rollout, c.manifest());
            case Command.ScaleReplicaSet c -> {
                ObjectNode patch = annotations(c.annotations());
                ObjectNode spec = patch.putObject("spec").put("replicas", c.to());
                c.template().ifPresent(template -> spec.set("template", template));
                yield patch(replicaSet(namespace, c.name()), c.uid(), c.resourceVersion(), patch);
            }
            case Command.AnnotateReplicaSet c -> {
                ObjectNode patch = annotations(c.annotations());
                c.minReadySeconds()
                        .ifPresent(s -> patch.withObject("/spec").put("minReadySeconds", s));
                c.template().ifPresent(t -> patch.withObject("/spec").set("template", t));
                yield patch(replicaSet(namespace, c.name()), c.uid(), c.resourceVersion(), patch);
            }
            case Command.AdoptReplicaSet c -> {
                if (!isStillThere(rollout)) {
                    yield new WriteResult.Missing();
                }
                ObjectNode patch = JSON.objectNode();
                patch.putObject("metadata").putArray("ownerReferences").add(c.ownerReference());
                yield patch(replicaSet(namespace, c.name()), c.uid(), c.resourceVersion(), patch);
            }
            case Command.DeleteReplicaSet c ->
                    gone(
                            writes.delete(
                                    replicaSet(namespace, c.name()),
                                    c.uid(),
                                    Optional.of(c.resourceVersion())));
            case Command.CreateAnalysisRun c ->
                    existing(
                            writes.create(
                                    analysisRun(namespace, name(c.manifest())),
                                    c.manifest(),
                                    FIELD_MANAGER));
            case Command.TerminateAnalysisRun c -> {
                ObjectNode patch = JSON.objectNode();
                patch.putObject("metadata").put("uid", c.uid());
                patch.putObject("spec").put("terminate", true);
                WriteResult result =
                        writes.mergePatchAnyVersion(
                                analysisRun(namespace, c.name()), patch, FIELD_MANAGER);
                yield gone(remember(c.uid(), result));
            }
            case Command.DeleteAnalysisRun c ->
                    gone(
                            writes.delete(
                                    analysisRun(namespace, c.name()), c.uid(), Optional.empty()));
            case Command.CreateExperiment c ->
                    existing(
                            writes.create(
                                    experiment(namespace, name(c.manifest())),
                                    c.manifest(),
                                    FIELD_MANAGER));
            case Command.TerminateExperiment c -> {
                ObjectNode patch = JSON.objectNode();
                patch.putObject("metadata").put("uid", c.uid());
                patch.putObject("spec").put("terminate", true);
                WriteResult result =
                        writes.mergePatchAnyVersion(
                                experiment(namespace, c.name()), patch, FIELD_MANAGER);
                yield gone(remember(c.uid(), result));
            }
            case Command.DeleteExperiment c ->
                    gone(writes.delete(experiment(namespace, c.name()), c.uid(), Optional.empty()));
            case Command.AnnotateRollout c -> {
                ObjectNode patch = annotations(Map.of(c.key(), Optional.of(c.value())));
                yield writeSpec(rollout, patch);
            }
            case Command.UnannotateRollout c ->
                    writeSpec(rollout, annotations(Map.of(c.key(), Optional.empty())));
            case Command.ScaleWorkload c -> {
                ObjectNode patch = JSON.objectNode();
                patch.putObject("spec").put("replicas", c.to());
                yield patch(scaleOf(namespace, c.name()), c.uid(), c.resourceVersion(), patch);
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
        ResourceRef ref = replicaSet(rollout.namespace(), name(manifest));
        WriteResult result = writes.create(ref, manifest, FIELD_MANAGER);
        if (result instanceof WriteResult.Conflict) {
            boolean isOurs =
                    writes.read(ref)
                            .map(found -> isControlledBy(found, rollout.uid()))
                            .orElse(true);
            if (!isOurs) {
                taken.add(rollout.uid(), ref.name());
            }
            return new WriteResult.Conflict();
        }
        return result;
    }

    static boolean isControlledBy(JsonNode object, String uid) {
        for (JsonNode owner : object.path("metadata").path("ownerReferences")) {
            if (owner.path("controller").asBoolean(false)
                    && owner.path("uid").asText("").equals(uid)) {
                return true;
            }
        }
        return false;
    }

    private WriteResult patch(ResourceRef ref, String uid, String version, ObjectNode patch) {
        return remember(uid, writes.mergePatch(ref, version, patch, FIELD_MANAGER));
    }

    private WriteResult remember(String uid, WriteResult result) {
        if (result instanceof WriteResult.Applied(var version)) {
            versions.wrote(uid, version);
        }
        return result;
    }

    private static WriteResult existing(WriteResult result) {
        return result instanceof WriteResult.Conflict ? new WriteResult.Applied("") : result;
    }

    private static WriteResult gone(WriteResult result) {
        return result instanceof WriteResult.Missing ? new WriteResult.Applied("") : result;
    }

    static ObjectNode annotations(Map<String, Optional<String>> changes) {
        ObjectNode patch = JSON.objectNode();
        ObjectNode annotations = patch.putObject("metadata").putObject("annotations");
        changes.forEach(
                (key, value) -> {
                    if (value.isPresent()) {
                        annotations.put(key, value.get());
                    } else {
                        annotations.putNull(key);
                    }
                });
        return patch;
    }

    private static String name(ObjectNode manifest) {
        return manifest.path("metadata").path("name").asText("");
    }

    private static ResourceRef rollout(String namespace, String name) {
        return ResourceRef.of("argoproj.io", "v1alpha1", "rollouts", namespace, name);
    }

    /// The scale subresource: no right to change the Deployment itself is needed.
    private static ResourceRef scaleOf(String namespace, String deployment) {
        return ResourceRef.of("apps", "v1", "deployments", namespace, deployment + "/scale");
    }

    private static ResourceRef replicaSet(String namespace, String name) {
        return ResourceRef.of("apps", "v1", "replicasets", namespace, name);
    }

    private static ResourceRef experiment(String namespace, String name) {
        return ResourceRef.of("argoproj.io", "v1alpha1", "experiments", namespace, name);
    }

    private static ResourceRef analysisRun(String namespace, String name) {
        return ResourceRef.of("argoproj.io", "v1alpha1", "analysisruns", namespace, name);
    }
}
