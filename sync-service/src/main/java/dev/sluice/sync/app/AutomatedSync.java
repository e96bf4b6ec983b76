package dev.sluice.sync.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.sync.core.AppSpec;
import dev.sluice.sync.core.AutoSyncDecider.LastAttempt;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.ObjectKey;
import dev.sluice.sync.core.OperationPhase;
import dev.sluice.sync.core.RetryPolicy;
import java.util.List;
import java.util.Optional;

/// What automated sync reads from and writes into an Application.
final class AutomatedSync {
    private AutomatedSync() {}

    /// What the operation before did; a dry run attempts nothing.
    static Optional<LastAttempt> lastAttempt(ObjectNode app, AppSpec spec) {
        JsonNode state = JsonTrees.at(app, "status", "operationState");
        if (JsonTrees.flag(state, "operation", "sync", "dryRun")) {
            return lastSynced(app, spec);
        }
        return OperationPhase.parse(JsonTrees.text(state, "phase"))
                .map(
                        phase -> {
                            JsonNode source =
                                    state.path("syncResult").has("source")
                                            ? state.path("syncResult").path("source")
                                            : JsonTrees.at(state, "operation", "sync", "source")
                                                            .isObject()
                                                    ? JsonTrees.at(
                                                            state, "operation", "sync", "source")
                                                    : spec.source().raw();
                            String revision =
                                    JsonTrees.optional(state, "syncResult", "revision")
                                            .orElse(
                                                    JsonTrees.text(
                                                            state,
                                                            "operation",
                                                            "sync",
                                                            "revision"));
                            return new LastAttempt(
                                    revision,
                                    source,
                                    phase,
                                    JsonTrees.text(state, "message"),
                                    SyncFacts.instant(JsonTrees.text(state, "finishedAt")),
                                    JsonTrees.numberOr(
                                            0,
                                            state,
                                            "operation",
                                            "sync",
                                            "autoHealAttemptsCount"));
                        });
    }

    /// By the last entry of the history.
    private static Optional<LastAttempt> lastSynced(ObjectNode app, AppSpec spec) {
        List<JsonNode> history = JsonTrees.items(app, "status", "history");
        if (history.isEmpty()) {
            return Optional.empty();
        }
        JsonNode entry = history.getLast();
        return Optional.of(
                new LastAttempt(
                        JsonTrees.text(entry, "revision"),
                        entry.has("source") ? entry.path("source") : spec.source().raw(),
                        OperationPhase.Succeeded,
                        "",
                        SyncFacts.instant(JsonTrees.text(entry, "deployedAt")),
                        0));
    }

    /// Asks for an operation.
    ///
    /// @param healAttempt 0 for a sync of everything
    static void request(
            ObjectNode app, Observation.Seen seen, long healAttempt, List<ObjectKey> only) {
        ObjectNode operation = JsonTrees.object();
        ObjectNode sync = operation.putObject("sync");
        sync.put("revision", seen.revision())
                .put(
                        "prune",
                        seen.spec().automated().filter(AppSpec.Automation::prune).isPresent());
        if (!seen.spec().syncOptions().isEmpty()) {
            sync.set("syncOptions", JsonTrees.arrayOf(seen.spec().syncOptions()));
        }
        if (healAttempt > 0) {
            sync.put("autoHealAttemptsCount", healAttempt);
            var resources = sync.putArray("resources");
            only.forEach(
                    key ->
                            resources
                                    .addObject()
                                    .put("group", key.group())
                                    .put("kind", key.kind())
                                    .put("name", key.name()));
        }
        operation.putObject("initiatedBy").put("automated", true);
        ObjectNode retry = operation.putObject("retry").put("limit", RetryPolicy.AUTOMATED_LIMIT);
        JsonNode own = JsonTrees.at(app, "spec", "syncPolicy", "retry");
        JsonTrees.fields(own)
                .forEach(field -> retry.set(field.getKey(), field.getValue().deepCopy()));
        app.set("operation", operation);
    }
}
