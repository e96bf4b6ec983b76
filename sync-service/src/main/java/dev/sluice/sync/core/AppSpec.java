package dev.sluice.sync.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/// What an Application asks for, validated.
public record AppSpec(
        String project,
        Source source,
        Destination destination,
        Optional<Automation> automated,
        List<String> syncOptions,
        Optional<RetryPolicy> retry,
        List<IgnoreRule> ignoreDifferences,
        int historyLimit) {
    public AppSpec {
        syncOptions = List.copyOf(syncOptions);
        ignoreDifferences = List.copyOf(ignoreDifferences);
    }

    /// One Git source. `raw` is the source as the user wrote it: it is compared, copied to history
    /// and to results.
    public record Source(
            String repoUrl,
            String path,
            String targetRevision,
            Optional<JsonNode> kustomize,
            Directory directory,
            JsonNode raw) {}

    public record Directory(boolean explicit, boolean recurse, String include, String exclude) {}

    public record Destination(String server, String name, String namespace) {
        public static final String IN_CLUSTER = "https://kubernetes.default.svc";

        public String effectiveServer() {
            return server.isEmpty() ? IN_CLUSTER : server;
        }
    }

    public record Automation(boolean prune, boolean selfHeal, boolean allowEmpty) {}

    public record IgnoreRule(
            String group,
            String kind,
            String name,
            String namespace,
            List<String> jsonPointers,
            List<String> jqPaths,
            List<String> managers) {
        public IgnoreRule {
            jsonPointers = List.copyOf(jsonPointers);
            jqPaths = List.copyOf(jqPaths);
            managers = List.copyOf(managers);
        }

        public boolean concerns(ObjectKey key) {
            return Glob.matches(group, key.group())
                    && Glob.matches(kind, key.kind())
                    && (name.isEmpty() || name.equals(key.name()))
                    && (namespace.isEmpty() || namespace.equals(key.namespace()));
        }
    }

    public boolean hasOption(String option) {
        return syncOptions.contains(option);
    }
}
