package dev.sluice.rollout.core.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.TrafficPlan.Observed;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Status of a Rollout as JSON, and the merge patch that leads from the stored one to the next.
public final class StatusJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int MAX_EVIDENCE = 32_768;

    /// What we own of the status. Other fields (of versions that know more) are left as they
    /// are.
    private static final List<String> OWNED =
            List.of(
                    "abort",
                    "abortedAt",
                    "pauseConditions",
                    "controllerPause",
                    "currentPodHash",
                    "currentStepHash",
                    "currentStepIndex",
                    "collisionCount",
                    "replicas",
                    "updatedReplicas",
                    "readyReplicas",
                    "availableReplicas",
                    "HPAReplicas",
                    "selector",
                    "observedGeneration",
                    "conditions",
                    "stableRS",
                    "restartedAt",
                    "promoteFull",
                    "phase",
                    "message",
                    "duration",
                    "canary",
                    "blueGreen",
                    "workloadObservedGeneration",
                    "release",
                    "trafficPlan",
                    "why");

    private StatusJson() {}

    public static RolloutStatus parse(JsonNode status) {
        return StatusReader.read(status);
    }

    public static ObjectNode render(RolloutStatus status) {
        return StatusWriter.write(status);
    }

    /// The merge patch `{"status":{…}}`; empty when nothing that we own would change.
    public static Optional<ObjectNode> patch(JsonNode stored, RolloutStatus next) {
        ObjectNode wanted = render(next);
        ObjectNode changes = JsonNodeFactory.instance.objectNode();
        for (String field : OWNED) {
            change(changes, field, stored.path(field), wanted.path(field));
        }
        if (changes.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.set("status", changes);
        return Optional.of(patch);
    }

    /// Reads the evidence annotation of router-service; anything unreadable, or of another
    /// Rollout, is no evidence (T8).
    public static Optional<Observed> evidence(String annotation, String rolloutUid) {
        if (annotation.isEmpty() || annotation.length() > MAX_EVIDENCE) {
            return Optional.empty();
        }
        try {
            JsonNode json = MAPPER.readTree(annotation);
            boolean ours = rolloutUid.equals(json.path("rollout").asText(""));
            return ours ? Optional.of(StatusReader.observed(json)) : Optional.empty();
        } catch (JsonProcessingException _) {
            return Optional.empty();
        }
    }

    private static void change(ObjectNode changes, String field, JsonNode stored, JsonNode wanted) {
        boolean absent = stored.isMissingNode() || stored.isNull();
        if (wanted.isMissingNode()) {
            if (!absent && !isEmptyValue(stored)) {
                changes.putNull(field);
            }
            return;
        }
        if (wanted.isObject() && stored.isObject()) {
            ObjectNode inner = JsonNodeFactory.instance.objectNode();
            for (Map.Entry<String, JsonNode> entry : stored.properties()) {
                change(inner, entry.getKey(), entry.getValue(), wanted.path(entry.getKey()));
            }
            for (Map.Entry<String, JsonNode> entry : wanted.properties()) {
                if (!stored.has(entry.getKey())) {
                    inner.set(entry.getKey(), entry.getValue());
                }
            }
            if (!inner.isEmpty()) {
                changes.set(field, inner);
            }
            return;
        }
        if (!same(stored, wanted)) {
            changes.set(field, wanted);
        }
    }

    private static boolean same(JsonNode a, JsonNode b) {
        return a.equals(
                (x, y) ->
                        x.isNumber() && y.isNumber()
                                ? Double.compare(x.asDouble(), y.asDouble())
                                : x.equals(y) ? 0 : 1,
                b);
    }

    /// Values that we leave out but a stored object may spell out.
    private static boolean isEmptyValue(JsonNode n) {
        return (n.isContainerNode() && n.isEmpty())
                || (n.isTextual() && n.asText().isEmpty())
                || (n.isBoolean() && !n.asBoolean())
                || (n.isNumber() && n.asInt() == 0);
    }
}
