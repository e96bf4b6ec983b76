package dev.sluice.explorer.check;

import dev.sluice.explorer.model.Cluster;
import dev.sluice.rollout.core.Names;
import java.util.Map;
import java.util.Optional;

/// T6 in terms of what we ask for: a write never leaves a revision with fewer pods than a proxy may
/// be sending it traffic for, where it had enough before.
final class Starved {
    private Starved() {}

    static Optional<String> by(Facts before, Cluster cluster, int replicas) {
        Map<String, Integer> live = Live.shares(cluster);
        for (Map.Entry<String, Integer> e : live.entrySet()) {
            String hash = e.getKey();
            if (cluster.set(hash).isEmpty()) {
                continue; // somebody took it away whole
            }
            int n = Math.min(replicas, scaledUnder(cluster, hash).orElse(replicas));
            int need = need(cluster, hash, e.getValue(), n);
            int was = need(cluster, hash, before.live().getOrDefault(hash, 0), before.replicas());
            boolean hadEnough = before.wanted().getOrDefault(hash, 0) >= was;
            if (cluster.wanted(hash) < need && hadEnough) {
                return Optional.of(
                        "%s may be getting %d of %d and is to have %d pods, needs %d (N=%d)"
                                .formatted(
                                        hash,
                                        e.getValue(),
                                        cluster.scenario().maxWeight(),
                                        cluster.wanted(hash),
                                        need,
                                        n));
            }
        }
        return Optional.empty();
    }

    /// The replicas under which rollout-service last scaled a revision: one that it shrank by an
    /// older number is its own write's matter, not that of the write after it.
    private static Optional<Integer> scaledUnder(Cluster cluster, String hash) {
        return cluster.set(hash)
                .flatMap(set -> set.annotation(Names.DESIRED_REPLICAS))
                .map(Integer::valueOf);
    }

    private static int need(Cluster cluster, String hash, int share, int replicas) {
        return Needs.discounted(cluster, Needs.of(cluster, hash, share, replicas), false);
    }
}
