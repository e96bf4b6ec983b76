package dev.sluice.analysis.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// An AnalysisRun as read from the cluster. Metrics stay raw JSON until their arguments are known.
public record AnalysisRun(
        Identity identity,
        List<JsonNode> metrics,
        List<Argument> arguments,
        boolean terminate,
        List<String> dryRun,
        List<Retention> retention,
        TimeToLive timeToLive,
        RunStatus status) {

    /// @param owner the Rollout that asked for it
    public record Identity(
            String namespace,
            String name,
            String uid,
            String resourceVersion,
            Instant createdAt,
            Optional<Owner> owner,
            Optional<String> type,
            Optional<String> podTemplateHash,
            Optional<Integer> stepIndex,
            Optional<String> attempt) {}

    public record Owner(String kind, String name, String uid) {}

    /// @param secret where the value is to be read from, at measurement and never before
    public record Argument(String name, Optional<String> value, Optional<SecretKey> secret) {}

    public record SecretKey(String name, String key) {}

    /// @param metricName unanchored regular expression
    public record Retention(String metricName, int limit) {}

    /// Seconds after which a completed run is deleted.
    public record TimeToLive(
            Optional<Long> completion, Optional<Long> failure, Optional<Long> success) {
        public static final TimeToLive NONE =
                new TimeToLive(Optional.empty(), Optional.empty(), Optional.empty());
    }

    public AnalysisRun {
        metrics = List.copyOf(metrics);
        arguments = List.copyOf(arguments);
        dryRun = List.copyOf(dryRun);
        retention = List.copyOf(retention);
    }
}
