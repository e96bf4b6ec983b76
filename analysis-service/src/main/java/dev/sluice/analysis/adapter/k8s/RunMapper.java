package dev.sluice.analysis.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.analysis.core.AnalysisRun;
import dev.sluice.analysis.core.Measurement;
import dev.sluice.analysis.core.MetricResult;
import dev.sluice.analysis.core.Phase;
import dev.sluice.analysis.core.RunStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// JSON ⇄ core records. Integers that are 0 and texts that are empty are left out, as users know
/// it.
final class RunMapper {
    private RunMapper() {}

    static AnalysisRun toRun(AnalysisRunResource resource) {
        JsonNode spec = resource.specOrMissing();
        List<JsonNode> metrics = new ArrayList<>();
        spec.path("metrics").forEach(metrics::add);
        List<AnalysisRun.Argument> arguments = new ArrayList<>();
        spec.path("args").forEach(argument -> arguments.add(argument(argument)));
        List<String> dryRun = new ArrayList<>();
        spec.path("dryRun").forEach(rule -> dryRun.add(rule.path("metricName").asText("")));
        List<AnalysisRun.Retention> retention = new ArrayList<>();
        spec.path("measurementRetention")
                .forEach(
                        rule ->
                                retention.add(
                                        new AnalysisRun.Retention(
                                                rule.path("metricName").asText(""),
                                                rule.path("limit").asInt(0))));
        JsonNode ttl = spec.path("ttlStrategy");
        return new AnalysisRun(
                identity(resource.getMetadata()),
                metrics,
                arguments,
                spec.path("terminate").asBoolean(false),
                dryRun,
                retention,
                new AnalysisRun.TimeToLive(
                        seconds(ttl, "secondsAfterCompletion"),
                        seconds(ttl, "secondsAfterFailure"),
                        seconds(ttl, "secondsAfterSuccess")),
                toStatus(resource.statusOrMissing()));
    }

    private static AnalysisRun.Identity identity(ObjectMeta metadata) {
        Map<String, String> labels = Optional.ofNullable(metadata.getLabels()).orElse(Map.of());
        Map<String, String> annotations =
                Optional.ofNullable(metadata.getAnnotations()).orElse(Map.of());
        Optional<AnalysisRun.Owner> owner =
                Optional.ofNullable(metadata.getOwnerReferences()).orElse(List.of()).stream()
                        .filter(reference -> Boolean.TRUE.equals(reference.getController()))
                        .map(
                                reference ->
                                        new AnalysisRun.Owner(
                                                reference.getKind(),
                                                reference.getName(),
                                                reference.getUid()))
                        .findFirst();
        return new AnalysisRun.Identity(
                metadata.getNamespace(),
                metadata.getName(),
                metadata.getUid(),
                metadata.getResourceVersion(),
                instant(metadata.getCreationTimestamp()).orElse(Instant.EPOCH),
                owner,
                Optional.ofNullable(labels.get("rollout-type")),
                Optional.ofNullable(labels.get("rollouts-pod-template-hash")),
                Optional.ofNullable(labels.get("step-index")).flatMap(RunMapper::number),
                Optional.ofNullable(annotations.get("sluice.dev/attempt")));
    }

    private static AnalysisRun.Argument argument(JsonNode json) {
        JsonNode secret = json.path("valueFrom").path("secretKeyRef");
        return new AnalysisRun.Argument(
                json.path("name").asText(""),
                json.hasNonNull("value")
                        ? Optional.of(json.path("value").asText(""))
                        : Optional.empty(),
                secret.isObject()
                        ? Optional.of(
                                new AnalysisRun.SecretKey(
                                        secret.path("name").asText(""),
                                        secret.path("key").asText("")))
                        : Optional.empty());
    }

