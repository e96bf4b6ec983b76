package dev.sluice.explorer.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.StoredRollout;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.router.core.ObjectRef;
import java.util.Optional;

/// A write of router-service that took effect.
///
/// @param former the object before
/// @param rollout the Rollout that it was decided on
/// @param capacity the capacity that it was decided on
/// @param decidedAt when it was decided, in milliseconds
/// @param blind whether it was decided while router objects could not be read
/// @param before the cluster just before
/// @param cluster the cluster now
public record RouterWrite(
        ObjectRef ref,
        Optional<JsonNode> former,
        StoredRollout rollout,
        CapacityRead capacity,
        long decidedAt,
        boolean blind,
        Facts before,
        Cluster cluster) {

    /// The object now.
    JsonNode present() {
        return Optional.ofNullable(cluster.objects().get(ref)).orElseThrow().json();
    }

    TrafficPlan plan() {
        return rollout.status().trafficPlan().orElseThrow();
    }

    int replicas() {
        return Math.min(cluster.rollout().replicas(), rollout.replicas());
    }

    boolean isService() {
        return ref.kind().equals("Service");
    }
}
