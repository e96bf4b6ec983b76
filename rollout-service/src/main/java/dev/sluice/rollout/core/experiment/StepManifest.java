package dev.sluice.rollout.core.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Owner;
import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.analysis.Arguments;
import dev.sluice.rollout.core.analysis.Measurement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The Experiment that a canary step asks for. The same release and step always give the same
/// object (G9).
final class StepManifest {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final List<String> COPIED =
            List.of("duration", "dryRun", "analysisRunMetadata", "scaleDownDelaySeconds");

    private final Pass pass;
    private final JsonNode step;

    StepManifest(Pass pass, JsonNode step) {
        this.pass = pass;
        this.step = step;
    }

    /// Outcome of putting the spec together.
    sealed interface Result {
        record Ready(ObjectNode spec) implements Result {}

        record Broken(String why) implements Result {}
    }

    static String baseName(Pass pass, int index) {
        return pass.rollout.meta().name()
                + "-"
                + pass.sets.computedHash()
                + "-"
                + revision(pass)
                + "-"
                + index;
    }

    private static long revision(Pass pass) {
        return pass.sets.newSet().map(ReplicaSetView::revision).orElse(0L);
    }

    Result spec() {
        ObjectNode spec = JSON.objectNode();
        ArrayNode templates = spec.putArray("templates");
        for (JsonNode wanted : step.path("templates")) {
            Optional<ReplicaSetView> source = source(wanted.path("specRef").asText(""));
            if (source.isEmpty()) {
                return new Result.Broken("Invalid template step SpecRef: must be canary or stable");
            }
            templates.add(template(wanted, source.get()));
        }
        ArrayNode analyses = JSON.arrayNode();
        for (JsonNode wanted : step.path("analyses")) {
            ObjectNode analysis = wanted.deepCopy();
            List<JsonNode> args = new ArrayList<>();
            wanted.path("args").forEach(args::add);
            switch (Arguments.reduce(
                    args, pass.rollout.json(), pass.newHash(), pass.next.stableRS)) {
                case Arguments.Result.Failed(String why) -> {
                    return new Result.Broken(why);
                }
                case Arguments.Result.Values(List<JsonNode> values) -> {
                    if (!values.isEmpty()) {
                        ArrayNode reduced = analysis.putArray("args");
                        values.forEach(reduced::add);
                    }
                }
            }
            analyses.add(analysis);
        }
        if (!analyses.isEmpty()) {
            spec.set("analyses", analyses);
        }
        COPIED.stream()
                .filter(step::hasNonNull)
                .forEach(field -> spec.set(field, step.path(field)));
        spec.put("progressDeadlineSeconds", pass.spec.progressDeadlineSeconds());
        return new Result.Ready(spec);
    }

    private Optional<ReplicaSetView> source(String specRef) {
        return switch (specRef) {
            case "canary" -> pass.sets.newSet();
            case "stable" -> pass.stableSet();
            default -> Optional.empty();
        };
    }

    private ObjectNode template(JsonNode wanted, ReplicaSetView source) {
        ObjectNode out = JSON.objectNode();
        out.set("name", wanted.path("name"));
        if (wanted.hasNonNull("replicas")) {
            out.set("replicas", wanted.path("replicas"));
        }
        out.put("minReadySeconds", source.minReadySeconds());
        if (wanted.path("weight").isNumber() || wanted.path("service").isObject()) {
            ObjectNode service = out.putObject("service");
            String name = wanted.path("service").path("name").asText("");
            if (!name.isEmpty()) {
                service.put("name", name);
            }
        }
        ObjectNode pods = source.template().deepCopy();
        ObjectNode metadata = pods.withObject("/metadata");
        metadata.remove("creationTimestamp");
        ObjectNode selector;
        if (wanted.path("selector").isObject()) {
            selector = wanted.path("selector").deepCopy();
        } else {
            selector = pass.spec.selector().deepCopy();
            selector.withObject("/matchLabels").put(Names.HASH, source.hash());
        }
        for (var label : wanted.path("metadata").path("labels").properties()) {
            metadata.withObject("/labels").set(label.getKey(), label.getValue());
            selector.withObject("/matchLabels").set(label.getKey(), label.getValue());
        }
        for (var annotation : wanted.path("metadata").path("annotations").properties()) {
            metadata.withObject("/annotations").set(annotation.getKey(), annotation.getValue());
        }
        out.set("selector", selector);
        out.set("template", pods);
        return out;
    }

    ObjectNode object(String name, Measurement measurement, ObjectNode spec) {
        ObjectNode experiment = JSON.objectNode();
        experiment.put("apiVersion", Names.API_VERSION).put("kind", ExperimentNames.KIND);
        ObjectNode metadata = experiment.putObject("metadata");
        metadata.put("name", name).put("namespace", pass.rollout.meta().namespace());
        ObjectNode labels = metadata.putObject("labels");
        pass.rollout.meta().labels().forEach(labels::put);
        labels.put(Names.HASH, pass.newHash());
        labels.put(Names.MEASUREMENT, measurement.label());
        metadata.putObject("annotations").put(Names.REVISION, Long.toString(revision(pass)));
        metadata.putArray("ownerReferences").add(Owner.reference(pass.rollout.meta()));
        experiment.set("spec", spec);
        return experiment;
    }
}
