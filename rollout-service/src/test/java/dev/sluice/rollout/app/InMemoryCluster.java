package dev.sluice.rollout.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Command;
import dev.sluice.rollout.core.Observation;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.ParseResult;
import dev.sluice.rollout.core.RolloutMeta;
import dev.sluice.rollout.core.RolloutParser;
import dev.sluice.rollout.core.Trees;
import dev.sluice.runtime.WriteResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One Rollout with its ReplicaSets, with the API server's rules: versions rise with each
/// change, and a write for another version is a conflict. Pods are available at once.
final class InMemoryCluster implements Cluster {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectNode rollout;
    private final Map<String, ObjectNode> replicaSets = new LinkedHashMap<>();
    private long version = 1;
    private int writes;
    private int crashAfter = Integer.MAX_VALUE;
    private final List<String> log = new ArrayList<>();
    private final Map<String, int[]> pods = new LinkedHashMap<>();
    private boolean isSlow;
    private Optional<String> refusal = Optional.empty();

    /// The process died right after a write.
    static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    InMemoryCluster(String manifest) {
        this.rollout = object(manifest);
        ObjectNode metadata = rollout.withObject("/metadata");
        metadata.put("uid", "uid-1").put("resourceVersion", "1").put("generation", 1);
        metadata.put("creationTimestamp", "2026-01-01T00:00:00Z");
    }

    static ObjectNode object(String json) {
        return (ObjectNode) Trees.json(json.replace('\'', '"'));
    }

    /// The process dies after so many more writes.
    void crashAfter(int more) {
        crashAfter = writes + more;
    }

    int writes() {
        return writes;
    }

    /// What was written, in order: the resource, and what of it.
    List<String> log() {
        return log;
    }

    /// ReplicaSets are refused for this reason, or accepted again.
    void refuseReplicaSets(Optional<String> reason) {
        refusal = reason;
    }

    /// From now on pods take their time: created by the first [#podsMove], available by the next.
    void slowPods() {
        isSlow = true;
    }

    /// True when something about the pods changed, which Rollouts are looked at for.
    boolean podsMove() {
        boolean moved = false;
        for (Map.Entry<String, ObjectNode> entry : replicaSets.entrySet()) {
            int wanted = entry.getValue().path("spec").path("replicas").asInt();
            int[] is = pods(entry.getKey());
            int available = Math.min(is[0], wanted);
            moved |= is[0] != wanted || is[1] != available;
            is[1] = available;
            is[0] = wanted;
        }
        return moved;
    }

    private int[] pods(String name) {
        return pods.computeIfAbsent(name, _ -> new int[2]);
    }

    /// An edit of the spec by a person.
    void edit(String patch) {
        Trees.merge(rollout, object(patch));
        ObjectNode metadata = rollout.withObject("/metadata");
        metadata.put("generation", metadata.path("generation").asLong() + 1);
        touch(rollout);
    }

    /// What kubectl's plugin does to the status.
    void patchStatus(String patch) {
        Trees.merge(rollout, object(patch));
        touch(rollout);
    }

    JsonNode status() {
        return rollout.path("status");
    }

    /// Wanted pods per ReplicaSet, in order of creation.
    List<Integer> replicas() {
        return replicaSets.values().stream()
                .map(rs -> rs.path("spec").path("replicas").asInt())
                .toList();
    }

    Sighting look() {
        return switch (RolloutParser.parse(rollout.deepCopy())) {
            case ParseResult.Invalid invalid -> new Sighting.Invalid(invalid);
            case ParseResult.Valid(var parsed) ->
                    new Sighting.Whole(
                            new Observation(
                                    parsed,
                                    views(),
                                    Map.of(),
                                    List.of(),
                                    Map.of(),
                                    Map.of(),
                                    List.of(),
                                    List.of(),
                                    Optional.empty(),
                                    Optional.empty(),
                                    Set.of()));
        };
    }

