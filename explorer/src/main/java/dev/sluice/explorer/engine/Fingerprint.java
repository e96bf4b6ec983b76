package dev.sluice.explorer.engine;

import dev.sluice.explorer.drive.RolloutWorker;
import dev.sluice.explorer.drive.RouterWorker;
import dev.sluice.explorer.drive.World;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Owned;
import dev.sluice.explorer.model.Proxy;
import dev.sluice.explorer.model.StoredExperiment;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.RolloutStatus;

/// A quick 64-bit summary of a state, to count how many different ones a run came by. Coarser than
/// what the exhaustive search compares: no versions, no times.
final class Fingerprint {
    private static final long PRIME = 0x100000001B3L;

    private long value = 0xCBF29CE484222325L;

    private Fingerprint() {}

    static long of(World world) {
        Fingerprint print = new Fingerprint();
        Cluster cluster = world.cluster();
        RolloutStatus status = cluster.rollout().status();
        print.mix(cluster.scenario().name());
        print.mix(cluster.rollout().replicas());
        print.mix(status.phase());
        print.mix(status.abort());
        print.mix(status.stableRS());
        print.mix(status.currentPodHash());
        print.mix(status.currentStepIndex());
        print.mix(status.pauseConditions().size());
        status.trafficPlan()
                .ifPresent(
                        p -> {
                            print.mix(p.services());
                            print.mix(p.weights());
                            print.mix(p.live());
                            print.mix(p.isObserved());
                        });
        for (ReplicaSetView set : cluster.sets().values()) {
            print.mix(set.hash());
            print.mix(set.replicas());
            print.mix(set.available());
            print.mix(cluster.pods(set.hash()).ready());
        }
        for (Proxy proxy : cluster.proxies()) {
            print.mix(proxy.live());
            cluster.scenario()
                    .services()
                    .forEach(
                            s -> {
                                print.mix(cluster.selected(s));
                                print.mix(proxy.endpoints(s).keySet());
                            });
        }
        for (StoredExperiment experiment : cluster.experiments().values()) {
            print.mix(experiment.name());
            print.mix(experiment.parsed().status().phase());
            print.mix(experiment.parsed().spec().terminate());
        }
        for (Owned<ReplicaSetView> owned : cluster.experimentSets().values()) {
            print.mix(owned.object().replicas());
            print.mix(cluster.pods(owned.object().hash()).ready());
        }
        for (RolloutWorker worker : world.rollouts()) {
            print.mix(worker.isBusy());
            print.mix(worker.isCurrent(cluster));
        }
        for (RouterWorker worker : world.routers()) {
            print.mix(worker.isBusy());
        }
        return print.value;
    }

    private void mix(Object part) {
        value = (value ^ part.hashCode()) * PRIME;
    }
}
