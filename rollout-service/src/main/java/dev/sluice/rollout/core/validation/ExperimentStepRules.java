package dev.sluice.rollout.core.validation;

import static dev.sluice.rollout.core.validation.FieldError.invalid;
import static dev.sluice.rollout.core.validation.FieldError.required;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.Durations;
import dev.sluice.rollout.core.Strategy.Routing;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Checks of canary steps that run an Experiment, and of the arguments of any step's analyses.
final class ExperimentStepRules {
    private static final List<String> WEIGHTED = List.of("smi", "alb", "istio", "plugins");
    private static final Pattern DOWNWARD =
            Pattern.compile(
                    "metadata\\.(name|namespace|uid|labels|annotations"
                            + "|(labels|annotations)\\['[^']{1,300}'])");

    private ExperimentStepRules() {}

    /// The first error of the step at `index`.
    static Optional<String> firstError(JsonNode canary, int index) {
        JsonNode steps = canary.path("steps");
        String path = "spec.strategy.steps[" + index + "]";
        JsonNode step = steps.path(index);
        Optional<String> argument =
                arguments(path + ".analysis.args", step.path("analysis").path("args"));
        if (argument.isPresent() || !step.hasNonNull("experiment")) {
            return argument;
        }
        JsonNode experiment = step.path("experiment");
        String at = path + ".experiment";
        return SpecRules.first(
                List.of(
                        () -> templates(at, experiment.path("templates"), canary),
                        () -> sum(at, canary, index),
                        () -> duration(at, experiment.path("duration")),
                        () -> analyses(at, experiment.path("analyses"))));
    }

    private static Optional<String> templates(String at, JsonNode templates, JsonNode canary) {
        if (templates.isEmpty()) {
            return Optional.of(required(at + ".templates", "an experiment needs a template"));
        }
        Set<String> names = new HashSet<>();
        for (int i = 0; i < templates.size(); i++) {
            Optional<String> error =
                    template(at + ".templates[" + i + "]", templates.get(i), names, canary);
            if (error.isPresent()) {
                return error;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> template(
            String at, JsonNode template, Set<String> names, JsonNode canary) {
        JsonNode name = template.path("name");
        if (name.asText("").isEmpty()) {
            return Optional.of(required(at + ".name", ""));
        }
        if (!names.add(name.asText())) {
            return Optional.of(
                    invalid(at + ".name", name, "two templates of an experiment have this name"));
        }
        if (!Set.of("canary", "stable").contains(template.path("specRef").asText(""))) {
            return Optional.of(
                    invalid(
                            at + ".specRef",
                            template.path("specRef"),
                            "Invalid template step SpecRef: must be canary or stable"));
        }
        JsonNode selector = template.path("selector");
        if (selector.isObject()
                && selector.path("matchLabels").isEmpty()
                && selector.path("matchExpressions").isEmpty()) {
            return Optional.of(
                    invalid(at + ".selector", selector, "a non-empty selector is required"));
        }
        JsonNode replicas = template.path("replicas");
        if (replicas.isNumber() && replicas.asInt() < 0) {
            return Optional.of(
                    invalid(at + ".replicas", replicas, "must be greater than or equal to 0"));
        }
        return weight(at + ".weight", template.path("weight"), canary.path("trafficRouting"));
    }

    private static Optional<String> weight(String at, JsonNode weight, JsonNode routing) {
        if (!weight.isNumber()) {
            return Optional.empty();
        }
        if (!routing.isObject()) {
            return Optional.of(
                    invalid(
                            at,
                            weight,
                            "Experiment template weight cannot be set unless TrafficRouting is"
                                    + " enabled"));
        }
        if (WEIGHTED.stream().noneMatch(routing::hasNonNull)) {
            return Optional.of(
                    invalid(
                            at,
                            weight,
                            "Experiment template weight is only available for TrafficRouting with"
                                    + " SMI, ALB, Istio and Plugins at this time"));
        }
        return weight.asInt() < 0
                ? Optional.of(invalid(at, weight, "must be greater than or equal to 0"))
                : Optional.empty();
    }

    /// The stable revision cannot give more than it has (T4).
    private static Optional<String> sum(String at, JsonNode canary, int index) {
        JsonNode steps = canary.path("steps");
        int max =
                canary.path("trafficRouting")
                        .path("maxTrafficWeight")
                        .asInt(Routing.DEFAULT_MAX_WEIGHT);
        long taken = 0;
        for (int i = index; i >= 0; i--) {
            if (steps.get(i).hasNonNull("setWeight")) {
                taken = steps.get(i).path("setWeight").asLong(0);
                break;
            }
        }
        long wanted = 0;
        for (JsonNode template : steps.get(index).path("experiment").path("templates")) {
            wanted += template.path("weight").asLong(0);
        }
        return wanted > 0 && taken + wanted > max
                ? Optional.of(
                        invalid(
                                at + ".templates",
                                Long.toString(wanted),
                                "the templates' weights and the canary's "
                                        + taken
                                        + " must not exceed "
                                        + max))
                : Optional.empty();
    }

    private static Optional<String> duration(String at, JsonNode duration) {
        boolean isGiven = !duration.asText("").isEmpty();
        return isGiven && Durations.seconds(duration) < 0
                ? Optional.of(
                        invalid(at + ".duration", duration, "Duration needs to be greater than 0"))
                : Optional.empty();
    }

    private static Optional<String> analyses(String at, JsonNode analyses) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < analyses.size(); i++) {
            JsonNode analysis = analyses.get(i);
            String path = at + ".analyses[" + i + "]";
            if (!names.add(analysis.path("name").asText(""))) {
                return Optional.of(
                        invalid(
                                path + ".name",
                                analysis.path("name"),
                                "two analyses of an experiment have this name"));
            }
            Optional<String> error = arguments(path + ".args", analysis.path("args"));
            if (error.isPresent()) {
                return error;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> arguments(String at, JsonNode args) {
        for (int i = 0; i < args.size(); i++) {
            String field =
                    args.get(i).path("valueFrom").path("fieldRef").path("fieldPath").asText("");
            if (field.startsWith("metadata") && !DOWNWARD.matcher(field).matches()) {
                return Optional.of(
                        invalid(
                                at + "[" + i + "].valueFrom.fieldRef.fieldPath",
                                "\"" + field + "\"",
                                "Analyses arguments must refer to valid object metadata supported"
                                        + " by downwardAPI"));
            }
        }
        return Optional.empty();
    }
}
