package dev.sluice.sync.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/// What became of one task: an entry of `operationState.syncResult.resources`.
public record TaskResult(
        ObjectKey key,
        String version,
        SyncPhase phase,
        Optional<Code> code,
        OperationPhase state,
        String message,
        boolean hook) {
    /// Result codes as users know them.
    public enum Code {
        Synced,
        SyncFailed,
        Pruned,
        PruneSkipped
    }

    public TaskResult with(OperationPhase next, String text) {
        return new TaskResult(key, version, phase, code, next, text, hook);
    }

    boolean isOf(SyncTask task) {
        return key.equals(task.key()) && phase == task.phase();
    }

    public ObjectNode toJson() {
        ObjectNode json = JsonTrees.object();
        json.put("group", key.group())
                .put("version", version)
                .put("kind", key.kind())
                .put("namespace", key.namespace())
                .put("name", key.name());
        code.ifPresent(value -> json.put("status", value.name()));
        json.put("message", message).put("hookPhase", state.name()).put("syncPhase", phase.name());
        if (hook) {
            json.put("hookType", phase.name());
        }
        return json;
    }

    public static Optional<TaskResult> fromJson(JsonNode json) {
        SyncPhase phase = SyncPhase.Sync;
        for (SyncPhase candidate : SyncPhase.values()) {
            phase = candidate.name().equals(JsonTrees.text(json, "syncPhase")) ? candidate : phase;
        }
        Optional<Code> code = Optional.empty();
        for (Code candidate : Code.values()) {
            code =
                    candidate.name().equals(JsonTrees.text(json, "status"))
                            ? Optional.of(candidate)
                            : code;
        }
        if (JsonTrees.text(json, "kind").isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new TaskResult(
                        new ObjectKey(
                                JsonTrees.text(json, "group"),
                                JsonTrees.text(json, "kind"),
                                JsonTrees.text(json, "namespace"),
                                JsonTrees.text(json, "name")),
                        JsonTrees.text(json, "version"),
                        phase,
                        code,
                        OperationPhase.parse(JsonTrees.text(json, "hookPhase"))
                                .orElse(OperationPhase.Running),
                        JsonTrees.text(json, "message"),
                        json.has("hookType")));
    }
}
