package dev.sluice.rollout.core.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import dev.sluice.rollout.core.Durations;
import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.experiment.ExperimentStatus.RunStatus;
import dev.sluice.rollout.core.experiment.ExperimentStatus.TemplateStatus;
import dev.sluice.rollout.core.status.Times;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Reads an Experiment object once, at the edge; behind it everything is typed.
public final class ExperimentParser {
    private ExperimentParser() {}

    public static Experiment parse(JsonNode experiment) {
        return new Experiment(
                meta(experiment.path("metadata")),
                spec(experiment.path("spec")),
                status(experiment.path("status")),
                experiment);
    }

    private static Experiment.Meta meta(JsonNode m) {
        Map<String, String> labels = new TreeMap<>();
        m.path("labels").properties().forEach(e -> labels.put(e.getKey(), e.getValue().asText()));
        Optional<Experiment.RolloutRef> rollout = Optional.empty();
        for (JsonNode owner : m.path("ownerReferences")) {
            if (owner.path("controller").asBoolean(false)
                    && owner.path("kind").asText("").equals("Rollout")) {
                rollout =
                        Optional.of(
                                new Experiment.RolloutRef(
                                        owner.path("name").asText(""),
                                        owner.path("uid").asText("")));
            }
        }
        return new Experiment.Meta(
                m.path("namespace").asText(""),
                m.path("name").asText(""),
                m.path("uid").asText(""),
                m.path("resourceVersion").asText(""),
                m.hasNonNull("deletionTimestamp"),
                labels,
                rollout);
    }

    private static ExperimentSpec spec(JsonNode s) {
        List<ExperimentSpec.Template> templates = new ArrayList<>();
        s.path("templates").forEach(t -> templates.add(template(t)));
        List<ExperimentSpec.Analysis> analyses = new ArrayList<>();
        s.path("analyses").forEach(a -> analyses.add(analysis(a)));
        return new ExperimentSpec(
                templates,
                Optional.of(s.path("duration"))
                        .filter(d -> !d.asText("").isEmpty())
                        .map(Durations::seconds)
                        .filter(seconds -> seconds >= 0),
                s.path("progressDeadlineSeconds").asInt(ExperimentSpec.DEFAULT_DEADLINE_SECONDS),
                s.path("terminate").asBoolean(false),
                analyses,
                Math.max(
                        0,
                        s.path("scaleDownDelaySeconds")
                                .asInt(ExperimentSpec.DEFAULT_DELAY_SECONDS)),
                items(s.path("dryRun")),
                items(s.path("measurementRetention")),
                s.path("analysisRunMetadata"));
    }

    private static ExperimentSpec.Template template(JsonNode t) {
        JsonNode service = t.path("service");
        return new ExperimentSpec.Template(
                t.path("name").asText(""),
                t.path("replicas").asInt(1),
                t.path("minReadySeconds").asInt(0),
                t.path("selector"),
                t.path("template"),
                service.isObject()
                        ? Optional.of(
                                new ExperimentSpec.ServiceAsk(service.path("name").asText("")))
                        : Optional.empty());
    }

    private static ExperimentSpec.Analysis analysis(JsonNode a) {
        return new ExperimentSpec.Analysis(
                a.path("name").asText(""),
                new TemplateRef(
                        a.path("templateName").asText(""), a.path("clusterScope").asBoolean(false)),
                items(a.path("args")),
                a.path("requiredForCompletion").asBoolean(false));
    }

    static ExperimentStatus status(JsonNode s) {
        List<TemplateStatus> templates = new ArrayList<>();
        s.path("templateStatuses").forEach(t -> templates.add(templateStatus(t)));
        List<RunStatus> runs = new ArrayList<>();
        s.path("analysisRuns")
                .forEach(
                        r ->
                                runs.add(
                                        new RunStatus(
                                                r.path("name").asText(""),
                                                r.path("analysisRun").asText(""),
                                                r.path("phase").asText(""),
                                                r.path("message").asText(""))));
        List<Condition> conditions = new ArrayList<>();
        s.path("conditions")
                .forEach(
                        c ->
                                conditions.add(
                                        new Condition(
                                                c.path("type").asText(""),
                                                c.path("status").asText(""),
                                                c.path("reason").asText(""),
                                                c.path("message").asText(""),
                                                time(c, "lastUpdateTime").orElse(Instant.EPOCH),
                                                time(c, "lastTransitionTime")
                                                        .orElse(Instant.EPOCH))));
        return new ExperimentStatus(
                s.path("phase").asText(""),
                s.path("message").asText(""),
                templates,
                time(s, "availableAt"),
                conditions,
                runs);
    }

    private static TemplateStatus templateStatus(JsonNode t) {
        return new TemplateStatus(
                t.path("name").asText(""),
                t.path("replicas").asInt(0),
                t.path("updatedReplicas").asInt(0),
                t.path("readyReplicas").asInt(0),
                t.path("availableReplicas").asInt(0),
                t.path("collisionCount").isNumber()
                        ? Optional.of(t.path("collisionCount").asInt())
                        : Optional.empty(),
                t.path("status").asText(""),
                t.path("message").asText(""),
                time(t, "lastTransitionTime"),
                t.path("serviceName").asText(""),
                t.path("podTemplateHash").asText(""));
    }

    private static Optional<Instant> time(JsonNode node, String field) {
        return Times.parse(node.path(field).asText(""));
    }

    private static List<JsonNode> items(JsonNode array) {
        List<JsonNode> items = new ArrayList<>();
        array.forEach(items::add);
        return items;
    }
}
