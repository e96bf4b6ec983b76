package dev.sluice.rollout.core.validation;

import static dev.sluice.rollout.core.validation.FieldError.internal;
import static dev.sluice.rollout.core.validation.FieldError.invalid;
import static dev.sluice.rollout.core.validation.FieldError.required;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.WorkloadTarget;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The checks that need the spec alone, in the order in which users are told. Only the first
/// error counts.
public final class SpecRules {
    private static final String MIN_ZERO = "must be greater than or equal to 0";
    private static final int DEFAULT_DEADLINE = 600;
    private static final int DEFAULT_HISTORY = 10;

    private SpecRules() {}

    public static Optional<String> firstError(JsonNode spec) {
        return firstError(spec, spec);
    }

    /// @param given the spec as stored
    /// @param spec the same with template and selector of the workload that it refers to
    public static Optional<String> firstError(JsonNode given, JsonNode spec) {
        return first(
                List.of(
                        () -> notNegative(spec, "replicas"),
                        () -> selector(spec),
                        () -> workload(given),
                        () -> TemplateRules.firstError(spec),
                        () -> notNegative(spec, "minReadySeconds"),
                        () -> notNegative(spec, "revisionHistoryLimit"),
                        () -> notNegative(spec, "progressDeadlineSeconds"),
                        () -> deadline(spec),
                        () -> strategy(spec)));
    }

    /// The first error of checks that run in turn and stop there.
    static Optional<String> first(List<Supplier<Optional<String>>> checks) {
        return checks.stream().map(Supplier::get).flatMap(Optional::stream).findFirst();
    }

    private static Optional<String> notNegative(JsonNode spec, String field) {
        JsonNode value = spec.path(field);
        return value.isNumber() && value.asLong() < 0
                ? Optional.of(invalid("spec." + field, value, MIN_ZERO))
                : Optional.empty();
    }

    private static Optional<String> selector(JsonNode spec) {
        JsonNode selector = spec.path("selector");
        if (!selector.isObject()) {
            return Optional.of(
                    required("spec.selector", "Rollout has missing field '.spec.selector'"));
        }
        boolean empty =
                selector.path("matchLabels").isEmpty()
                        && selector.path("matchExpressions").isEmpty();
        return empty
                ? Optional.of(
                        invalid(
                                "spec.selector",
                                selector,
                                "empty selector is invalid for deployment"))
                : Optional.empty();
    }

    private static Optional<String> workload(JsonNode given) {
        JsonNode metadata = given.path("template").path("metadata");
        boolean both =
                WorkloadTarget.isGiven(given)
                        && !(metadata.path("labels").isEmpty()
                                && metadata.path("annotations").isEmpty());
        return both
                ? Optional.of(
                        internal(
                                "spec.template",
                                "template must be empty for workload reference rollout"))
                : Optional.empty();
    }

    private static Optional<String> deadline(JsonNode spec) {
        int seconds = spec.path("progressDeadlineSeconds").asInt(DEFAULT_DEADLINE);
        return seconds <= spec.path("minReadySeconds").asInt(0)
                ? Optional.of(
                        invalid(
                                "spec.progressDeadlineSeconds",
                                Integer.toString(seconds),
                                "must be greater than minReadySeconds"))
                : Optional.empty();
    }

    private static Optional<String> strategy(JsonNode spec) {
        JsonNode canary = spec.path("strategy").path("canary");
        JsonNode blueGreen = spec.path("strategy").path("blueGreen");
        if (!canary.isObject() && !blueGreen.isObject()) {
            return Optional.of(
                    required(
                            "spec.strategy",
                            "Rollout has missing field '.spec.strategy.canary or"
                                    + " .spec.strategy.blueGreen'"));
        }
        if (canary.isObject() && blueGreen.isObject()) {
            return Optional.of(
                    invalid(
                            "spec.strategy",
                            spec.path("strategy"),
                            "Multiple Strategies can not be listed"));
        }
        return canary.isObject() ? CanaryRules.firstError(canary) : blueGreen(spec, blueGreen);
    }

    private static Optional<String> blueGreen(JsonNode spec, JsonNode bg) {
        String active = bg.path("activeService").asText("");
        if (active.isEmpty()) {
            return Optional.of(required("spec.strategy.blueGreen.activeService", ""));
        }
        if (active.equals(bg.path("previewService").asText(""))) {
            return Optional.of(
                    invalid(
                            "spec.strategy.activeService",
                            bg.path("activeService"),
                            "This rollout uses the same service for the active and preview"
                                    + " services, but two different services are required."));
        }
        JsonNode limit = bg.path("scaleDownDelayRevisionLimit");
        if (limit.isNumber()
                && limit.asInt() > spec.path("revisionHistoryLimit").asInt(DEFAULT_HISTORY)) {
            return Optional.of(
                    invalid(
                            "spec.strategy.scaleDownDelayRevisionLimit",
                            limit,
                            "This rollout's revision history limit can not be smaller than the"
                                    + " rollout's scale down limit"));
        }
        return CanaryRules.antiAffinity(bg);
    }
}
