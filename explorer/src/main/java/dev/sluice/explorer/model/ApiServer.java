package dev.sluice.explorer.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.explorer.scenario.Option;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.policy.Freeze;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.Keys;
import dev.sluice.router.core.ObjectRef;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Conditional writes: a version that is not the present one is refused. Each tells whether it
/// took effect.
public final class ApiServer {
    private final Cluster cluster;

    /// What a broken variant does to the condition of a write: it ignores it.
    private final boolean unconditional;

    public ApiServer(Cluster cluster, boolean unconditional) {
        this.cluster = cluster;
        this.unconditional = unconditional;
    }

    /// The Rollout's status, or its metadata and spec; the new version when it was written.
    public Optional<String> patchRollout(String version, JsonNode patch) {
        StoredRollout present = cluster.rollout();
        if (!unconditional && !version.equals(Long.toString(present.version()))) {
            return Optional.empty();
        }
        person(patch);
        return Optional.of(Long.toString(cluster.rollout().version()));
    }

    /// A person's patch, without condition, as `kubectl` and the plugin write it.
    public void person(JsonNode patch) {
        ObjectNode base = cluster.rollout().json();
        ObjectNode next = Json.merged(base, patch);
        if (!next.path("spec").equals(base.path("spec"))) {
            long generation = cluster.rollout().generation() + 1;
            next =
                    Json.merged(
                            next,
                            Json.object("{\"metadata\":{\"generation\":" + generation + "}}"));
        }
        cluster.rollout(next);
    }

    /// A person stops the line of the namespace, or lets it go on.
    public boolean freeze(boolean on) {
        if (cluster.freeze().isPresent() == on) {
            return false;
        }
        cluster.freeze(
                on
                        ? Optional.of(new Freeze("an incident", "Namespace ns", Optional.empty()))
                        : Optional.empty());
        return true;
    }

    /// Scales the Deployment that the Rollout refers to; the new version when that took effect.
    public Optional<String> scaleWorkload(String version, int replicas) {
        ObjectNode present = cluster.workload().orElseThrow();
        String is = present.path("metadata").path("resourceVersion").asText();
        if (!unconditional && !version.equals(is)) {
            return Optional.empty();
        }
        workload(Json.object("{\"spec\":{\"replicas\":" + replicas + "}}"));
        return Optional.of(
                cluster.workload().orElseThrow().path("metadata").path("resourceVersion").asText());
    }

    /// A person's patch of that Deployment; false when it changes nothing.
    public boolean workload(JsonNode patch) {
        ObjectNode present = cluster.workload().orElseThrow();
        ObjectNode next = Json.merged(present, patch);
        if (next.equals(present)) {
            return false;
        }
        long generation = present.path("metadata").path("generation").asLong() + 1;
        cluster.workload(
                Json.merged(
                        next, Json.object("{\"metadata\":{\"generation\":" + generation + "}}")));
        return true;
    }

    public boolean createSet(ObjectNode manifest) {
        String name = manifest.path("metadata").path("name").asText();
        if (cluster.sets().containsKey(name)) {
            return false;
        }
        ReplicaSetView set = set(cluster, manifest);
        if (cluster.sets().isEmpty() && cluster.workload().isEmpty()) {
            cluster.pods(set.hash()).damage(); // nobody was served before
        }
        cluster.put(set);
        return true;
    }

    /// A new ReplicaSet, as it is stored.
    static ReplicaSetView set(Cluster cluster, ObjectNode manifest) {
        String name = manifest.path("metadata").path("name").asText();
        return new ReplicaSetView(
                name,
                "uid-" + name + "-" + cluster.nextVersion(),
                Long.toString(cluster.nextVersion()),
                true,
                false,
                cluster.now().truncatedTo(ChronoUnit.SECONDS),
                strings(manifest.path("metadata").path("labels")),
                strings(manifest.path("metadata").path("annotations")),
                manifest.path("spec").path("template"),
                manifest.path("spec").path("minReadySeconds").asInt(),
                manifest.path("spec").path("replicas").asInt(),
                0,
                0,
                0,
                false,
                Optional.empty());
    }

    /// Changes a ReplicaSet, of the Rollout or of an Experiment.
    ///
    /// @param replicas the new count, if it changes
    public boolean patchSet(
            String name,
            String version,
            Optional<Integer> replicas,
            Map<String, Optional<String>> annotations,
            Optional<Integer> minReadySeconds) {
        ReplicaSetView set = cluster.setNamed(name).orElse(null);
        if (set == null || (!unconditional && !version.equals(set.resourceVersion()))) {
            return false;
        }
        Map<String, String> next = new TreeMap<>(set.annotations());
        annotations.forEach(
                (key, value) ->
                        value.ifPresentOrElse(v -> next.put(key, v), () -> next.remove(key)));
        int count = replicas.orElse(set.replicas());
        cluster.replace(
                Sets.with(
                        set,
                        cluster.nextVersion(),
                        next,
                        minReadySeconds.orElse(set.minReadySeconds()),
                        count));
        return true;
    }

    public boolean deleteSet(String name, String version) {
        ReplicaSetView set = cluster.sets().get(name);
        if (set == null || (!unconditional && !version.equals(set.resourceVersion()))) {
            return set == null;
        }
        cluster.removeSet(name);
        cluster.pods(set.hash()).scaleTo(0, cluster.millis(), Nature.GRACE);
        return true;
    }

