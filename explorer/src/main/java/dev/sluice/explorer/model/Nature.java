package dev.sluice.explorer.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.explorer.model.Proxy.Entry;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.router.core.ObjectRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Everything that is not us: the controllers of Kubernetes, kubelets, proxies, time.
public final class Nature {
    /// What a pod that was told to end goes on serving; longer than endpoints take to follow.
    public static final long GRACE = 30_000;

    /// Two clocks differ by at most twice this.
    public static final long SKEW = 500;

    private static final long SECOND = 1_000;
    private static final long SLICES_FOLLOW = 5 * SECOND;

    private final Cluster cluster;

    public Nature(Cluster cluster) {
        this.cluster = cluster;
    }

    /// The ReplicaSet controller acts on one ReplicaSet and reports. False when nothing changes.
    public boolean reconcileSet(ReplicaSetView set) {
        Pods pods = cluster.pods(set.hash());
        pods.scaleTo(set.replicas(), cluster.millis(), GRACE);
        boolean known =
                set.generationObserved()
                        && set.created() == pods.created()
                        && set.available() == pods.ready();
        if (known) {
            return false;
        }
        cluster.replace(Sets.reported(set, cluster.nextVersion(), pods.created(), pods.ready()));
        return true;
    }

    /// The controllers of the Deployment follow its count. False when there is nothing to do.
    public boolean reconcileWorkload() {
        int wanted = cluster.workload().map(w -> w.path("spec").path("replicas").asInt()).orElse(0);
        Pods pods = cluster.pods(Cluster.WORKLOAD);
        if (pods.created() == wanted) {
            return false;
        }
        pods.scaleTo(wanted, cluster.millis(), GRACE);
        return true;
    }

    /// Before the Rollout there was the Deployment, which serves everybody.
    public void populate() {
        var _ = reconcileWorkload();
        while (becomeReady(Cluster.WORKLOAD)) {
            // one after the other
        }
        cluster.services().forEach(this::followSlice);
        for (int proxy = 0; proxy < cluster.proxies().size(); proxy++) {
            while (applyEndpoints(proxy)) {
                // until it knows all
            }
        }
        cluster.suspend(false);
    }

    public boolean becomeReady(String hash) {
        return cluster.pods(hash).becomeReady();
    }

    public boolean die(String hash) {
        return cluster.pods(hash).die();
    }

    public void stick(String hash, boolean on) {
        cluster.pods(hash).stick(on);
    }

    /// Reads of Services and routing objects fail from now on, or work again. False when that is
    /// so already.
    public boolean hide(boolean on) {
        if (cluster.isUnreadable() == on) {
            return false;
        }
        cluster.unreadable(on);
        return true;
    }

    /// Nobody needs to be served: whatever is missing from now on is not our doing, until pods are
    /// wanted again, and all that a Service leads to is there.
    public void suspend() {
        cluster.suspend(true);
    }

    /// Ends the time without service, once there is a stable revision, it and every selected one
    /// are
    /// whole, and every proxy knows.
    public void resume() {
        boolean isWhole =
                isServed(cluster.rollout().status().stableRS())
                        && cluster.scenario().services().stream()
                                .map(cluster::selected)
                                .allMatch(hash -> hash.isEmpty() ? isAnyServed() : isServed(hash));
        if (cluster.isSuspended() && isWhole && cluster.proxies().stream().noneMatch(Proxy::lags)) {
            cluster.suspend(false);
        }
    }

    private boolean isAnyServed() {
        return cluster.sets().values().stream().anyMatch(set -> isServed(set.hash()));
    }

    private boolean isServed(String hash) {
        return cluster.set(hash)
                .filter(set -> set.replicas() > 0 && isWhole(set, cluster.pods(hash)))
                .isPresent();
    }

