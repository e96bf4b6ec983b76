package dev.sluice.rollout.core.experiment;

import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.status.Times;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `{{templates.<t>.podTemplateHash}}` and the like in arguments of an Experiment's analyses.
final class Placeholders {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([^{}]{1,300})}}");

    private Placeholders() {}

    /// Outcome of a resolution.
    sealed interface Result {
        record Text(String value) implements Result {}

        record Unknown(String placeholder) implements Result {}
    }

    static Result resolve(String value, ExperimentPass pass) {
        Matcher matcher = PLACEHOLDER.matcher(value);
        StringBuilder out = new StringBuilder();
        while (matcher.find()) {
            String name = matcher.group(1).strip();
            Optional<String> text = lookUp(name, pass);
            if (text.isEmpty()) {
                return new Result.Unknown(name);
            }
            matcher.appendReplacement(out, Matcher.quoteReplacement(text.get()));
        }
        return new Result.Text(matcher.appendTail(out).toString());
    }

    private static Optional<String> lookUp(String name, ExperimentPass pass) {
        if (name.equals("experiment.availableAt")) {
            return pass.availableAt.map(Times::text);
        }
        if (name.equals("experiment.finishedAt")) {
            return pass.end().map(Times::text);
        }
        for (ExperimentSpec.Template template : pass.spec.templates()) {
            Optional<ReplicaSetView> set = TemplateWork.setOf(pass, template.name());
            String prefix = "templates." + template.name();
            if (name.equals(prefix + ".podTemplateHash")) {
                return set.map(ReplicaSetView::hash);
            }
            if (name.equals(prefix + ".replicaset.name")) {
                return set.map(ReplicaSetView::name);
            }
        }
        return Optional.empty();
    }
}
