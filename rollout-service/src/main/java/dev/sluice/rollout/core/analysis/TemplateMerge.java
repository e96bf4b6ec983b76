package dev.sluice.rollout.core.analysis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.AnalysisSpec;
import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import dev.sluice.rollout.core.References;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Flattens the templates that an analysis refers to and merges them into the spec of one run.
public final class TemplateMerge {
    private TemplateMerge() {}

    /// Outcome of a merge.
    public sealed interface Result {
        record Merged(
                ArrayNode metrics, ArrayNode args, ArrayNode dryRun, ArrayNode measurementRetention)
                implements Result {}

        record Failed(String message) implements Result {}
    }

    /// The templates to use, namespaced before cluster-scoped, each once; `Failed` names a
    /// missing one.
    public static Set<TemplateRef> flatten(
            List<TemplateRef> refs, Map<TemplateRef, JsonNode> templates) {
        Set<TemplateRef> flat = new LinkedHashSet<>();
        for (boolean cluster : new boolean[] {false, true}) {
            refs.stream()
                    .filter(r -> r.clusterScope() == cluster)
                    .forEach(r -> expand(r, templates, flat));
        }
        return flat;
    }

    private static void expand(
            TemplateRef ref, Map<TemplateRef, JsonNode> templates, Set<TemplateRef> flat) {
        JsonNode template = templates.get(ref);
        if (flat.add(ref) && template != null) {
            List<TemplateRef> nested = References.nested(template);
            nested.stream().filter(r -> !r.clusterScope()).forEach(r -> expand(r, templates, flat));
            nested.stream()
                    .filter(TemplateRef::clusterScope)
                    .forEach(r -> expand(r, templates, flat));
        }
    }

    /// @param values the caller's arguments, already reduced to `{name, value}`
    public static Result merge(
            AnalysisSpec analysis, Map<TemplateRef, JsonNode> templates, List<JsonNode> values) {
        ArrayNode metrics = JsonNodeFactory.instance.arrayNode();
        ArrayNode dryRun = JsonNodeFactory.instance.arrayNode();
        ArrayNode retention = JsonNodeFactory.instance.arrayNode();
        analysis.dryRun().forEach(dryRun::add);
        analysis.measurementRetention().forEach(retention::add);
        Map<String, JsonNode> args = new LinkedHashMap<>();
        for (TemplateRef ref : flatten(analysis.templates(), templates)) {
            JsonNode template = templates.get(ref);
            if (template == null) {
                return new Result.Failed(ref.kind() + " '" + ref.name() + "' not found");
            }
            template.path("metrics").forEach(metrics::add);
            template.path("dryRun").forEach(dryRun::add);
            template.path("measurementRetention").forEach(retention::add);
            Optional<String> clash = uniteArgs(args, template.path("args"));
            if (clash.isPresent()) {
                return new Result.Failed(clash.get());
            }
        }
        Optional<String> twice =
                duplicate(metrics, "name")
                        .map(m -> "two metrics have the same name '" + m + "'")
                        .or(
                                () ->
                                        duplicate(dryRun, "metricName")
                                                .map(
                                                        m ->
                                                                "two Dry-Run metric rules have the"
                                                                        + " same name '"
                                                                        + m
                                                                        + "'"))
                        .or(
                                () ->
                                        duplicate(retention, "metricName")
                                                .map(
                                                        m ->
                                                                "two Measurement Retention metric"
                                                                        + " rules have the same name '"
                                                                        + m
                                                                        + "'"));
        if (twice.isPresent()) {
            return new Result.Failed(twice.get());
        }
        ArrayNode resolved = JsonNodeFactory.instance.arrayNode();
        for (JsonNode arg : args.values()) {
            JsonNode filled = withCaller(arg, values);
            if (!filled.hasNonNull("value") && !filled.hasNonNull("valueFrom")) {
                return new Result.Failed(
                        "args." + filled.path("name").asText() + " was not resolved");
            }
            resolved.add(filled);
        }
        return new Result.Merged(metrics, resolved, dryRun, retention);
    }

    private static Optional<String> uniteArgs(Map<String, JsonNode> args, JsonNode more) {
        for (JsonNode arg : more) {
            String name = arg.path("name").asText();
            JsonNode known = args.get(name);
            if (known != null
                    && known.hasNonNull("value")
                    && arg.hasNonNull("value")
                    && !known.path("value").equals(arg.path("value"))) {
                return Optional.of(
                        "Argument `"
                                + name
                                + "` specified multiple times with different values: '"
                                + known.path("value").asText()
                                + "', '"
                                + arg.path("value").asText()
                                + "'");
            }
            if (known == null || !known.hasNonNull("value")) {
                args.put(name, arg);
            }
        }
        return Optional.empty();
    }

    private static JsonNode withCaller(JsonNode arg, List<JsonNode> values) {
        for (JsonNode value : values) {
            if (!value.path("name").equals(arg.path("name"))) {
                continue;
            }
            ObjectNode filled = JsonNodeFactory.instance.objectNode();
            filled.set("name", arg.path("name"));
            for (String field : List.of("value", "valueFrom")) {
                if (value.hasNonNull(field)) {
                    filled.set(field, value.path(field));
                    return filled;
                }
            }
        }
        return arg;
    }

    private static Optional<String> duplicate(ArrayNode items, String field) {
        Set<String> seen = new HashSet<>();
        List<String> names = new ArrayList<>();
        items.forEach(i -> names.add(i.path(field).asText("")));
        return names.stream().filter(n -> !seen.add(n)).findFirst();
    }
}
