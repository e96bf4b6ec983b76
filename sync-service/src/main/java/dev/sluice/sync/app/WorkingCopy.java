package dev.sluice.sync.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.runtime.WriteResult;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.MergePatch;
import java.util.Optional;

/// An Application as read and as it shall be. Saving writes the difference, and only on the version
/// that was read.
final class WorkingCopy {
    /// Somebody else wrote meanwhile: look again.
    static final class StaleException extends RuntimeException {
        private static final long serialVersionUID = 1;

        StaleException(String message) {
            super(message);
        }
    }

    private static final int OPERATION_TRIES = 6;
    private final Applications applications;
    private final AppKey key;
    private ObjectNode read;
    private ObjectNode wanted;

    WorkingCopy(Applications applications, AppKey key, ObjectNode read) {
        this.applications = applications;
        this.key = key;
        this.read = read;
        this.wanted = read.deepCopy();
    }

    ObjectNode json() {
        return wanted;
    }

    ObjectNode status() {
        return JsonTrees.child(wanted, "status");
    }

    Optional<ObjectNode> operationState() {
        return wanted.path("status").path("operationState") instanceof ObjectNode state
                ? Optional.of(state)
                : Optional.empty();
    }

    /// True when something was written.
    boolean save() {
        ObjectNode patch = difference();
        if (patch.isEmpty()) {
            return false;
        }
        String version =
                switch (applications.patch(
                        key, patch, JsonTrees.text(read, "metadata", "resourceVersion"))) {
                    case WriteResult.Applied applied -> applied.resourceVersion();
                    case WriteResult.Conflict _ ->
                            throw new StaleException(key + " changed meanwhile");
                    case WriteResult.Missing _ -> throw new StaleException(key + " is gone");
                    case WriteResult.Rejected rejected ->
                            throw new IllegalStateException(
                                    "status of " + key + " was rejected: " + rejected.reason());
                };
        JsonTrees.child(wanted, "metadata").put("resourceVersion", version);
        read = wanted.deepCopy();
        return true;
    }

    /// Saves the progress of an operation through conflicts with other writers, since what was done
    /// can't be undone: the state is carried over to the newer object as long as it is the same
    /// operation. A termination asked for meanwhile stays.
    void saveOperation() {
        for (int i = 0; i < OPERATION_TRIES; i++) {
            try {
                save();
                return;
            } catch (StaleException stale) {
                carryOver(stale);
            }
        }
        throw new StaleException(key + " changes too often");
    }

    private void carryOver(StaleException stale) {
        ObjectNode fresh = applications.read(key).orElseThrow(() -> stale);
        JsonNode ours = JsonTrees.at(wanted, "status", "operationState");
        JsonNode theirs = JsonTrees.at(fresh, "status", "operationState");
        boolean known =
                JsonTrees.text(theirs, "startedAt").equals(JsonTrees.text(ours, "startedAt"));
        if (!known || !(ours instanceof ObjectNode state)) {
            throw stale;
        }
        boolean cleared = read.has("operation") && !wanted.has("operation");
        if (JsonTrees.text(theirs, "phase").equals("Terminating")
                && JsonTrees.text(state, "phase").equals("Running")) {
            state.put("phase", "Terminating");
        }
        read = fresh;
        wanted = fresh.deepCopy();
        status().set("operationState", state);
        if (cleared) {
            wanted.remove("operation");
        }
    }

    private ObjectNode difference() {
        ObjectNode patch = JsonTrees.object();
        for (String part : new String[] {"status", "operation"}) {
            JsonNode before = read.path(part);
            JsonNode after = wanted.path(part);
            if (before.isObject() && !wanted.has(part)) {
                patch.putNull(part);
            } else if (after.isObject()) {
                ObjectNode inner =
                        MergePatch.between(before.isObject() ? before : JsonTrees.object(), after);
                if (!inner.isEmpty() || !before.isObject()) {
                    patch.set(part, inner);
                }
            }
        }
        ObjectNode metadata = JsonTrees.object();
        ObjectNode annotations =
                MergePatch.between(
                        JsonTrees.at(read, "metadata", "annotations"),
                        JsonTrees.at(wanted, "metadata", "annotations"));
        if (!annotations.isEmpty()) {
            metadata.set("annotations", annotations);
        }
        JsonNode finalizers = JsonTrees.at(wanted, "metadata", "finalizers");
        if (finalizers.isArray()
                && !finalizers.equals(JsonTrees.at(read, "metadata", "finalizers"))) {
            metadata.set("finalizers", finalizers.deepCopy());
        }
        if (!metadata.isEmpty()) {
            patch.set("metadata", metadata);
        }
        return patch;
    }
}
