package dev.sluice.rollout.core;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Observation.PodView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Strategy.PodMetadata;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Labels and annotations that pods carry while their revision plays a role.
///
/// The ReplicaSet comes first, so that pods yet to come are right; its annotation
/// `rollout.argoproj.io/ephemeral-metadata` records what was injected. What its running pods still
/// lack stands in a second annotation until all of them have it, so a crash in between loses
/// nothing (C4). The revision is the same with and without (S5).
final class EphemeralMetadata {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final PodMetadata NONE = new PodMetadata(Map.of(), Map.of());
    private static final List<String> PARTS = List.of("labels", "annotations");

    private EphemeralMetadata() {}

    private record Roles(Optional<PodMetadata> fresh, Optional<PodMetadata> stable) {}

    private static Roles roles(Strategy strategy) {
        return switch (strategy) {
            case Strategy.Canary c -> new Roles(c.canaryMetadata(), c.stableMetadata());
            case Strategy.BlueGreen b -> new Roles(b.previewMetadata(), b.activeMetadata());
        };
    }

    /// True while pods of the ReplicaSet wait for their metadata.
    static boolean isPending(ReplicaSetView set) {
        return set.annotation(Names.POD_METADATA).isPresent();
    }

    /// What a ReplicaSet that is being created carries from the start.
    static PodMetadata ofNew(Pass pass) {
        Roles roles = roles(pass.spec.strategy());
        return fitting(
                pass,
                (pass.stored.stableRS().isEmpty() ? roles.stable() : roles.fresh()).orElse(NONE));
    }

    /// Puts the metadata into a template, and its record into the ReplicaSet's annotations.
    static void inject(PodMetadata wanted, ObjectNode template, ObjectNode annotations) {
        if (wanted.equals(NONE)) {
            return;
        }
        ObjectNode metadata = template.withObject("/metadata");
        wanted.labels().forEach(metadata.withObject("/labels")::put);
        if (!wanted.annotations().isEmpty()) {
            wanted.annotations().forEach(metadata.withObject("/annotations")::put);
        }
        annotations.put(Names.EPHEMERAL_METADATA, json(wanted).toString());
    }

    static void write(Pass pass) {
        Roles roles = roles(pass.spec.strategy());
        if (roles.fresh().isPresent() || roles.stable().isPresent()) {
            boolean isUpdate = !pass.next.stableRS.isEmpty() && !pass.isFullyPromoted();
            for (ReplicaSetView set : pass.sets.owned()) {
                boolean isNew = set.hash().equals(pass.newHash());
                boolean isStable = set.hash().equals(pass.next.stableRS);
                PodMetadata wanted =
                        (isNew && isUpdate
                                        ? roles.fresh()
                                        : isNew || isStable
                                                ? roles.stable()
                                                : Optional.<PodMetadata>empty())
                                .orElse(NONE);
                write(pass, set, fitting(pass, wanted));
            }
        }
        pass.sets.owned().stream()
                .filter(EphemeralMetadata::isPending)
                .forEach(set -> relabel(pass, set));
    }

    /// Labels by which pods are selected are never touched.
    private static PodMetadata fitting(Pass pass, PodMetadata wanted) {
        Map<String, String> labels = new java.util.TreeMap<>(wanted.labels());
        labels.keySet().removeAll(pass.spec.matchLabels().keySet());
        labels.remove(Names.HASH);
        return new PodMetadata(labels, wanted.annotations());
    }

    private static void write(Pass pass, ReplicaSetView set, PodMetadata wanted) {
        PodMetadata present = recorded(set);
        if (present.equals(wanted)) {
            return;
        }
        ObjectNode changes = JsonNodeFactory.instance.objectNode();
        change(changes, "labels", present.labels(), wanted.labels());
        change(changes, "annotations", present.annotations(), wanted.annotations());
        ObjectNode template = JsonNodeFactory.instance.objectNode();
        template.set("metadata", changes);
        pass.template(set, template);
        pass.annotate(
                set,
                Names.EPHEMERAL_METADATA,
                wanted.equals(NONE) ? Optional.empty() : Optional.of(json(wanted).toString()));
        if (set.replicas() > 0 || set.created() > 0) {
            ObjectNode open = pending(set);
            for (String part : PARTS) {
                if (changes.path(part) instanceof ObjectNode values) {
                    open.withObject("/" + part).setAll(values.deepCopy());
                }
            }
            pass.annotate(set, Names.POD_METADATA, Optional.of(open.toString()));
        }
    }

