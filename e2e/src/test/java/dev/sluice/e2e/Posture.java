package dev.sluice.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a user, the plugin, a dashboard or an autoscaler sees of a Rollout and of what belongs to
/// it, as one line per fact. Times only tell whether they are set; what Sluice adds is left out.
record Posture(Map<String, String> facts) {
    private static final Set<String> TIMES =
            Set.of(
                    "lastUpdateTime",
                    "lastTransitionTime",
                    "startTime",
                    "abortedAt",
                    "restartedAt",
                    "rolloutStartedAt",
                    "finishedAt",
                    "manualPauseStartedAt",
                    "totalManualPauseDurationSeconds");
    private static final Set<String> OURS = Set.of("release", "trafficPlan", "why");

    static Posture of(Workspace place, String name) {
        Map<String, String> facts = new TreeMap<>();
        JsonNode rollout = place.rollout(name);
        rollout.path("status")
                .properties()
                .forEach(
                        e -> {
                            if (e.getKey().equals("observedGeneration")) {
                                facts.put("observed", isObserved(rollout));
                            } else if (!OURS.contains(e.getKey())) {
                                add(facts, "status." + e.getKey(), e.getKey(), e.getValue());
                            }
                        });
        facts.put("spec.replicas", rollout.at("/spec/replicas").asText());
        facts.put(
                "revision",
                rollout.at("/metadata/annotations/rollout.argoproj.io~1revision").asText());
        place.replicaSets(name).forEach(set -> add(facts, set));
        place.client().services().inNamespace(place.namespace()).list().getItems().stream()
                .filter(service -> isOf(name, service))
                .forEach(
                        service ->
                                facts.put(
                                        "service " + service.getMetadata().getName(),
                                        "%s, managed by %s"
                                                .formatted(
                                                        service.getSpec().getSelector(),
                                                        annotations(service)
                                                                .get(
                                                                        "argo-rollouts.argoproj.io/managed-by-rollouts"))));
        place
                .client()
                .network()
                .v1()
                .ingresses()
                .inNamespace(place.namespace())
                .list()
                .getItems()
                .stream()
                .filter(ingress -> isOf(name, ingress))
                .forEach(
                        ingress ->
                                facts.put(
                                        "ingress " + ingress.getMetadata().getName(),
                                        annotations(ingress)
                                                + " owned by "
                                                + ingress
                                                        .getMetadata()
                                                        .getOwnerReferences()
                                                        .stream()
                                                        .map(o -> o.getKind() + o.getController())
                                                        .toList()
                                                + " "
                                                + ingress.getSpec().getRules()));
        return new Posture(facts);
    }

    /// Not the number: the original counts up by writing the whole object back.
    private static String isObserved(JsonNode rollout) {
        return Boolean.toString(
                rollout.at("/status/observedGeneration")
                        .asText()
                        .equals(rollout.at("/metadata/generation").asText()));
    }

    private static boolean isOf(String rollout, HasMetadata object) {
        String name = object.getMetadata().getName();
        return name.equals(rollout) || name.startsWith(rollout + "-");
    }

    private static void add(Map<String, String> facts, String path, String field, JsonNode value) {
        if (field.equals("conditions")) {
            value.forEach(
                    c ->
                            facts.put(
                                    "condition " + c.path("type").asText(),
                                    "%s %s %s"
                                            .formatted(
                                                    c.path("status").asText(),
                                                    c.path("reason").asText(),
                                                    c.path("message").asText())));
        } else if (value.isObject()) {
            value.properties()
                    .forEach(e -> add(facts, path + "." + e.getKey(), e.getKey(), e.getValue()));
        } else if (value.isArray()) {
            for (int i = 0; i < value.size(); i++) {
                add(facts, path + "[" + i + "]", field, value.get(i));
            }
        } else {
            facts.put(path, TIMES.contains(field) ? "set" : value.asText());
        }
    }

    private static void add(Map<String, String> facts, ReplicaSet set) {
        String name = "replicaset " + set.getMetadata().getName();
        facts.put(name + " pods", Integer.toString(set.getSpec().getReplicas()));
        facts.put(name + " labels", new TreeMap<>(set.getMetadata().getLabels()).toString());
        facts.put(
                name + " selector",
                new TreeMap<>(set.getSpec().getSelector().getMatchLabels()).toString());
        facts.put(name + " annotations", annotations(set).toString());
        facts.put(
                name + " seconds",
                String.valueOf(Objects.requireNonNullElse(set.getSpec().getMinReadySeconds(), 0)));
        facts.put(
                name + " owner",
                set.getMetadata().getOwnerReferences().stream()
                        .map(
                                o ->
                                        o.getApiVersion()
                                                + o.getKind()
                                                + o.getName()
                                                + o.getController()
                                                + o.getBlockOwnerDeletion())
                        .toList()
                        .toString());
        facts.put(name + " template", String.valueOf(set.getSpec().getTemplate().getMetadata()));
    }

    private static Map<String, String> annotations(HasMetadata object) {
        Map<String, String> kept = new TreeMap<>();
        Map<String, String> all =
                Objects.requireNonNullElse(object.getMetadata().getAnnotations(), Map.of());
        all.forEach(
                (key, value) -> {
                    if (!key.startsWith("sluice.dev/")) {
                        kept.put(key, key.equals("scale-down-deadline") ? "set" : value);
                    }
                });
        return kept;
    }

    /// The facts in which the other one differs, as `fact: this | that`.
    List<String> differences(Posture other) {
        Set<String> all = new TreeSet<>(facts.keySet());
        all.addAll(other.facts.keySet());
        List<String> differences = new ArrayList<>();
        for (String fact : all) {
            String here = facts.getOrDefault(fact, "-");
            String there = other.facts.getOrDefault(fact, "-");
            if (!here.equals(there)) {
                differences.add("%s: %s | %s".formatted(fact, here, there));
            }
        }
        return differences;
    }
}