    /// The endpoints controller follows for one Service.
    public boolean followSlice(String service) {
        Map<String, Integer> next = cluster.endpointsOf(service);
        cluster.sliceDirtySince().remove(service);
        if (next.equals(cluster.slice(service))) {
            return false;
        }
        cluster.slices().put(service, next);
        cluster.sliceChanged().put(service, cluster.millis());
        boolean damaged = cluster.isLost(service) || isDamaged(service);
        cluster.proxies().forEach(p -> p.listed(service, next, damaged, cluster.millis()));
        return true;
    }

    private boolean isDamaged(String service) {
        String selected = cluster.selected(service);
        boolean hasWorkload = selected.isEmpty() && cluster.workload().isPresent();
        if (hasWorkload && cluster.pods(Cluster.WORKLOAD).isDamaged()) {
            return true;
        }
        return cluster.allSets().stream()
                .map(ReplicaSetView::hash)
                .filter(hash -> selected.isEmpty() || selected.equals(hash))
                .anyMatch(hash -> cluster.pods(hash).isDamaged());
    }

    /// Kubernetes removes what an Experiment that is gone has left. False when there is nothing.
    public boolean collect() {
        boolean isEmpty =
                cluster.experimentSets().isEmpty()
                        && cluster.experimentRuns().isEmpty()
                        && cluster.services().equals(cluster.scenario().services());
        if (isEmpty) {
            return false;
        }
        Set<String> owners = new TreeSet<>();
        cluster.experiments().values().forEach(e -> owners.add(e.uid()));
        boolean moved = false;
        for (Owned<ReplicaSetView> set : cluster.experimentSets().values()) {
            if (!owners.contains(set.owner())) {
                cluster.removeExperimentSet(set.object().name());
                cluster.pods(set.object().hash()).scaleTo(0, cluster.millis(), GRACE);
                moved = true;
            }
        }
        for (Owned<AnalysisRunView> run : cluster.experimentRuns().values()) {
            if (!owners.contains(run.owner())) {
                cluster.removeExperimentRun(run.object().name());
                moved = true;
            }
        }
        for (String service : cluster.services()) {
            Optional<String> owner =
                    cluster.service(service)
                            .map(ExperimentApi::owner)
                            .filter(uid -> !uid.isEmpty() && !owners.contains(uid));
            if (owner.isPresent()) {
                cluster.remove(ObjectRef.service(Cluster.NAMESPACE, service));
                moved = true;
            }
        }
        return moved;
    }

    public boolean applyConfig(int proxy) {
        return cluster.proxies().get(proxy).applyConfig();
    }

    public boolean applyEndpoints(int proxy) {
        return cluster.proxies().get(proxy).applyEndpoints();
    }

    void routesChanged() {
        for (Proxy proxy : cluster.proxies()) {
            boolean awaits =
                    proxy.entry() instanceof Entry.Gateway && cluster.scenario().acknowledges();
            proxy.written(
                    cluster.config(proxy.entry()), awaits ? Long.MAX_VALUE : cluster.millis());
        }
    }

    /// The controller of a route accepts its present generation, where it reports at all.
    public boolean acknowledge() {
        boolean changed = false;
        for (Proxy proxy : cluster.proxies()) {
            if (proxy.entry() instanceof Entry.Gateway(var route)) {
                StoredObject stored = cluster.objects().get(route);
                if (stored == null || !cluster.scenario().acknowledges()) {
                    continue;
                }
                long generation = stored.json().path("metadata").path("generation").asLong(1);
                long seen =
                        stored.json()
                                .at("/status/parents/0/conditions/0/observedGeneration")
                                .asLong();
                proxy.acknowledged(cluster.millis());
                if (seen < generation) {
                    cluster.put(route, accepted(stored.json(), generation));
                    changed = true;
                }
            }
        }
        return changed;
    }

    private static ObjectNode accepted(ObjectNode route, long generation) {
        String condition =
                "{\"type\":\"%s\",\"status\":\"True\",\"reason\":\"%s\",\"observedGeneration\":%d}";
        String text =
                "{\"status\":{\"parents\":[{\"parentRef\":{\"name\":\"gw\"},\"conditions\":["
                        + condition.formatted("Accepted", "Accepted", generation)
                        + ","
                        + condition.formatted("ResolvedRefs", "ResolvedRefs", generation)
                        + "]}]}}";
        return Json.merged(route, Json.object(text));
    }

