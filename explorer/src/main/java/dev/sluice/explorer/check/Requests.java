package dev.sluice.explorer.check;

import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Pods;
import dev.sluice.explorer.model.Proxy;
import dev.sluice.explorer.model.Proxy.Config;
import dev.sluice.explorer.model.Proxy.Entry;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// A request per proxy and Service with a share, by the routing that the proxy really applies, to
/// the pods that are really there. One that fails is ours unless pods of the revision were taken
/// away from outside.
final class Requests {
    private Requests() {}

    /// How many were sent, and the first that we lost.
    record Round(int sent, int excused, Optional<String> lost) {}

    /// @param broken where requests failed before for a reason from outside, and nothing has come
    ///     through since
    static Round send(Cluster cluster, Set<String> broken) {
        int sent = 0;
        int excused = 0;
        Optional<String> lost = Optional.empty();
        for (Proxy proxy : cluster.proxies()) {
            Config config = proxy.applied();
            for (String service : config.answering()) {
                sent++;
                Optional<String> failure = failure(cluster, proxy, service);
                String place = proxy.name() + "/" + service;
                if (failure.isEmpty()) {
                    broken.remove(place);
                    continue;
                }
                if (broken.contains(place) || isExcused(cluster, proxy, service)) {
                    broken.add(place);
                    excused++;
                } else if (lost.isEmpty()) {
                    lost = failure;
                }
            }
        }
        return new Round(sent, excused, lost);
    }

    private static Optional<String> failure(Cluster cluster, Proxy proxy, String service) {
        if (proxy.entry() instanceof Entry.Nginx && proxy.endpoints("stable").isEmpty()) {
            return Optional.of(proxy.name() + ": 503, the stable Service has no endpoint");
        }
        Map<String, Integer> endpoints = proxy.endpoints(service);
        if (endpoints.isEmpty()) {
            return Optional.of(proxy.name() + ": 503, Service " + service + " has no endpoint");
        }
        boolean served =
                endpoints.keySet().stream()
                        .filter(h -> !h.equals(Cluster.ALL))
                        .anyMatch(h -> cluster.pods(h).serves(cluster.millis()));
        return served
                ? Optional.empty()
                : Optional.of(
                        "%s: Service %s leads to %s, which are gone"
                                .formatted(proxy.name(), service, endpoints.keySet()));
    }

    private static boolean isExcused(Cluster cluster, Proxy proxy, String service) {
        Set<String> revisions = new TreeSet<>(cluster.resolves(proxy, service));
        revisions.addAll(cluster.resolves(proxy, "stable"));
        boolean mayAllBeMissing = cluster.mayAllBeMissing(cluster.rollout().replicas());
        if (mayAllBeMissing || cluster.isSuspended()) {
            return true;
        }
        if (cluster.sets().isEmpty() && cluster.workload().isEmpty()) {
            return true;
        }
        if (cluster.isLost(service)) {
            return true;
        }
        if (proxy.isDamaged(service) || proxy.isDamaged("stable")) {
            return true;
        }
        if (cluster.selected(service).isEmpty()) {
            cluster.sets().values().forEach(s -> revisions.add(s.hash()));
        }
        if (cluster.workload().isPresent()) {
            revisions.add(Cluster.WORKLOAD);
        }
        for (String hash : revisions) {
            Pods pods = cluster.pods(hash);
            if (pods.isDamaged()) {
                return true;
            }
        }
        return false;
    }
}
