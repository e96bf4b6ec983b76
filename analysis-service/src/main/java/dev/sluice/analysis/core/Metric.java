package dev.sluice.analysis.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// One metric with its arguments resolved. Durations stay text until `MetricRules` has approved
/// them.
public record Metric(
        String name,
        String interval,
        String initialDelay,
        OptionalInt count,
        int failureLimit,
        int inconclusiveLimit,
        int consecutiveErrorLimit,
        int consecutiveSuccessLimit,
        String successCondition,
        String failureCondition,
        JsonNode provider) {

    static final int DEFAULT_CONSECUTIVE_ERRORS = 4;

    public static Metric of(JsonNode json) {
        return new Metric(
                json.path("name").asText(""),
                json.path("interval").asText(""),
                json.path("initialDelay").asText(""),
                number(json, "count"),
                number(json, "failureLimit").orElse(0),
                number(json, "inconclusiveLimit").orElse(0),
                number(json, "consecutiveErrorLimit").orElse(DEFAULT_CONSECUTIVE_ERRORS),
                number(json, "consecutiveSuccessLimit").orElse(0),
                json.path("successCondition").asText(""),
                json.path("failureCondition").asText(""),
                json.path("provider"));
    }

    private static OptionalInt number(JsonNode json, String field) {
        JsonNode value = json.path(field);
        if (value.isMissingNode()
                || value.isNull()
                || (value.isTextual() && value.textValue().isEmpty())) {
            return OptionalInt.empty();
        }
        if (value.canConvertToInt() && value.isIntegralNumber()) {
            return OptionalInt.of(value.intValue());
        }
        try {
            return OptionalInt.of(Integer.parseInt(value.asText().strip()));
        } catch (NumberFormatException _) {
            throw new InvalidRunException(
                    "metric '"
                            + json.path("name").asText("")
                            + "': "
                            + field
                            + " is not a whole number: '"
                            + value.asText()
                            + "'");
        }
    }

    /// The one key below `provider`.
    public String providerType() {
        List<String> types = providerTypes();
        return types.isEmpty() ? "" : types.getFirst();
    }

    List<String> providerTypes() {
        List<String> types = new ArrayList<>();
        provider.properties()
                .forEach(
                        entry -> {
                            if (!entry.getValue().isNull()) {
                                types.add(entry.getKey());
                            }
                        });
        return types;
    }

    public JsonNode settings() {
        return provider.path(providerType());
    }

    /// How many measurements end the metric; none for an endless one.
    public OptionalInt effectiveCount() {
        if (count.isPresent() && count.getAsInt() != 0) {
            return count;
        }
        return interval.isEmpty() ? OptionalInt.of(1) : OptionalInt.empty();
    }

    Optional<Duration> intervalLength() {
        return interval.isEmpty() ? Optional.empty() : Optional.of(GoDuration.parse(interval));
    }

    Optional<Duration> delay() {
        return initialDelay.isEmpty()
                ? Optional.empty()
                : Optional.of(GoDuration.parse(initialDelay));
    }
}
