package dev.sluice.rollout.core.gate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Durations;
import dev.sluice.rollout.core.Sorted;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The step `plugin: {name: sluice/wait-for-event}`: which event completes it.
///
/// @param type CDEvents type, with or without its version: `dev.cdevents.testsuiterun.finished`
/// @param source the CloudEvents source that is believed; required, so that no other sender's
/// event counts
/// @param subject id of the event's subject
/// @param outcome what the event must say (`subject.content.outcome`); an event that matches
/// otherwise but says something else fails the step
/// @param match further values that the event must have, by path
/// @param timeoutSeconds how long the step may wait; without it for ever
/// @param abortsOnTimeout whether the end of that time aborts the release, else it goes on
/// waiting and says that it is overdue
public record EventGate(
        String type,
        String source,
        Optional<String> subject,
        Optional<String> outcome,
        Map<String, String> match,
        Optional<Integer> timeoutSeconds,
        boolean abortsOnTimeout) {
    /// The name of the step plugin.
    public static final String PLUGIN = "sluice/wait-for-event";

    public EventGate {
        match = Sorted.copy(match);
    }

    /// What is wrong with a configuration, and in which of its fields.
    public record Problem(String field, String detail) {}

    /// The first thing that is wrong.
    public static Optional<Problem> problem(JsonNode config) {
        if (config.path("type").asText("").isBlank()) {
            return Optional.of(
                    new Problem("type", "the CDEvents type that completes the step is required"));
        }
        if (config.path("source").asText("").isBlank()) {
            return Optional.of(
                    new Problem("source", "the source whose events are believed is required"));
        }
        JsonNode timeout = config.path("timeout");
        if (!timeout.isMissingNode() && Durations.seconds(timeout) <= 0) {
            return Optional.of(new Problem("timeout", "must be a duration such as 30m"));
        }
        String then = config.path("onTimeout").asText("abort");
        if (!then.equals("abort") && !then.equals("wait")) {
            return Optional.of(new Problem("onTimeout", "must be abort or wait"));
        }
        JsonNode match = config.path("match");
        boolean isFlat =
                match.properties().stream().allMatch(e -> e.getValue().isValueNode())
                        && (match.isObject() || match.isMissingNode());
        return isFlat
                ? Optional.empty()
                : Optional.of(new Problem("match", "must map paths to single values"));
    }

    /// A configuration without a [#problem].
    public static EventGate of(JsonNode config) {
        Map<String, String> match = new TreeMap<>();
        config.path("match")
                .properties()
                .forEach(e -> match.put(e.getKey(), e.getValue().asText()));
        JsonNode timeout = config.path("timeout");
        return new EventGate(
                config.path("type").asText(),
                config.path("source").asText(),
                text(config, "subject"),
                text(config, "outcome"),
                match,
                timeout.isMissingNode()
                        ? Optional.empty()
                        : Optional.of(Durations.seconds(timeout)),
                config.path("onTimeout").asText("abort").equals("abort"));
    }

    private static Optional<String> text(JsonNode config, String field) {
        return Optional.of(config.path(field).asText("")).filter(t -> !t.isEmpty());
    }

    /// The step's `status` field: which event completed it.
    static ObjectNode record(GateEvent event) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("event", event.id())
                .put("source", event.source());
    }

    /// What the event means to this step: empty when it is another one's.
    ///
    /// @param values what `{{commit}}`, `{{hash}}`, `{{image}}` and `{{attempt}}` stand for
    Optional<Boolean> judge(GateEvent event, Map<String, String> values) {
        boolean isType = event.type().equals(type) || event.type().startsWith(type + ".");
        boolean isOurs =
                isType
                        && event.source().equals(source)
                        && subject.map(s -> fill(s, values).equals(event.subjectId())).orElse(true)
                        && match.entrySet().stream()
                                .allMatch(
                                        e ->
                                                fill(e.getValue(), values)
                                                        .equals(at(event.body(), e.getKey())));
        if (!isOurs) {
            return Optional.empty();
        }
        return Optional.of(
                outcome.map(o -> o.equals(at(event.body(), "subject.content.outcome")))
                        .orElse(true));
    }

    private static String fill(String text, Map<String, String> values) {
        String filled = text;
        for (Map.Entry<String, String> e : values.entrySet()) {
            filled = filled.replace("{{" + e.getKey() + "}}", e.getValue());
        }
        return filled;
    }

    private static String at(JsonNode body, String path) {
        JsonNode node = body;
        for (String part : path.split("\\.")) {
            node = node.path(part);
        }
        return node.isValueNode() ? node.asText() : "";
    }
}
