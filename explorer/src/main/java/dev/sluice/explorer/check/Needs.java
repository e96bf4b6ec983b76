package dev.sluice.explorer.check;

import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.scenario.Option;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import java.util.Optional;

/// How many pods a revision must have, by the rules that the manifest declares.
final class Needs {
    private Needs() {}

    /// By arithmetic, or what an explicit `setCanaryScale` declares, but never nothing.
    static int of(Cluster cluster, String hash, int share, int replicas) {
        int need = Live.need(share, cluster.scenario().maxWeight(), replicas);
        int declared = cluster.experimentSet(hash).map(ReplicaSetView::replicas).orElse(0);
        if (declared > 0) {
            return Math.min(need, declared); // an Experiment says itself how many it has
        }
        if (need > 1 && cluster.scenario().has(Option.SCALE_STEPS)) {
            Optional<ReplicaSetView> set = cluster.set(hash);
            long kept = set.map(s -> Names.number(s.annotations().get(Names.KEEP))).orElse(0L);
            return kept > 0 ? (int) Math.min(need, kept) : 1;
        }
        return need;
    }

    /// With the threshold that the manifest declares.
    static int discounted(Cluster cluster, int need, boolean abort) {
        boolean half = cluster.scenario().has(Option.THRESHOLD) && !abort;
        return half ? Math.ceilDiv(need, 2) : need;
    }
}
