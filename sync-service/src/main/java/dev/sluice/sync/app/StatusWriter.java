package dev.sluice.sync.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.sync.core.Condition;
import dev.sluice.sync.core.Health;
import dev.sluice.sync.core.HealthAggregation;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.KubeObject;
import dev.sluice.sync.core.ObjectKey;
import dev.sluice.sync.core.ResourceState;
import dev.sluice.sync.core.SyncCode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// Puts an observation into the status, changing nothing that has not changed.
final class StatusWriter {
    private StatusWriter() {}

    static void seen(ObjectNode app, Observation.Seen seen, Instant now) {
        ObjectNode status = JsonTrees.child(app, "status");
        ObjectNode sync = JsonTrees.object();
        sync.put("status", seen.comparison().status().name()).put("revision", seen.revision());
        sync.set("comparedTo", comparedTo(app));
        status.set("sync", sync);
        ObjectKey self =
                new ObjectKey(
                        "argoproj.io",
                        "Application",
                        JsonTrees.text(app, "metadata", "namespace"),
                        JsonTrees.text(app, "metadata", "name"));
        health(status, HealthAggregation.of(seen.comparison().resources(), self), now);
        status.set("resources", resources(seen.comparison().resources()));
        status.put("sourceType", seen.sourceType());
        status.set("summary", summary(seen.comparison().resources()));
        status.put("controllerNamespace", JsonTrees.text(app, "metadata", "namespace"));
    }

    /// Not comparable: both Unknown; what was known about the resources stays, since pruning later
    /// depends on it.
    static void blind(ObjectNode app, Instant now) {
        ObjectNode status = JsonTrees.child(app, "status");
        ObjectNode sync = JsonTrees.object();
        sync.put("status", SyncCode.Unknown.name());
        JsonTrees.optional(status, "sync", "revision")
                .ifPresent(revision -> sync.put("revision", revision));
        sync.set("comparedTo", comparedTo(app));
        status.set("sync", sync);
        health(status, new Health(Health.Status.Unknown, ""), now);
    }

    static ObjectNode comparedTo(ObjectNode app) {
        ObjectNode compared = JsonTrees.object();
        for (String field : List.of("source", "sources", "destination", "ignoreDifferences")) {
            JsonNode value = JsonTrees.at(app, "spec", field);
            if (!value.isMissingNode() && !value.isNull()) {
                compared.set(field, value.deepCopy());
            }
        }
        return compared;
    }

    private static void health(ObjectNode status, Health health, Instant now) {
        ObjectNode json = JsonTrees.object();
        json.put("status", health.status().name());
        if (!health.message().isEmpty()) {
            json.put("message", health.message());
        }
        boolean same = JsonTrees.text(status, "health", "status").equals(health.status().name());
        json.put(
                "lastTransitionTime",
                same
                        ? JsonTrees.optional(status, "health", "lastTransitionTime")
                                .orElse(time(now))
                        : time(now));
        status.set("health", json);
    }

    /// Conditions are replaced per evaluated type; a time stays while the message is the same.
    static void conditions(ObjectNode app, List<Condition> conditions, Instant now) {
        ObjectNode status = JsonTrees.child(app, "status");
        ArrayNode written = JsonTrees.array();
        List<JsonNode> before = JsonTrees.items(status, "conditions");
        for (JsonNode old : before) {
            if (!isEvaluated(JsonTrees.text(old, "type"))) {
                written.add(old);
            }
        }
        for (Condition condition : conditions.stream().distinct().toList()) {
            Optional<JsonNode> same =
                    before.stream()
                            .filter(
                                    old ->
                                            JsonTrees.text(old, "type")
                                                            .equals(condition.type().name())
                                                    && JsonTrees.text(old, "message")
                                                            .equals(condition.message()))
                            .findFirst();
            String since =
                    same.map(old -> JsonTrees.text(old, "lastTransitionTime")).orElse(time(now));
            written.addObject()
                    .put("type", condition.type().name())
                    .put("message", condition.message())
                    .put("lastTransitionTime", since);
        }
        if (written.isEmpty()) {
            status.remove("conditions");
        } else {
            status.set("conditions", written);
        }
    }

    private static boolean isEvaluated(String type) {
        for (Condition.Type own : Condition.Type.values()) {
            if (own.name().equals(type)) {
                return true;
            }
        }
        return false;
    }

    private static ArrayNode resources(List<ResourceState> states) {
        ArrayNode array = JsonTrees.array();
        for (ResourceState state : states) {
            if (state.key().name().isEmpty()) {
                continue;
            }
            ObjectNode json = array.addObject();
            if (!state.key().group().isEmpty()) {
                json.put("group", state.key().group());
            }
            json.put("version", state.version()).put("kind", state.key().kind());
            if (!state.key().namespace().isEmpty()) {
                json.put("namespace", state.key().namespace());
            }
            json.put("name", state.key().name());
            state.status().ifPresent(code -> json.put("status", code.name()));
            state.health()
                    .filter(_ -> !state.isHook())
                    .ifPresent(
                            health -> {
                                ObjectNode inner = json.putObject("health");
                                inner.put("status", health.status().name());
                                if (!health.message().isEmpty()) {
                                    inner.put("message", health.message());
                                }
                            });
            if (state.isHook()) {
                json.put("hook", true);
            }
            if (state.requiresPruning()) {
                json.put("requiresPruning", true);
            }
            if (state.either().wave() != 0) {
                json.put("syncWave", state.either().wave());
            }
        }
        return array;
    }

    private static ObjectNode summary(List<ResourceState> states) {
        SortedSet<String> images = new TreeSet<>();
        SortedSet<String> urls = new TreeSet<>();
        for (ResourceState state : states) {
            state.live()
                    .map(KubeObject::json)
                    .ifPresent(
                            json -> {
                                for (String[] path :
                                        new String[][] {
                                            {"spec", "template", "spec", "containers"},
                                            {"spec", "template", "spec", "initContainers"},
                                            {"spec", "containers"}
                                        }) {
                                    JsonTrees.items(json, path)
                                            .forEach(
                                                    container ->
                                                            images.add(
                                                                    JsonTrees.text(
                                                                            container, "image")));
                                }
                                if (state.key().kind().equals("Ingress")) {
                                    JsonTrees.items(json, "spec", "rules")
                                            .forEach(
                                                    rule ->
                                                            JsonTrees.optional(rule, "host")
                                                                    .ifPresent(
                                                                            host ->
                                                                                    urls.add(
                                                                                            (JsonTrees
                                                                                                                    .items(
                                                                                                                            json,
                                                                                                                            "spec",
                                                                                                                            "tls")
                                                                                                                    .isEmpty()
                                                                                                            ? "http://"
                                                                                                            : "https://")
                                                                                                    + host
                                                                                                    + "/")));
                                }
                            });
        }
        images.remove("");
        ObjectNode summary = JsonTrees.object();
        if (!images.isEmpty()) {
            summary.set("images", JsonTrees.arrayOf(List.copyOf(images)));
        }
        if (!urls.isEmpty()) {
            summary.set("externalURLs", JsonTrees.arrayOf(List.copyOf(urls)));
        }
        return summary;
    }

    static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
