package dev.sluice.explorer.drive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.explorer.check.CapacityRead;
import dev.sluice.explorer.model.Json;
import dev.sluice.explorer.model.StoredObject;
import dev.sluice.explorer.model.StoredRollout;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.router.app.Cluster;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.Keys;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.Selection;
import dev.sluice.runtime.WriteResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The cluster as one pass of router-service reads it. A write is not carried out: it is kept for
/// a later step, and the pass ends there.
final class Reads implements Cluster {

    /// Ends the pass at its first write.
    @SuppressWarnings("serial")
    static final class Asked extends RuntimeException {
        Asked() {
            super("a write is asked for", null, false, false);
        }
    }

    /// The API server does not answer.
    @SuppressWarnings("serial")
    static final class Unreadable extends RuntimeException {
        Unreadable() {
            super("the API server does not answer", null, false, false);
        }
    }

    private final Breakage breakage;
    private final StoredRollout rollout;
    private final Optional<Map<ObjectRef, StoredObject>> objects;
    private final CapacityRead capacity;
    private Optional<Change> asked = Optional.empty();

    /// @param objects what reading them gives; empty while that fails
    Reads(
            Breakage breakage,
            StoredRollout rollout,
            Optional<Map<ObjectRef, StoredObject>> objects,
            CapacityRead capacity) {
        this.breakage = breakage;
        this.rollout = rollout;
        this.objects = objects;
        this.capacity = capacity;
    }

    Change asked() {
        return asked.orElseThrow();
    }

    @Override
    public Optional<JsonNode> rollout(String namespace, String name) {
        return Optional.of(rollout.json());
    }

    @Override
    public Optional<JsonNode> read(ObjectRef ref) {
        if (objects.isEmpty()) {
            throw new Unreadable();
        }
        return Optional.ofNullable(objects.get().get(ref)).map(o -> seen(o.json()));
    }

    /// Without plan stamps every object looks as if it carried the plan already.
    private JsonNode seen(ObjectNode object) {
        if (breakage != Breakage.NO_PLAN_STAMP) {
            return object;
        }
        long plan = rollout.json().path("status").path("trafficPlan").path("id").asLong();
        String uid = rollout.json().path("metadata").path("uid").asText();
        return Json.merged(object, Patches.annotation(Keys.PLAN, uid + "/" + plan));
    }

    @Override
    public List<JsonNode> list(Selection selection) {
        return List.of(); // the model's routes are known by name
    }

    @Override
    public List<RevisionPods> experiments(String namespace, List<String> hashes) {
        return capacity.experimentSets().values().stream()
                .filter(set -> hashes.contains(set.hash()))
                .map(
                        set ->
                                new RevisionPods(
                                        set.name(), set.hash(), set.replicas(), set.available()))
                .toList();
    }

    @Override
    public List<RevisionPods> revisions(String namespace, String rolloutUid) {
        List<RevisionPods> all = new ArrayList<>();
        for (ReplicaSetView set : capacity.sets().values()) {
            all.add(new RevisionPods(set.name(), set.hash(), set.replicas(), set.available()));
        }
        return all;
    }

    @Override
    public Map<String, Endpoints> endpoints(String namespace, List<String> services) {
        Map<String, String> names = RouterWorker.setNames(capacity);
        Map<String, Endpoints> all = new LinkedHashMap<>();
        for (String service : services) {
            List<String> pods = new ArrayList<>();
            capacity.slices()
                    .getOrDefault(service, Map.of())
                    .forEach(
                            (hash, count) -> {
                                int pod =
                                        hash.equals(dev.sluice.explorer.model.Cluster.ALL)
                                                ? count
                                                : 0;
                                for (int i = pod; i < count; i++) {
                                    pods.add(names.getOrDefault(hash, "gone") + "-" + i);
                                }
                            });
            all.put(
                    service,
                    new Endpoints(pods, Optional.ofNullable(capacity.changed().get(service))));
        }
        return all;
    }

    @Override
    public WriteResult write(Change change) {
        asked = Optional.of(breakage == Breakage.NO_PLAN_STAMP ? unstamped(change) : change);
        throw new Asked();
    }

    private static Change unstamped(Change change) {
        return switch (change) {
            case Change.Create(ObjectRef ref, ObjectNode body) -> {
                ObjectNode copy = body.deepCopy();
                copy.withObjectProperty("metadata")
                        .withObjectProperty("annotations")
                        .remove(Keys.PLAN);
                yield new Change.Create(ref, copy);
            }
            case Change.Merge(ObjectRef ref, ObjectNode patch) -> {
                ObjectNode copy = patch.deepCopy();
                copy.withObjectProperty("metadata")
                        .withObjectProperty("annotations")
                        .remove(Keys.PLAN);
                yield new Change.Merge(ref, copy);
            }
            case Change.Delete _ -> change;
            case Change.Operations(ObjectRef ref, ArrayNode operations) -> {
                ArrayNode rest = operations.arrayNode();
                operations.forEach(
                        o -> {
                            if (!o.path("path").asText().endsWith("traffic-plan")) {
                                rest.add(o);
                            }
                        });
                yield new Change.Operations(ref, rest);
            }
        };
    }
}
