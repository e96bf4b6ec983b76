package dev.sluice.explorer.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.experiment.ExperimentNames;
import dev.sluice.router.core.ObjectRef;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The API server's writes of Experiments and of what they control. Creations tell whether the
/// object is there and the Experiment's own; all else whether it took effect.
public final class ExperimentApi {
    private final Cluster cluster;
    private final boolean unconditional;

    public ExperimentApi(Cluster cluster, boolean unconditional) {
        this.cluster = cluster;
        this.unconditional = unconditional;
    }

    /// One that exists already stays as it is.
    public void create(ObjectNode manifest) {
        String name = manifest.path("metadata").path("name").asText();
        if (cluster.experiments().containsKey(name)) {
            return;
        }
        String text =
                "{\"metadata\":{\"uid\":\"e-%d\",\"creationTimestamp\":\"%s\"},\"status\":{}}"
                        .formatted(
                                cluster.nextVersion(),
                                cluster.now().truncatedTo(ChronoUnit.SECONDS));
        var _ = cluster.putExperiment(Json.merged(manifest, Json.object(text)));
    }

    /// The status, by the version that was decided on; the new version when it was written.
    public Optional<String> patch(String name, String version, JsonNode patch) {
        Optional<StoredExperiment> present =
                Optional.ofNullable(cluster.experiments().get(name))
                        .filter(e -> unconditional || version.equals(Long.toString(e.version())));
        return present.map(e -> cluster.putExperiment(Json.merged(e.json(), patch)))
                .map(e -> Long.toString(e.version()));
    }

    /// Tells an Experiment to end, whatever its version; false when it was told so already.
    public boolean terminate(String uid) {
        for (StoredExperiment present : List.copyOf(cluster.experiments().values())) {
            if (present.uid().equals(uid) && !present.parsed().spec().terminate()) {
                var _ =
                        cluster.putExperiment(
                                Json.merged(
                                        present.json(),
                                        Json.object("{\"spec\":{\"terminate\":true}}")));
                return true;
            }
        }
        return false;
    }

    /// Removes an Experiment; what it controls goes later ([Nature#collect]).
    public boolean delete(String uid) {
        for (StoredExperiment present : cluster.experiments().values()) {
            if (present.uid().equals(uid)) {
                cluster.removeExperiment(present.name());
                return true;
            }
        }
        return false;
    }

    public boolean createSet(String owner, ObjectNode manifest) {
        ReplicaSetView set = ApiServer.set(cluster, manifest);
        Optional<ReplicaSetView> present = cluster.setNamed(set.name());
        if (present.isPresent()) {
            Owned<ReplicaSetView> owned = cluster.experimentSets().get(set.name());
            return owned != null
                    && owned.owner().equals(owner)
                    && purpose(owned.object()).equals(purpose(set));
        }
        cluster.putExperimentSet(new Owned<>(owner, set));
        return true;
    }

    private static String purpose(ReplicaSetView set) {
        return set.annotation(ExperimentNames.TEMPLATE).orElse("");
    }

    public boolean createService(String owner, ObjectNode manifest) {
        String name = manifest.path("metadata").path("name").asText();
        Optional<StoredObject> present = cluster.service(name);
        if (present.isPresent()) {
            return owner(present.get()).equals(owner);
        }
        String uid = "s-" + name + "-" + cluster.nextVersion();
        cluster.put(
                ObjectRef.service(Cluster.NAMESPACE, name),
                Json.merged(manifest, Json.object("{\"metadata\":{\"uid\":\"" + uid + "\"}}")));
        return true;
    }

    static String owner(StoredObject object) {
        return object.json().path("metadata").path("ownerReferences").path(0).path("uid").asText();
    }

    /// What is gone already is deleted.
    public void deleteService(String name, String uid) {
        cluster.service(name)
                .filter(s -> s.json().path("metadata").path("uid").asText().equals(uid))
                .ifPresent(_ -> cluster.remove(ObjectRef.service(Cluster.NAMESPACE, name)));
    }

    public boolean createRun(String owner, ObjectNode manifest) {
        String name = manifest.path("metadata").path("name").asText();
        Owned<AnalysisRunView> present = cluster.experimentRuns().get(name);
        if (present != null) {
            return present.owner().equals(owner);
        }
        cluster.putExperimentRun(new Owned<>(owner, ApiServer.run(cluster, manifest)));
        return true;
    }

    /// Ends a run that is not ended yet.
    public void endRun(String name, String phase) {
        Owned<AnalysisRunView> run = cluster.experimentRuns().get(name);
        if (run != null && !run.object().isCompleted()) {
            cluster.putExperimentRun(
                    new Owned<>(run.owner(), ApiServer.ended(cluster, run.object(), phase)));
        }
    }

    /// Somebody deletes an Experiment that is not over: its pods and Services are lost from
    /// outside.
    public void lose(StoredExperiment experiment) {
        for (Map.Entry<String, Owned<ReplicaSetView>> e : cluster.experimentSets().entrySet()) {
            if (e.getValue().owner().equals(experiment.uid())) {
                cluster.pods(e.getValue().object().hash()).damage();
            }
        }
        cluster.objects()
                .forEach(
                        (ref, object) -> {
                            if (owner(object).equals(experiment.uid())) {
                                cluster.lose(ref.name());
                            }
                        });
        delete(experiment.uid());
    }
}
