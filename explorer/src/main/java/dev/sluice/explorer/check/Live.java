package dev.sluice.explorer.check;

import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Proxy;
import dev.sluice.explorer.model.Proxy.Config;
import java.util.Map;
import java.util.TreeMap;

/// LIVE as it really is: every configuration that a proxy applies, or has yet to apply, with every
/// revision that its Services may lead to meanwhile.
public final class Live {
    private Live() {}

    /// Per revision its largest share in any of them, out of the scenario's maxWeight. A header
    /// route has no share of its own, and still needs a pod.
    public static Map<String, Integer> shares(Cluster cluster) {
        Map<String, Integer> largest = weighted(cluster);
        for (Proxy proxy : cluster.proxies()) {
            for (Config config : proxy.live()) {
                for (String service : config.matched()) {
                    cluster.resolves(proxy, service)
                            .forEach(hash -> largest.merge(hash, 1, Math::max));
                }
            }
        }
        return largest;
    }

    /// The same by weights alone.
    static Map<String, Integer> weighted(Cluster cluster) {
        int whole = cluster.scenario().maxWeight();
        Map<String, Integer> largest = new TreeMap<>();
        for (Proxy proxy : cluster.proxies()) {
            for (Config config : proxy.live()) {
                Map<String, Integer> sums = new TreeMap<>();
                config.shares()
                        .forEach(
                                (service, share) -> {
                                    // all pods together carry a Service that names no revision
                                    boolean bare = cluster.selected(service).isEmpty();
                                    if (share > 0 && !bare) {
                                        for (String hash : cluster.resolves(proxy, service)) {
                                            sums.merge(hash, share, Integer::sum);
                                        }
                                    }
                                });
                sums.forEach(
                        (hash, sum) ->
                                largest.merge(
                                        hash,
                                        Math.ceilDiv(sum * whole, Math.max(1, config.whole())),
                                        Math::max));
            }
        }
        return largest;
    }

    /// The largest share that a Service has in any of them.
    public static int shareOf(Cluster cluster, String service) {
        int whole = cluster.scenario().maxWeight();
        int largest = 0;
        for (Proxy proxy : cluster.proxies()) {
            for (Config config : proxy.live()) {
                int share =
                        Math.max(config.share(service), config.matched().contains(service) ? 1 : 0);
                largest =
                        Math.max(largest, Math.ceilDiv(share * whole, Math.max(1, config.whole())));
            }
        }
        return largest;
    }

    /// Pods that a share needs.
    public static int need(int share, int whole, int replicas) {
        return Math.ceilDiv(share * replicas, whole);
    }
}
