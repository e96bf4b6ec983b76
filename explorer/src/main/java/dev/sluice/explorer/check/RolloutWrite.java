package dev.sluice.explorer.check;

import dev.sluice.explorer.drive.RolloutWorker.Op;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.rollout.core.Decision;
import dev.sluice.rollout.core.Observation;
import java.util.Optional;

/// A write of rollout-service that took effect.
///
/// @param seen what it was decided on; empty for a spec that cannot be used
/// @param decision everything that was decided together with it
/// @param blind whether it was decided without a read that it needed and that failed
/// @param before the cluster just before
/// @param cluster the cluster now
public record RolloutWrite(
        Op op,
        Optional<Observation> seen,
        Decision decision,
        boolean blind,
        Facts before,
        Cluster cluster) {

    /// Wanted pods, by what was decided on and by what is now; the smaller counts, for nobody can
    /// know of a change that came in between.
    int replicas() {
        int now = cluster.rollout().replicas();
        return seen.map(s -> Math.min(now, s.rollout().replicas())).orElse(now);
    }
}