    private static Optional<Integer> number(String text) {
        try {
            return Optional.of(Integer.parseInt(text));
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
    }

    private static Optional<Long> seconds(JsonNode json, String field) {
        return json.path(field).isNumber()
                ? Optional.of(json.path(field).asLong())
                : Optional.empty();
    }

    static RunStatus toStatus(JsonNode status) {
        List<MetricResult> results = new ArrayList<>();
        status.path("metricResults").forEach(result -> results.add(result(result)));
        return new RunStatus(
                Phase.of(status.path("phase").asText("")),
                status.path("message").asText(""),
                results,
                instant(status.path("startedAt").asText("")),
                instant(status.path("completedAt").asText("")),
                summary(status.path("runSummary")),
                summary(status.path("dryRunSummary")));
    }

    private static Optional<RunStatus.Summary> summary(JsonNode json) {
        return json.isObject()
                ? Optional.of(
                        new RunStatus.Summary(
                                json.path("count").asInt(0),
                                json.path("successful").asInt(0),
                                json.path("failed").asInt(0),
                                json.path("inconclusive").asInt(0),
                                json.path("error").asInt(0)))
                : Optional.empty();
    }

    private static MetricResult result(JsonNode json) {
        List<Measurement> measurements = new ArrayList<>();
        json.path("measurements")
                .forEach(measurement -> measurements.add(measurement(measurement)));
        return new MetricResult(
                json.path("name").asText(""),
                Phase.of(json.path("phase").asText("")).orElse(Phase.RUNNING),
                json.path("message").asText(""),
                measurements,
                new MetricResult.Counters(
                        json.path("count").asInt(0),
                        json.path("successful").asInt(0),
                        json.path("failed").asInt(0),
                        json.path("inconclusive").asInt(0),
                        json.path("error").asInt(0),
                        json.path("consecutiveError").asInt(0),
                        json.path("consecutiveSuccess").asInt(0)),
                json.path("dryRun").asBoolean(false),
                texts(json.path("metadata")));
    }

    private static Measurement measurement(JsonNode json) {
        return new Measurement(
                Phase.of(json.path("phase").asText("")).orElse(Phase.ERROR),
                json.path("message").asText(""),
                instant(json.path("startedAt").asText("")).orElse(Instant.EPOCH),
                instant(json.path("finishedAt").asText("")),
                json.path("value").asText(""),
                texts(json.path("metadata")),
                instant(json.path("resumeAt").asText("")));
    }

    private static Map<String, String> texts(JsonNode json) {
        Map<String, String> texts = new TreeMap<>();
        json.properties().forEach(field -> texts.put(field.getKey(), field.getValue().asText("")));
        return texts;
    }

    private static Optional<Instant> instant(@org.jspecify.annotations.Nullable String text) {
        if (text == null || text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeParseException _) {
            return Optional.empty();
        }
    }

    static ObjectNode toJson(RunStatus status) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("phase", status.phase().map(Phase::text).orElse(""));
        text(json, "message", status.message());
        ArrayNode results = JsonNodeFactory.instance.arrayNode();
        status.metricResults().forEach(result -> results.add(toJson(result)));
        if (!results.isEmpty()) {
            json.set("metricResults", results);
        }
        time(json, "startedAt", status.startedAt());
        time(json, "completedAt", status.completedAt());
        status.runSummary().ifPresent(summary -> json.set("runSummary", toJson(summary)));
        status.dryRunSummary().ifPresent(summary -> json.set("dryRunSummary", toJson(summary)));
        return json;
    }

    private static ObjectNode toJson(RunStatus.Summary summary) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        number(json, "count", summary.count());
        number(json, "successful", summary.successful());
        number(json, "failed", summary.failed());
        number(json, "inconclusive", summary.inconclusive());
        number(json, "error", summary.error());
        return json;
    }

    private static ObjectNode toJson(MetricResult result) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", result.name());
        json.put("phase", result.phase().text());
        text(json, "message", result.message());
        ArrayNode measurements = json.putArray("measurements");
        result.measurements().forEach(measurement -> measurements.add(toJson(measurement)));
        MetricResult.Counters counters = result.counters();
        number(json, "count", counters.count());
        number(json, "successful", counters.successful());
        number(json, "failed", counters.failed());
        number(json, "inconclusive", counters.inconclusive());
        number(json, "error", counters.error());
        number(json, "consecutiveError", counters.consecutiveError());
        number(json, "consecutiveSuccess", counters.consecutiveSuccess());
        if (result.dryRun()) {
            json.put("dryRun", true);
        }
        texts(json, result.metadata());
        return json;
    }

    private static ObjectNode toJson(Measurement measurement) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("phase", measurement.phase().text());
        text(json, "message", measurement.message());
        time(json, "startedAt", Optional.of(measurement.startedAt()));
        time(json, "finishedAt", measurement.finishedAt());
        text(json, "value", measurement.value());
        texts(json, measurement.metadata());
        time(json, "resumeAt", measurement.resumeAt());
        return json;
    }

    private static void text(ObjectNode json, String field, String text) {
        if (!text.isEmpty()) {
            json.put(field, text);
        }
    }

    private static void number(ObjectNode json, String field, int number) {
        if (number != 0) {
            json.put(field, number);
        }
    }

    private static void texts(ObjectNode json, Map<String, String> texts) {
        if (!texts.isEmpty()) {
            ObjectNode fields = json.putObject("metadata");
            texts.forEach(fields::put);
        }
    }

    private static void time(ObjectNode json, String field, Optional<Instant> at) {
        at.ifPresent(
                instant -> json.put(field, instant.truncatedTo(ChronoUnit.SECONDS).toString()));
    }

    /// The merge patch from the stored status to the wanted one; empty if nothing differs.
    static ObjectNode statusPatch(JsonNode stored, RunStatus wanted) {
        ObjectNode next = toJson(wanted);
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        next.properties()
                .forEach(
                        field -> {
                            if (!field.getValue().equals(stored.path(field.getKey()))) {
                                patch.set(field.getKey(), field.getValue());
                            }
                        });
        for (String field : List.of("message", "metricResults", "startedAt", "completedAt")) {
            if (stored.hasNonNull(field) && !next.has(field)) {
                patch.putNull(field);
            }
        }
        // A merge patch adds to maps: a counter that is back at 0 must be removed by name.
        for (String summary : List.of("runSummary", "dryRunSummary")) {
            if (patch.get(summary) instanceof ObjectNode fields) {
                stored.path(summary)
                        .fieldNames()
                        .forEachRemaining(
                                name -> {
                                    if (!fields.has(name)) {
                                        fields.putNull(name);
                                    }
                                });
            }
        }
        return patch;
    }
}
