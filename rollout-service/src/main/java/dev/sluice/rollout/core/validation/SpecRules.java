package dev.sluice.rollout.core.validation;

import static dev.sluice.rollout.core.validation.FieldError.invalid;
import static dev.sluice.rollout.core.validation.FieldError.required;
import static dev.sluice.rollout.core.validation.FieldError.unsupported;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
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
        return first(
                List.of(
                        () -> notNegative(spec, "replicas"),
                        () -> selector(spec),
                        () ->
                                spec.hasNonNull("workloadRef")
                                        ? Optional.of(
                                                unsupported("spec.workloadRef", "workloadRef"))
                                        : Optional.empty(),
                        () -> template(spec),
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
        if (spec.hasNonNull("workloadRef")) {
            return Optional.empty();
        }
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

    private static Optional<String> template(JsonNode spec) {
        JsonNode labels = spec.path("template").path("metadata").path("labels");
        for (Map.Entry<String, JsonNode> e :
                spec.path("selector").path("matchLabels").properties()) {
            if (!e.getValue().asText().equals(labels.path(e.getKey()).asText(""))) {
                return Optional.of(
                        invalid(
                                "spec.template.metadata.labels",
                                labels,
                                "`selector` does not match template `labels`"));
            }
        }
        JsonNode pod = spec.path("template").path("spec");
        JsonNode restart = pod.path("restartPolicy");
        if (!restart.asText("").isEmpty() && !restart.asText().equals("Always")) {
            return Optional.of(
                    "spec.template.spec.restartPolicy: Unsupported value: "
                            + restart
                            + ": supported values: \"Always\"");
        }
        JsonNode containers = pod.path("containers");
        if (!containers.isArray() || containers.isEmpty()) {
            return Optional.of(required("spec.template.spec.containers", ""));
        }
        for (int i = 0; i < containers.size(); i++) {
            for (String field : List.of("name", "image")) {
                if (containers.get(i).path(field).asText("").isEmpty()) {
                    return Optional.of(
                            required("spec.template.spec.containers[" + i + "]." + field, ""));
                }
            }
        }
        return Optional.empty();
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
        return first(
                List.of(
                        () -> CanaryRules.antiAffinity(bg),
                        () ->
                                CanaryRules.refused(
                                        bg,
                                        List.of(
                                                "antiAffinity",
                                                "previewMetadata",
                                                "activeMetadata"))));
    }
}
