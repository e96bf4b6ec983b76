package dev.sluice.testkit;

import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;

/// A piece of the local stack that can be asked for on its own.
public enum Part {
    /// etcd and kube-apiserver: objects are stored and served, nothing acts on them.
    API,
    /// kube-controller-manager, kube-scheduler and simulated nodes: Deployments get pods, Jobs end.
    NODES,
    /// One Kafka broker (KRaft).
    KAFKA,
    /// One PostgreSQL server.
    POSTGRES,
    /// One Prometheus server that scrapes what it is told to.
    PROMETHEUS,
    /// A Git server over HTTP.
    GIT;

    /// The given parts and what they need to run.
    static Set<Part> withRequirements(Collection<Part> wanted) {
        var all = EnumSet.noneOf(Part.class);
        all.addAll(wanted);
        if (all.contains(NODES)) {
            all.add(API);
        }
        return all;
    }
}
