package dev.sluice.explorer.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.explorer.model.Bounds;
import dev.sluice.explorer.model.Proxy.Entry;
import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One place to explore.
///
/// @param rollout the Rollout as its user applied it
/// @param workload the Deployment that the Rollout takes its template from, as it was before
/// @param objects Services and routing objects that exist beforehand
/// @param entries where traffic comes in, by name of the proxy
/// @param services the Services whose endpoints matter
/// @param templates analysis templates
/// @param edits merge patches that people may apply in the course, by name
public record Scenario(
        String name,
        Set<Option> options,
        ObjectNode rollout,
        Optional<ObjectNode> workload,
        List<ObjectNode> objects,
        Map<String, Entry> entries,
        List<String> services,
        Map<TemplateRef, JsonNode> templates,
        Map<String, ObjectNode> edits) {

    private static final Bounds BOUNDS = new Bounds(3_000, 10_000);

    public Scenario {
        options = Collections.unmodifiableSet(options);
        objects = List.copyOf(objects);
        entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        services = List.copyOf(services);
        templates = Map.copyOf(templates);
        edits = Collections.unmodifiableMap(new LinkedHashMap<>(edits));
    }

    public boolean has(Option option) {
        return options.contains(option);
    }

    public boolean isRouted() {
        return has(Option.NGINX) || has(Option.GATEWAY);
    }

    /// Whether pods are counted instead of weights.
    public boolean isCounted() {
        return !isRouted() && !has(Option.BLUE_GREEN);
    }

    /// Whether routes report that they were taken over.
    public boolean acknowledges() {
        return has(Option.ACKNOWLEDGED);
    }

    public Bounds bounds() {
        return BOUNDS;
    }

    public int maxWeight() {
        return has(Option.FINE_WEIGHTS) ? 1000 : 100;
    }
}
