package dev.sluice.rollout.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.WorkloadTarget;
import dev.sluice.rollout.core.gate.EventGate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Under which names a Rollout is found when one of the objects that it refers to changes.
///
/// It looks at the raw JSON and therefore also serves Rollouts whose spec is invalid: those become
/// valid when, for example, the missing Service appears.
final class ReferenceIndex {
    static final String NAME = "references";

    private ReferenceIndex() {}

    static String service(String namespace, String name) {
        return "service/" + namespace + "/" + name;
    }

    static String ingress(String namespace, String name) {
        return "ingress/" + namespace + "/" + name;
    }

    static String templates(String namespace) {
        return "templates/" + namespace;
    }

    static String namespace(String namespace) {
        return "namespace/" + namespace;
    }

    static String workload(WorkloadTarget.Kind kind, String namespace, String name) {
        return "workload/" + kind + "/" + namespace + "/" + name;
    }

    /// Cluster templates are few and rarely change: their Rollouts are found all at once.
    static final String CLUSTER_TEMPLATES = "cluster-templates";

    /// Rollouts that have a step which waits for an event.
    static final String EVENT_GATES = "event-gates";

    static List<String> of(RolloutResource rollout) {
        String namespace = rollout.getMetadata().getNamespace();
        Set<String> keys = new LinkedHashSet<>();
        keys.add(namespace(namespace));
        JsonNode spec = Views.tree(rollout.getSpec());
        WorkloadTarget.of(spec).ifPresent(t -> keys.add(workload(t.kind(), namespace, t.name())));
        collect(spec.path("strategy"), namespace, keys, 0);
        JsonNode plan = Views.tree(rollout.getStatus()).path("trafficPlan");
        plan.path("services").forEach(s -> keys.add(service(namespace, s.path("name").asText(""))));
        return new ArrayList<>(keys);
    }

    private static void collect(JsonNode node, String namespace, Set<String> keys, int depth) {
        if (depth > 12) {
            return;
        }
        if (node.isArray()) {
            node.forEach(item -> collect(item, namespace, keys, depth + 1));
            return;
        }
        node.properties()
                .forEach(
                        field -> {
                            JsonNode value = field.getValue();
                            switch (field.getKey()) {
                                case "activeService",
                                        "previewService",
                                        "canaryService",
                                        "stableService",
                                        "pingService",
                                        "pongService" ->
                                        keys.add(service(namespace, value.asText("")));
                                case "stableIngress" ->
                                        keys.add(ingress(namespace, value.asText("")));
                                case "stableIngresses" ->
                                        value.forEach(
                                                v -> keys.add(ingress(namespace, v.asText(""))));
                                case "templateName" -> {
                                    keys.add(templates(namespace));
                                    keys.add(CLUSTER_TEMPLATES);
                                }
                                case "plugin" -> {
                                    if (value.path("name").asText("").equals(EventGate.PLUGIN)) {
                                        keys.add(EVENT_GATES);
                                    }
                                }
                                default -> collect(value, namespace, keys, depth + 1);
                            }
                        });
    }
}