    private static void change(
            ObjectNode changes, String part, Map<String, String> was, Map<String, String> will) {
        ObjectNode values = JsonNodeFactory.instance.objectNode();
        was.keySet().stream().filter(k -> !will.containsKey(k)).forEach(values::putNull);
        will.forEach(values::put);
        if (!values.isEmpty()) {
            changes.set(part, values);
        }
    }

    /// The ReplicaSet says what its pods should have: those that differ are written, and when none
    /// does the matter is closed.
    private static void relabel(Pass pass, ReplicaSetView set) {
        if (pass.isTouched(set)) {
            return;
        }
        ObjectNode open = pending(set);
        List<Command.PodName> differing =
                pass.seen.pods().stream()
                        .filter(p -> p.replicaSetUid().equals(set.uid()) && !p.deleting())
                        .filter(p -> !has(p, open))
                        .map(p -> new Command.PodName(p.name(), p.uid()))
                        .toList();
        if (differing.isEmpty()) {
            pass.annotate(set, Names.POD_METADATA, Optional.empty());
        } else {
            pass.doLast(new Command.RelabelPods(differing, open));
        }
    }

    private static boolean has(PodView pod, ObjectNode metadata) {
        return has(pod.labels(), metadata.path("labels"))
                && has(pod.annotations(), metadata.path("annotations"));
    }

    private static boolean has(Map<String, String> present, JsonNode wanted) {
        return wanted.properties().stream()
                .allMatch(
                        e ->
                                e.getValue().isNull()
                                        ? !present.containsKey(e.getKey())
                                        : e.getValue().asText().equals(present.get(e.getKey())));
    }

    /// Takes away what a ReplicaSet's record says was injected.
    static void strip(ReplicaSetView set, ObjectNode template) {
        PodMetadata injected = recorded(set);
        if (template.path("metadata") instanceof ObjectNode metadata) {
            strip(metadata, "labels", injected.labels());
            strip(metadata, "annotations", injected.annotations());
        }
    }

    private static void strip(ObjectNode metadata, String part, Map<String, String> injected) {
        if (metadata.path(part) instanceof ObjectNode values) {
            values.remove(injected.keySet());
        }
    }

    private static PodMetadata recorded(ReplicaSetView set) {
        JsonNode record = read(set.annotation(Names.EPHEMERAL_METADATA));
        return new PodMetadata(strings(record.path("labels")), strings(record.path("annotations")));
    }

    private static ObjectNode pending(ReplicaSetView set) {
        return read(set.annotation(Names.POD_METADATA)) instanceof ObjectNode open
                ? open
                : JsonNodeFactory.instance.objectNode();
    }

    private static JsonNode read(Optional<String> annotation) {
        try {
            return annotation.isPresent()
                    ? MAPPER.readTree(annotation.get())
                    : JsonNodeFactory.instance.objectNode();
        } catch (JsonProcessingException _) {
            return JsonNodeFactory.instance.objectNode();
        }
    }

    private static ObjectNode json(PodMetadata metadata) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (!metadata.labels().isEmpty()) {
            metadata.labels().forEach(json.putObject("labels")::put);
        }
        if (!metadata.annotations().isEmpty()) {
            metadata.annotations().forEach(json.putObject("annotations")::put);
        }
        return json;
    }

    private static Map<String, String> strings(JsonNode object) {
        Map<String, String> map = new java.util.TreeMap<>();
        object.properties().forEach(e -> map.put(e.getKey(), e.getValue().asText("")));
        return map;
    }
}
