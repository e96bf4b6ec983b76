package dev.sluice.rollout.core.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.Durations;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// Checks of an Experiment's spec; the first problem counts. Analyses are checked when their turn
/// comes.
final class ExperimentRules {
    private ExperimentRules() {}

    static Optional<String> firstError(String name, JsonNode spec) {
        JsonNode templates = spec.path("templates");
        int deadline =
                spec.path("progressDeadlineSeconds").asInt(ExperimentSpec.DEFAULT_DEADLINE_SECONDS);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < templates.size(); i++) {
            Optional<String> error = template(name, templates.get(i), i, deadline, names);
            if (error.isPresent()) {
                return error;
            }
        }
        if (templates.isEmpty()) {
            return Optional.of("Experiment " + name + " has no templates");
        }
        JsonNode duration = spec.path("duration");
        boolean isReadable =
                duration.isMissingNode()
                        || duration.isNull()
                        || duration.asText("").isEmpty()
                        || Durations.seconds(duration) >= 0;
        return isReadable
                ? Optional.empty()
                : Optional.of("Experiment " + name + " has a duration that is none: " + duration);
    }

    private static Optional<String> template(
            String experiment, JsonNode template, int index, int deadline, Set<String> names) {
        JsonNode selector = template.path("selector");
        if (!selector.isObject()) {
            return Optional.of(
                    "Rollout has missing field '.Spec.Templates[" + index + "].Selector'");
        }
        if (selector.path("matchLabels").isEmpty() && selector.path("matchExpressions").isEmpty()) {
            return Optional.of(
                    "This experiment is selecting all pods at index "
                            + index
                            + ". A non-empty selector is required.");
        }
        if (template.path("minReadySeconds").asInt(0) > deadline) {
            return Optional.of(
                    "MinReadySeconds cannot be longer than ProgressDeadlineSeconds. Check template"
                            + " index "
                            + index);
        }
        String name = template.path("name").asText("");
        if (name.isEmpty()) {
            return Optional.of(
                    "Experiment " + experiment + " has empty template name at index " + index);
        }
        return names.add(name)
                ? Optional.empty()
                : Optional.of(
                        "Experiment "
                                + experiment
                                + " has repeated template name '"
                                + name
                                + "' in templates");
    }
}
