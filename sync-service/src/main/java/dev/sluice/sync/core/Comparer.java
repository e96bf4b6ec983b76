package dev.sluice.sync.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Compares a complete render with the live objects (specification of sync §3).
public final class Comparer {
    /// Removes what an application chose to ignore, and reads last-applied annotations: both need a
    /// parser or an interpreter that does not belong into the core.
    public interface Reading {
        void removeIgnored(ObjectKey key, ObjectNode object);

        Optional<ObjectNode> lastApplied(KubeObject live);
    }

    /// Outcome of a comparison.
    public record Comparison(
            List<ResourceState> resources, List<Condition> conditions, SyncCode status) {
        public Comparison {
            resources = List.copyOf(resources);
            conditions = List.copyOf(conditions);
        }

        public boolean onlyPruneNeeded() {
            return resources.stream()
                    .filter(r -> r.status().filter(SyncCode.OutOfSync::equals).isPresent())
                    .allMatch(ResourceState::requiresPruning);
        }

        public boolean everythingNeedsPruning() {
            return !resources.isEmpty()
                    && resources.stream()
                            .filter(r -> !r.isHook())
                            .allMatch(ResourceState::requiresPruning);
        }
    }

    private final String instance;
    private final Reading reading;
    private final List<Condition> conditions = new ArrayList<>();

    private Comparer(String instance, Reading reading) {
        this.instance = instance;
        this.reading = reading;
    }

    /// `live` holds the objects found for the targets' keys and for everything managed before.
    public static Comparison compare(
            String instance,
            List<KubeObject> targets,
            Map<ObjectKey, KubeObject> live,
            Reading reading) {
        return new Comparer(instance, reading).run(targets, live);
    }

    private Comparison run(List<KubeObject> targets, Map<ObjectKey, KubeObject> live) {
        SortedMap<ObjectKey, KubeObject> wanted = new TreeMap<>();
        List<ResourceState> states = new ArrayList<>();
        for (KubeObject target : targets) {
            if (!target.generateName().isEmpty() && target.name().isEmpty()) {
                states.add(hookOnly(target));
            } else if (wanted.put(target.key(), target) != null) {
                conditions.add(
                        new Condition(
                                Condition.Type.RepeatedResourceWarning,
                                "Resource "
                                        + target.key()
                                        + " appeared more than once among application resources;"
                                        + " the last one wins."));
            }
        }
        wanted.forEach(
                (key, target) ->
                        states.add(state(key, target, Optional.ofNullable(live.get(key)))));
        live.forEach(
                (key, object) -> {
                    if (!wanted.containsKey(key)
                            && !object.owned()
                            && Tracking.owns(instance, object)
                            && !key.isCrd()
                            && Hooks.of(object) instanceof Hooks.None) {
                        states.add(extra(key, object));
                    }
                });
        states.sort(java.util.Comparator.comparing(ResourceState::key));
        boolean drift =
                states.stream()
                        .anyMatch(
                                state ->
                                        state.status()
                                                        .filter(SyncCode.OutOfSync::equals)
                                                        .isPresent()
                                                && !(state.requiresPruning()
                                                        && state.either().deleting())
                                                && !(state.requiresPruning()
                                                        && state.either()
                                                                .list(KubeObject.COMPARE_OPTIONS)
                                                                .contains("IgnoreExtraneous")));
        return new Comparison(states, conditions, drift ? SyncCode.OutOfSync : SyncCode.Synced);
    }

    private static ResourceState hookOnly(KubeObject target) {
        return new ResourceState(
                target.key(),
                target.version(),
                Optional.of(target),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Hooks.of(target));
    }

    private ResourceState extra(ObjectKey key, KubeObject live) {
        return new ResourceState(
                key,
                live.version(),
                Optional.empty(),
                Optional.of(live),
                Optional.of(SyncCode.OutOfSync),
                HealthRules.of(live),
                List.of(),
                new Hooks.None());
    }

    private ResourceState state(ObjectKey key, KubeObject target, Optional<KubeObject> live) {
        Hooks hooks = Hooks.of(target);
        if (hooks instanceof Hooks.Unsupported unsupported) {
            conditions.add(
                    new Condition(
                            Condition.Type.ComparisonError,
                            "hook " + unsupported.name() + " of " + key + " is not supported"));
        }
        live.flatMap(Tracking::owner)
                .filter(owner -> !owner.equals(instance))
                .ifPresent(
                        owner ->
                                conditions.add(
                                        new Condition(
                                                Condition.Type.SharedResourceWarning,
                                                key
                                                        + " is part of applications "
                                                        + instance
                                                        + " and "
                                                        + owner)));
        boolean counted = hooks instanceof Hooks.None;
        List<ThreeWayDiff.Difference> differences =
                counted && live.isPresent() ? differences(key, target, live.get()) : List.of();
        Optional<SyncCode> status =
                !counted
                        ? Optional.empty()
                        : Optional.of(
                                live.isEmpty() || !differences.isEmpty()
                                        ? SyncCode.OutOfSync
                                        : SyncCode.Synced);
        return new ResourceState(
                key,
                target.version(),
                Optional.of(target),
                live,
                status,
                live.flatMap(HealthRules::of),
                differences,
                hooks);
    }

    private List<ThreeWayDiff.Difference> differences(
            ObjectKey key, KubeObject target, KubeObject live) {
        ObjectNode wanted = normal(key, FieldOwnership.yieldTo(target, live).json());
        ObjectNode there = normal(key, live.json().deepCopy());
        Optional<ObjectNode> last =
                reading.lastApplied(live)
                        .map(
                                json ->
                                        normal(
                                                key,
                                                FieldOwnership.strip(new KubeObject(json)).json()));
        return ThreeWayDiff.compare(wanted, there, last);
    }

    private ObjectNode normal(ObjectKey key, ObjectNode object) {
        object.remove("status");
        object.remove("apiVersion");
        if (object.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove(
                    List.of(
                            "creationTimestamp",
                            "managedFields",
                            "resourceVersion",
                            "generation",
                            "uid",
                            "selfLink"));
            if (metadata.path("annotations") instanceof ObjectNode annotations) {
                annotations.remove(KubeObject.LAST_APPLIED);
            }
        }
        if (key.isSecret()) {
            mergeStringData(object);
        }
        if (key.group().equals("rbac.authorization.k8s.io")
                && object.path("aggregationRule").isObject()) {
            object.remove("rules");
        }
        reading.removeIgnored(key, object);
        return object;
    }

    /// `stringData` is only a way of writing `data`.
    public static void mergeStringData(ObjectNode secret) {
        JsonNode plain = secret.remove("stringData");
        if (plain != null && plain.isObject()) {
            ObjectNode data = JsonTrees.child(secret, "data");
            JsonTrees.fields(plain)
                    .forEach(
                            field ->
                                    data.put(
                                            field.getKey(),
                                            Base64.getEncoder()
                                                    .encodeToString(
                                                            field.getValue()
                                                                    .asText()
                                                                    .getBytes(
                                                                            StandardCharsets
                                                                                    .UTF_8))));
        }
    }
}