    /// Time passes, one second after the other; whoever reached its bound applies what waits.
    public void pass(long millis, Runnable eachSecond) {
        markSlices();
        long left = millis;
        while (left > 0) {
            long step = Math.min(SECOND, left);
            cluster.pass(step);
            left -= step;
            if (millis - left == SLICES_FOLLOW) {
                // The counts of a ReplicaSet come from where the endpoints come from.
                collect();
                cluster.allSets().forEach(this::reconcileSet);
                if (cluster.workload().isPresent()) {
                    reconcileWorkload();
                }
            }
            followBounds();
            eachSecond.run();
        }
    }

    private void markSlices() {
        for (String service : cluster.services()) {
            if (!cluster.endpointsOf(service).equals(cluster.slice(service))) {
                cluster.sliceDirtySince().putIfAbsent(service, cluster.millis());
            }
        }
    }

    private void followBounds() {
        if (!cluster.sliceDirtySince().isEmpty()) {
            List<String> due = new ArrayList<>();
            cluster.sliceDirtySince()
                    .forEach(
                            (service, since) -> {
                                if (cluster.millis() - since >= SLICES_FOLLOW) {
                                    due.add(service);
                                }
                            });
            due.forEach(this::followSlice);
        }
        Bounds bounds = cluster.scenario().bounds();
        for (Proxy proxy : cluster.proxies()) {
            if (proxy.lags()) {
                proxy.force(
                        cluster.millis() - bounds.routes() + 2 * SKEW,
                        cluster.millis() - bounds.services() + 2 * SKEW);
            }
        }
    }

    /// Pods that were lost from outside are back, and every proxy knows. What was done in a hurry
    /// for their sake has to be over too.
    public void heal() {
        if (cluster.proxies().stream().anyMatch(Proxy::lags)) {
            return;
        }
        if (cluster.workload().isPresent()) {
            Pods pods = cluster.pods(Cluster.WORKLOAD);
            boolean isWhole = !pods.isStuck() && pods.ready() == pods.created();
            if (pods.isDamaged() && isWhole && !reconcileWorkload()) {
                pods.heal();
            }
        }
        for (ReplicaSetView set : cluster.allSets()) {
            Pods pods = cluster.pods(set.hash());
            if (pods.isDamaged() && isWhole(set, pods)) {
                pods.heal();
            }
        }
    }

    private boolean isServedByAnother(ReplicaSetView set) {
        boolean isSelected =
                cluster.scenario().services().stream()
                        .anyMatch(service -> cluster.selected(service).equals(set.hash()));
        return !isSelected
                && cluster.sets().values().stream()
                        .anyMatch(
                                other ->
                                        !other.name().equals(set.name())
                                                && other.replicas() > 0
                                                && !cluster.pods(other.hash()).isDamaged());
    }

    private boolean isWhole(ReplicaSetView set, Pods pods) {
        boolean full =
                !pods.isStuck()
                        && pods.ready() == pods.created()
                        && pods.created() == set.replicas();
        if (!full) {
            return false;
        }
        if (set.replicas() == 0) {
            return isServedByAnother(set)
                    && cluster.scenario().services().stream()
                            .noneMatch(s -> cluster.selected(s).equals(set.hash()));
        }
        for (String service : cluster.services()) {
            if (cluster.service(service).isEmpty()) {
                continue;
            }
            String selected = cluster.selected(service);
            boolean leads = selected.isEmpty() || selected.equals(set.hash());
            boolean listed =
                    cluster.slice(service).containsKey(set.hash())
                            && cluster.proxies().stream()
                                    .allMatch(p -> p.knows(service, set.hash()));
            if (leads && !listed) {
                return false;
            }
        }
        return true;
    }
}
