package dev.sluice.router.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.Selection;
import dev.sluice.runtime.WriteResult;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The cluster as router-service uses it. Reads go to the API server itself, past every cache:
/// what is decided on them must not be older than our own last write (T3). Broken I/O is an
/// exception, and then nothing moves (T8).
public interface Cluster {

    /// A Rollout.
    Optional<JsonNode> rollout(String namespace, String name);

    /// Any object.
    Optional<JsonNode> read(ObjectRef ref);

    /// Several objects, in no particular order of reading; those that do not exist are left out.
    default Map<ObjectRef, JsonNode> readAll(Collection<ObjectRef> refs) {
        Map<ObjectRef, JsonNode> found = new LinkedHashMap<>();
        refs.forEach(ref -> read(ref).ifPresent(object -> found.put(ref, object)));
        return found;
    }

    /// Objects of one kind that carry labels.
    List<JsonNode> list(Selection selection);

    /// The ReplicaSets of experiments with one of these revisions.
    List<RevisionPods> experiments(String namespace, List<String> hashes);

    /// The ReplicaSets of a Rollout.
    List<RevisionPods> revisions(String namespace, String rolloutUid);

    /// Ready endpoints of Services.
    Map<String, Endpoints> endpoints(String namespace, List<String> services);

    /// Carries out one conditional write.
    WriteResult write(Change change);

    /// What stands behind a Service.
    ///
    /// @param pods names of the ready pods
    /// @param changedAt when the list changed last, by the API server's clock and cut to the second
    record Endpoints(List<String> pods, Optional<Instant> changedAt) {
        /// Nothing, and it never changed.
        public static final Endpoints NONE = new Endpoints(List.of(), Optional.empty());

        public Endpoints {
            pods = List.copyOf(pods);
        }
    }

    /// A ReplicaSet, as far as capacity is concerned.
    ///
    /// @param name its name: the prefix of its pods' names
    record RevisionPods(String name, String hash, int replicas, int available) {}
}
