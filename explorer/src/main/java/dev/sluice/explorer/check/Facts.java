package dev.sluice.explorer.check;

import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Proxy;
import dev.sluice.explorer.model.Proxy.Config;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.RolloutStatus;
import java.util.Map;
import java.util.TreeMap;

/// What the invariants compare before and after a write.
///
/// @param live [Live#shares]
/// @param weighted the same by weights alone
/// @param wanted spec counts by revision
/// @param deadlines when revisions may end, by revision, as their ReplicaSets have it
/// @param newest the newest written routing by proxy
/// @param selectors the revision that each Service selects
/// @param runs the AnalysisRuns by name
public record Facts(
        RolloutStatus status,
        int replicas,
        Map<String, Integer> live,
        Map<String, Integer> weighted,
        Map<String, Integer> wanted,
        Map<String, String> deadlines,
        Map<String, Config> newest,
        Map<String, String> selectors,
        Map<String, AnalysisRunView> runs) {

    public static Facts of(Cluster cluster) {
        Map<String, Integer> wanted = new TreeMap<>();
        Map<String, String> deadlines = new TreeMap<>();
        for (ReplicaSetView set : cluster.allSets()) {
            wanted.put(set.hash(), set.replicas());
            set.annotation(Names.SCALE_DOWN_DEADLINE)
                    .ifPresent(deadline -> deadlines.put(set.hash(), deadline));
        }
        Map<String, Config> newest = new TreeMap<>();
        for (Proxy proxy : cluster.proxies()) {
            newest.put(proxy.name(), cluster.config(proxy.entry()));
        }
        Map<String, String> selectors = new TreeMap<>();
        cluster.services().forEach(s -> selectors.put(s, cluster.selected(s)));
        return new Facts(
                cluster.rollout().status(),
                cluster.rollout().replicas(),
                Live.shares(cluster),
                Live.weighted(cluster),
                wanted,
                deadlines,
                newest,
                selectors,
                cluster.runs());
    }

    /// The same as a part of `whole`, rounded up: the first routing of a proxy may count in another
    /// whole than what router-service writes.
    public int newestPart(String proxy, String hash, int whole) {
        Config config = newest.get(proxy);
        return config == null
                ? 0
                : Math.ceilDiv(newestShare(proxy, hash) * whole, Math.max(1, config.whole()));
    }

    /// The share of one revision in the newest routing of a proxy.
    public int newestShare(String proxy, String hash) {
        Config config = newest.get(proxy);
        if (config == null) {
            return 0;
        }
        int sum = 0;
        for (Map.Entry<String, Integer> e : config.shares().entrySet()) {
            if (selectors.getOrDefault(e.getKey(), "").equals(hash)) {
                sum += e.getValue();
            }
        }
        return sum;
    }
}
