package dev.sluice.sync.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Target against live against last applied. A live field that neither of the other two names is
/// not drift: it was defaulted, or belongs to someone else. A field that was applied before and is
/// gone from the target is drift.
public final class ThreeWayDiff {
    /// One differing field; a removal is one that was applied once and must go.
    public record Difference(String pointer, boolean removal) {}

    private static final Set<String> QUANTITIES =
            Set.of(
                    "limits",
                    "requests",
                    "capacity",
                    "hard",
                    "min",
                    "max",
                    "default",
                    "defaultRequest",
                    "maxLimitRequestRatio",
                    "overhead",
                    "allocatable");
    /// Fields that hold one quantity.
    private static final Set<String> QUANTITY_FIELDS =
            Set.of(
                    "sizeLimit",
                    "divisor",
                    "averageValue",
                    "storage",
                    "maxUnavailable",
                    "minAvailable",
                    "maxSurge");

    /// Lists merged by a key wherever the server itself merges them; all others are compared item
    /// by item.
    private static final Map<String, List<String>> MERGE_KEYS =
            Map.ofEntries(
                    Map.entry("containers", List.of("name")),
                    Map.entry("initContainers", List.of("name")),
                    Map.entry("ephemeralContainers", List.of("name")),
                    Map.entry("volumes", List.of("name")),
                    Map.entry("env", List.of("name")),
                    Map.entry("volumeMounts", List.of("mountPath")),
                    Map.entry("volumeDevices", List.of("devicePath")),
                    Map.entry("imagePullSecrets", List.of("name")),
                    Map.entry("hostAliases", List.of("ip")),
                    Map.entry("ports", List.of("containerPort", "port")));

    private final List<Difference> found = new ArrayList<>();

    private ThreeWayDiff() {}

    public static List<Difference> compare(
            ObjectNode target, ObjectNode live, Optional<ObjectNode> lastApplied) {
        ThreeWayDiff diff = new ThreeWayDiff();
        diff.objects(
                "",
                target,
                live,
                lastApplied.<JsonNode>map(node -> node).orElse(MissingNode.getInstance()));
        return List.copyOf(diff.found);
    }

    private void objects(String path, JsonNode target, JsonNode live, JsonNode last) {
        for (Map.Entry<String, JsonNode> field : JsonTrees.fields(target)) {
            values(
                    JsonTrees.pointer(path, field.getKey()),
                    path,
                    field.getKey(),
                    field.getValue(),
                    live.path(field.getKey()),
                    last.path(field.getKey()));
        }
        for (Map.Entry<String, JsonNode> field : JsonTrees.fields(last)) {
            JsonNode there = live.path(field.getKey());
            if (isAbsent(target.path(field.getKey()))
                    && !target.has(field.getKey())
                    && !isAbsent(there)
                    && !isAbsent(field.getValue())) {
                removed(JsonTrees.pointer(path, field.getKey()), there, field.getValue());
            }
        }
    }

    /// Of a removed object only what had been applied has to go.
    private void removed(String path, JsonNode live, JsonNode last) {
        if (live.isObject() && last.isObject() && !last.isEmpty()) {
            for (Map.Entry<String, JsonNode> field : JsonTrees.fields(last)) {
                JsonNode there = live.path(field.getKey());
                if (!isAbsent(there)) {
                    removed(JsonTrees.pointer(path, field.getKey()), there, field.getValue());
                }
            }
        } else {
            found.add(new Difference(path, true));
        }
    }

    private void values(
            String path,
            String parent,
            String field,
            JsonNode target,
            JsonNode live,
            JsonNode last) {
        if (isAbsent(target) && (isAbsent(live) || target.isNull())) {
            return;
        }
        if (isAbsent(live) && isZero(target)) {
            return;
        }
        if (target.isObject() && live.isObject()) {
            objects(path, target, live, last);
        } else if (target.isArray() && live.isArray()) {
            lists(path, field, target, live, last);
        } else if (!sameScalar(parent, field, target, live)) {
            found.add(new Difference(path, false));
        }
    }

    private void lists(String path, String field, JsonNode target, JsonNode live, JsonNode last) {
        Optional<String> key = mergeKey(field, target, live);
        if (key.isPresent()) {
            keyed(path, key.get(), target, live, last);
            return;
        }
        if (target.size() != live.size()) {
            found.add(new Difference(path, false));
            return;
        }
        for (int i = 0; i < target.size(); i++) {
            values(path + "/" + i, path, field, target.get(i), live.get(i), last.path(i));
        }
    }

    private void keyed(String path, String key, JsonNode target, JsonNode live, JsonNode last) {
        Map<String, Integer> places = new LinkedHashMap<>();
        for (int i = 0; i < live.size(); i++) {
            places.putIfAbsent(identity(live.get(i), key), i);
        }
        Map<String, JsonNode> before = new LinkedHashMap<>();
        last.forEach(item -> before.put(identity(item, key), item));
        for (JsonNode item : target) {
            String name = identity(item, key);
            Integer place = places.get(name);
            JsonNode old = before.remove(name);
            if (place == null) {
                found.add(new Difference(path + "[" + name + "]", false));
            } else {
                values(
                        path + "/" + place,
                        path,
                        key,
                        item,
                        live.get(place),
                        old == null ? MissingNode.getInstance() : old);
            }
        }
        before.keySet().stream()
                .map(places::get)
                .filter(java.util.Objects::nonNull)
                .sorted(java.util.Comparator.reverseOrder())
                .forEach(place -> found.add(new Difference(path + "/" + place, true)));
    }

    private static Optional<String> mergeKey(String field, JsonNode target, JsonNode live) {
        for (String key : MERGE_KEYS.getOrDefault(field, List.of())) {
            if (allHave(target, key) && allHave(live, key)) {
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    private static boolean allHave(JsonNode list, String key) {
        for (JsonNode item : list) {
            if (!item.isObject() || !item.has(key)) {
                return false;
            }
        }
        return true;
    }

    private static String identity(JsonNode item, String key) {
        String protocol =
                key.endsWith("ort") ? "/" + JsonTrees.optional(item, "protocol").orElse("TCP") : "";
        return JsonTrees.text(item, key) + protocol;
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    /// What typed objects leave out when they are written.
    private static boolean isZero(JsonNode node) {
        return isAbsent(node)
                || (node.isContainerNode() && onlyZero(node))
                || (node.isTextual() && node.textValue().isEmpty())
                || (node.isBoolean() && !node.booleanValue())
                || (node.isNumber() && node.decimalValue().signum() == 0);
    }

    private static boolean onlyZero(JsonNode node) {
        return node.isEmpty();
    }

    private static boolean sameScalar(String parent, String field, JsonNode target, JsonNode live) {
        if (target.equals(live)) {
            return true;
        }
        if (isAbsent(live) || target.isContainerNode() || live.isContainerNode()) {
            return false;
        }
        if (target.isNumber() && live.isNumber()) {
            return target.decimalValue().compareTo(live.decimalValue()) == 0;
        }
        String holder = parent.substring(parent.lastIndexOf('/') + 1);
        boolean quantity = QUANTITIES.contains(holder) || QUANTITY_FIELDS.contains(field);
        return quantity && Quantity.same(target.asText(), live.asText());
    }
}
