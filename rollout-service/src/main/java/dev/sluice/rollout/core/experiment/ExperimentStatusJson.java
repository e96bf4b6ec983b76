package dev.sluice.rollout.core.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.experiment.ExperimentStatus.TemplateStatus;
import dev.sluice.rollout.core.status.Times;
import java.util.List;
import java.util.Optional;

/// Writes a status as JSON, and the merge patch that leads from the stored one to the next.
final class ExperimentStatusJson {
    private static final List<String> OWNED =
            List.of(
                    "phase",
                    "message",
                    "templateStatuses",
                    "availableAt",
                    "conditions",
                    "analysisRuns");

    private ExperimentStatusJson() {}

    /// Empty when nothing would change.
    static Optional<ObjectNode> patch(JsonNode stored, ExperimentStatus next) {
        ObjectNode before = write(ExperimentParser.status(stored));
        ObjectNode after = write(next);
        ObjectNode changes = JsonNodeFactory.instance.objectNode();
        for (String field : OWNED) {
            if (!before.path(field).equals(after.path(field))) {
                if (after.has(field)) {
                    changes.set(field, after.path(field));
                } else {
                    changes.putNull(field);
                }
            }
        }
        if (changes.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.set("status", changes);
        return Optional.of(patch);
    }

    static ObjectNode write(ExperimentStatus s) {
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        text(out, "phase", s.phase());
        text(out, "message", s.message());
        ArrayNode templates = JsonNodeFactory.instance.arrayNode();
        s.templates().forEach(t -> templates.add(template(t)));
        array(out, "templateStatuses", templates);
        s.availableAt().ifPresent(at -> out.put("availableAt", Times.text(at)));
        ArrayNode conditions = JsonNodeFactory.instance.arrayNode();
        s.conditions()
                .forEach(
                        c ->
                                conditions
                                        .addObject()
                                        .put("type", c.type())
                                        .put("status", c.status())
                                        .put("reason", c.reason())
                                        .put("message", c.message())
                                        .put("lastUpdateTime", Times.text(c.lastUpdateTime()))
                                        .put(
                                                "lastTransitionTime",
                                                Times.text(c.lastTransitionTime())));
        array(out, "conditions", conditions);
        ArrayNode runs = JsonNodeFactory.instance.arrayNode();
        s.runs()
                .forEach(
                        r -> {
                            ObjectNode run =
                                    runs.addObject()
                                            .put("name", r.name())
                                            .put("analysisRun", r.run())
                                            .put("phase", r.phase());
                            text(run, "message", r.message());
                        });
        array(out, "analysisRuns", runs);
        return out;
    }

    private static ObjectNode template(TemplateStatus t) {
        ObjectNode out =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("name", t.name())
                        .put("replicas", t.replicas())
                        .put("updatedReplicas", t.updatedReplicas())
                        .put("readyReplicas", t.readyReplicas())
                        .put("availableReplicas", t.availableReplicas());
        t.collisionCount().ifPresent(c -> out.put("collisionCount", c));
        text(out, "status", t.status());
        text(out, "message", t.message());
        t.lastTransitionTime().ifPresent(at -> out.put("lastTransitionTime", Times.text(at)));
        text(out, "serviceName", t.serviceName());
        text(out, "podTemplateHash", t.podTemplateHash());
        return out;
    }

    private static void text(ObjectNode out, String field, String value) {
        if (!value.isEmpty()) {
            out.put(field, value);
        }
    }

    private static void array(ObjectNode out, String field, ArrayNode items) {
        if (!items.isEmpty()) {
            out.set(field, items);
        }
    }
}