    private List<ReplicaSetView> views() {
        List<ReplicaSetView> views = new ArrayList<>();
        replicaSets.forEach(
                (name, rs) -> {
                    int replicas = rs.path("spec").path("replicas").asInt();
                    int created = isSlow ? pods(name)[0] : replicas;
                    int available = isSlow ? pods(name)[1] : replicas;
                    views.add(
                            new ReplicaSetView(
                                    name,
                                    name + "-uid",
                                    rs.path("metadata").path("resourceVersion").asText(),
                                    true,
                                    false,
                                    Instant.parse("2026-01-01T00:00:00Z").plusSeconds(views.size()),
                                    strings(rs.path("metadata").path("labels")),
                                    strings(rs.path("metadata").path("annotations")),
                                    rs.path("spec").path("template").deepCopy(),
                                    rs.path("spec").path("minReadySeconds").asInt(0),
                                    replicas,
                                    created,
                                    available,
                                    available,
                                    true,
                                    Optional.empty()));
                });
        return views;
    }

    private static Map<String, String> strings(JsonNode object) {
        Map<String, String> map = new LinkedHashMap<>();
        object.properties().forEach(e -> map.put(e.getKey(), e.getValue().asText()));
        return map;
    }

    @Override
    public WriteResult writeStatus(RolloutMeta meta, ObjectNode patch) {
        return change(rollout, meta.resourceVersion(), patch);
    }

    @Override
    public WriteResult carryOut(RolloutMeta meta, Command command) {
        return switch (command) {
            case Command.CreateReplicaSet c -> create(c.manifest());
            case Command.ScaleReplicaSet c -> {
                ObjectNode patch = annotations(c.annotations());
                patch.putObject("spec").put("replicas", c.to());
                yield change(replicaSet(c.name()), c.resourceVersion(), patch);
            }
            case Command.AnnotateReplicaSet c ->
                    change(replicaSet(c.name()), c.resourceVersion(), annotations(c.annotations()));
            case Command.AnnotateRollout c ->
                    change(
                            rollout,
                            meta.resourceVersion(),
                            annotations(Map.of(c.key(), Optional.of(c.value()))));
            case Command.DefaultReplicas c -> {
                ObjectNode patch = JSON.createObjectNode();
                patch.putObject("spec").put("replicas", c.replicas());
                yield change(rollout, meta.resourceVersion(), patch);
            }
            case Command.DeleteReplicaSet c -> {
                ObjectNode removed = replicaSet(c.name());
                replicaSets.remove(c.name());
                yield written(removed, JSON.createObjectNode());
            }
            case Command.AdoptReplicaSet _,
                    Command.CreateAnalysisRun _,
                    Command.TerminateAnalysisRun _,
                    Command.DeleteAnalysisRun _,
                    Command.CreateExperiment _,
                    Command.TerminateExperiment _,
                    Command.DeleteExperiment _,
                    Command.UnannotateRollout _,
                    Command.ScaleWorkload _,
                    Command.RelabelPods _,
                    Command.EvictPod _ ->
                    throw new UnsupportedOperationException(command.toString());
        };
    }

    private WriteResult create(ObjectNode manifest) {
        String name = manifest.path("metadata").path("name").asText();
        if (refusal.isPresent()) {
            return new WriteResult.Rejected(refusal.get());
        }
        if (replicaSets.containsKey(name)) {
            return new WriteResult.Conflict();
        }
        ObjectNode created = manifest.deepCopy();
        replicaSets.put(name, created);
        touch(created);
        return written(created, created);
    }

    private ObjectNode replicaSet(String name) {
        return Optional.ofNullable(replicaSets.get(name)).orElseThrow();
    }

    private WriteResult change(ObjectNode object, String expected, ObjectNode patch) {
        if (!object.path("metadata").path("resourceVersion").asText().equals(expected)) {
            return new WriteResult.Conflict();
        }
        Trees.merge(object, patch);
        touch(object);
        return written(object, patch);
    }

    private WriteResult written(ObjectNode object, JsonNode change) {
        writes++;
        log.add(object.path("kind").asText() + " " + change);
        if (writes == crashAfter) {
            throw new Crash();
        }
        return new WriteResult.Applied(Long.toString(version));
    }

    private void touch(ObjectNode object) {
        version++;
        object.withObject("/metadata").put("resourceVersion", Long.toString(version));
    }

    private static ObjectNode annotations(Map<String, Optional<String>> changes) {
        ObjectNode patch = JSON.createObjectNode();
        ObjectNode annotations = patch.putObject("metadata").putObject("annotations");
        changes.forEach((key, value) -> annotations.put(key, value.orElse(null)));
        return patch;
    }
}
