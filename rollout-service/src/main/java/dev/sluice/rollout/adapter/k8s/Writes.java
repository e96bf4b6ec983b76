package dev.sluice.rollout.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.runtime.ConditionalWrites;
import dev.sluice.runtime.ResourceRef;
import dev.sluice.runtime.SeenVersions;
import dev.sluice.runtime.WriteResult;
import java.util.Map;
import java.util.Optional;

/// Our writes to the API server, never forced; the versions that they lead to are remembered, so
/// that no decision is taken on what a cache knew before (C3).
final class Writes {
    static final String FIELD_MANAGER = "sluice-rollout";
    private static final String CRDS = "argoproj.io";

    private final ConditionalWrites writes;
    private final SeenVersions versions;

    Writes(ConditionalWrites writes, SeenVersions versions) {
        this.writes = writes;
        this.versions = versions;
    }

    Optional<JsonNode> read(ResourceRef ref) {
        return writes.read(ref).map(JsonNode.class::cast);
    }

    WriteResult create(ResourceRef ref, ObjectNode manifest) {
        return writes.create(ref, manifest, FIELD_MANAGER);
    }

    WriteResult patch(ResourceRef ref, String uid, String version, ObjectNode patch) {
        return remember(uid, writes.mergePatch(ref, version, patch, FIELD_MANAGER));
    }

    WriteResult patchStatus(ResourceRef ref, String uid, String version, ObjectNode patch) {
        return remember(uid, writes.mergePatchStatus(ref, version, patch, FIELD_MANAGER));
    }

    /// Ends an AnalysisRun or an Experiment; one that is gone has ended.
    WriteResult terminate(ResourceRef ref, String uid) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("metadata").put("uid", uid);
        patch.putObject("spec").put("terminate", true);
        return gone(remember(uid, writes.mergePatchAnyVersion(ref, patch, FIELD_MANAGER)));
    }

    /// What is gone already is deleted.
    WriteResult delete(ResourceRef ref, String uid, Optional<String> version) {
        return gone(writes.delete(ref, uid, version));
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

    static boolean isControlledBy(JsonNode object, String uid) {
        for (JsonNode owner : object.path("metadata").path("ownerReferences")) {
            if (owner.path("controller").asBoolean(false)
                    && owner.path("uid").asText("").equals(uid)) {
                return true;
            }
        }
        return false;
    }

    /// A patch of annotations; what is empty goes.
    static ObjectNode annotations(Map<String, Optional<String>> changes) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        ObjectNode annotations = patch.putObject("metadata").putObject("annotations");
        changes.forEach((key, value) -> annotations.put(key, value.orElse(null)));
        return patch;
    }

    static String name(ObjectNode manifest) {
        return manifest.path("metadata").path("name").asText("");
    }

    static ResourceRef rollout(String namespace, String name) {
        return ResourceRef.of(CRDS, "v1alpha1", "rollouts", namespace, name);
    }

    static ResourceRef experiment(String namespace, String name) {
        return ResourceRef.of(CRDS, "v1alpha1", "experiments", namespace, name);
    }

    static ResourceRef analysisRun(String namespace, String name) {
        return ResourceRef.of(CRDS, "v1alpha1", "analysisruns", namespace, name);
    }

    static ResourceRef replicaSet(String namespace, String name) {
        return ResourceRef.of("apps", "v1", "replicasets", namespace, name);
    }

    static ResourceRef service(String namespace, String name) {
        return ResourceRef.of("", "v1", "services", namespace, name);
    }
}
