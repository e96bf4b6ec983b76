package dev.sluice.sync.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/// The top-level `operation` of an Application. The options that count are those in here, not those
/// of the spec.
public record OperationRequest(
        JsonNode raw,
        Optional<String> revision,
        Optional<JsonNode> source,
        boolean prune,
        boolean dryRun,
        boolean applyOnly,
        List<String> options,
        List<Selector> resources,
        boolean automated,
        String username,
        Optional<RetryPolicy> retry,
        long healAttempts,
        Optional<String> unsupported) {
    public OperationRequest {
        options = List.copyOf(options);
        resources = List.copyOf(resources);
    }

    /// One entry of a selective sync; an empty namespace means any.
    public record Selector(String group, String kind, String namespace, String name) {
        boolean selects(ObjectKey key) {
            return group.equals(key.group())
                    && kind.equals(key.kind())
                    && name.equals(key.name())
                    && (namespace.isEmpty() || namespace.equals(key.namespace()));
        }
    }

    public static OperationRequest of(JsonNode operation) {
        JsonNode sync = operation.path("sync");
        Optional<String> unsupported =
                !sync.isObject()
                        ? Optional.of(
                                "operation.sync is missing: only sync operations are supported")
                        : !JsonTrees.items(sync, "manifests").isEmpty()
                                ? Optional.of(
                                        "operation.sync.manifests: local manifests are not"
                                                + " supported")
                                : Optional.empty();
        List<String> revisions = JsonTrees.texts(sync, "revisions");
        List<JsonNode> sources = JsonTrees.items(sync, "sources");
        return new OperationRequest(
                operation,
                JsonTrees.optional(sync, "revision").or(() -> revisions.stream().findFirst()),
                sync.path("source").isObject()
                        ? Optional.of(sync.path("source"))
                        : sources.stream().findFirst(),
                JsonTrees.flag(sync, "prune"),
                JsonTrees.flag(sync, "dryRun"),
                sync.path("syncStrategy").path("apply").isObject(),
                JsonTrees.texts(sync, "syncOptions"),
                JsonTrees.items(sync, "resources").stream()
                        .map(
                                r ->
                                        new Selector(
                                                JsonTrees.text(r, "group"),
                                                JsonTrees.text(r, "kind"),
                                                JsonTrees.text(r, "namespace"),
                                                JsonTrees.text(r, "name")))
                        .toList(),
                JsonTrees.flag(operation, "initiatedBy", "automated"),
                JsonTrees.text(operation, "initiatedBy", "username"),
                operation.path("retry").isObject()
                        ? Optional.of(RetryPolicy.of(operation.path("retry")))
                        : Optional.empty(),
                JsonTrees.numberOr(0, sync, "autoHealAttemptsCount"),
                unsupported);
    }

    public boolean isSelective() {
        return !resources.isEmpty();
    }

    public boolean runsHooks() {
        return !applyOnly && !isSelective();
    }

    boolean selects(ObjectKey key) {
        return resources.isEmpty()
                || resources.stream().anyMatch(selector -> selector.selects(key));
    }

    public boolean hasOption(String option) {
        return options.contains(option);
    }

    public RetryPolicy retryPolicy() {
        return retry.orElse(RetryPolicy.NONE);
    }
}