    /// Somebody asks for the eviction of a pod; a disruption budget may refuse, which is an answer
    /// like another (D8).
    public void evict(String uid) {
        int total = 0;
        for (ReplicaSetView set : cluster.sets().values()) {
            total += cluster.pods(set.hash()).ready();
        }
        boolean isRefused =
                cluster.scenario().has(Option.BUDGET) && total < cluster.rollout().replicas();
        int dash = uid.lastIndexOf('-');
        ReplicaSetView set = cluster.sets().get(uid.substring(0, dash));
        if (set != null && !isRefused) {
            int number = Integer.parseInt(uid.substring(dash + 1));
            cluster.pods(set.hash()).evict(number, cluster.millis(), Nature.GRACE);
        }
    }

    /// False where the name is taken by another measurement.
    public boolean createRun(ObjectNode manifest) {
        String name = manifest.path("metadata").path("name").asText();
        AnalysisRunView present = cluster.runs().get(name);
        if (present == null) {
            cluster.put(run(cluster, manifest));
            return true;
        }
        String label = manifest.path("metadata").path("labels").path(Names.MEASUREMENT).asText();
        return present.labels().getOrDefault(Names.MEASUREMENT, "").equals(label);
    }

    /// A new run, as it is stored.
    static AnalysisRunView run(Cluster cluster, ObjectNode manifest) {
        String name = manifest.path("metadata").path("name").asText();
        return new AnalysisRunView(
                name,
                "run-" + name,
                Long.toString(cluster.nextVersion()),
                strings(manifest.path("metadata").path("labels")),
                manifest.path("spec"),
                "Running",
                "",
                cluster.now().truncatedTo(ChronoUnit.SECONDS),
                false);
    }

    /// Somebody no longer needs it; a run that is passed over in its middle has not failed.
    public void terminateRun(String name) {
        AnalysisRunView run = cluster.runs().get(name);
        if (run != null && !run.isCompleted()) {
            ObjectNode told = Json.object("{\"terminate\":true}");
            JsonNode spec = Json.merged((ObjectNode) run.spec(), told);
            cluster.put(ended(cluster, run, spec, "Successful"));
        }
    }

    /// Ends a run that is not ended yet.
    public void endRun(String name, String phase) {
        AnalysisRunView run = cluster.runs().get(name);
        if (run != null && !run.isCompleted()) {
            cluster.put(ended(cluster, run, phase));
        }
    }

    /// The same run after its end.
    static AnalysisRunView ended(Cluster cluster, AnalysisRunView run, String phase) {
        return ended(cluster, run, run.spec(), phase);
    }

    private static AnalysisRunView ended(
            Cluster cluster, AnalysisRunView run, JsonNode spec, String phase) {
        return new AnalysisRunView(
                run.name(),
                run.uid(),
                Long.toString(cluster.nextVersion()),
                run.labels(),
                spec,
                phase,
                "",
                run.creation(),
                false);
    }

    public void deleteRun(String name) {
        cluster.removeRun(name);
    }

    /// A write of router-service.
    public boolean write(Change change) {
        StoredObject present = cluster.objects().get(change.ref());
        ObjectNode next;
        switch (change) {
            case Change.Create(ObjectRef ref, ObjectNode body) -> {
                if (present != null) {
                    return false;
                }
                next =
                        Json.merged(
                                body,
                                Json.object("{\"metadata\":{\"uid\":\"" + ref.name() + "\"}}"));
            }
            case Change.Merge(_, ObjectNode patch) -> {
                String version = patch.path("metadata").path("resourceVersion").asText();
                if (present == null || isOther(present, version)) {
                    return false;
                }
                next = Json.merged(present.json(), patch);
            }
            case Change.Operations(_, var operations) -> {
                String version = operations.path(0).path("value").asText();
                if (present == null || isOther(present, version)) {
                    return false;
                }
                next = generation(present.json(), Json.patched(present.json(), operations));
            }
            case Change.Delete(ObjectRef ref, _, _) ->
                    throw new IllegalStateException("no router of the model removes " + ref);
        }
        store(change.ref(), managed(next));
        return true;
    }

    private boolean isOther(StoredObject present, String version) {
        return !unconditional && !version.equals(Long.toString(present.version()));
    }

    private static ObjectNode generation(ObjectNode before, ObjectNode after) {
        boolean changed = !before.path("spec").equals(after.path("spec"));
        long generation = before.path("metadata").path("generation").asLong(1) + (changed ? 1 : 0);
        return Json.merged(
                after, Json.object("{\"metadata\":{\"generation\":" + generation + "}}"));
    }

    /// The server notes who wrote when, in whole seconds.
    private ObjectNode managed(ObjectNode object) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        Instant time = cluster.now().truncatedTo(ChronoUnit.SECONDS);
        patch.putObject("metadata")
                .putArray("managedFields")
                .addObject()
                .put("manager", Keys.FIELD_MANAGER)
                .put("time", time.toString());
        return Json.merged(object, patch);
    }

    private void store(ObjectRef ref, ObjectNode object) {
        cluster.put(ref, object);
        new Nature(cluster).routesChanged();
    }

    private static Map<String, String> strings(JsonNode object) {
        Map<String, String> map = new TreeMap<>();
        object.properties().forEach(e -> map.put(e.getKey(), e.getValue().asText()));
        return map;
    }
}
