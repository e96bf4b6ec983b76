package dev.sluice.explorer.drive;

import dev.sluice.explorer.check.Judge;
import dev.sluice.explorer.model.ApiServer;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.ExperimentApi;
import dev.sluice.explorer.model.Nature;
import dev.sluice.explorer.model.StoredRollout;
import dev.sluice.explorer.scenario.Scenario;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// The model cluster, two replicas of each service, and the judge of what they do.
public final class World {
    private static final int REPLICAS = 2;

    private final Cluster cluster;
    private final Breakage breakage;
    private final Judge judge;
    private final List<RolloutWorker> rollouts = new ArrayList<>();
    private final List<ExperimentWorker> experiments = new ArrayList<>();
    private final List<RouterWorker> routers = new ArrayList<>();
    private final List<Desk> desks = new ArrayList<>();
    private final Post post;
    private Optional<StoredRollout> glance = Optional.empty();

    public World(Scenario scenario, Breakage breakage) {
        this.cluster = new Cluster(scenario);
        this.breakage = breakage;
        this.judge = new Judge();
        this.post = new Post();
        for (int i = 0; i < REPLICAS; i++) {
            rollouts.add(new RolloutWorker(cluster));
            experiments.add(new ExperimentWorker(rollouts.getLast()));
            routers.add(new RouterWorker(cluster));
            desks.add(new Desk());
        }
        if (cluster.workload().isPresent()) {
            nature().populate();
        }
    }

    private World(World other, Judge judge) {
        cluster = other.cluster.copy();
        breakage = other.breakage;
        this.judge = judge;
        other.rollouts.forEach(w -> rollouts.add(new RolloutWorker(w)));
        for (int i = 0; i < rollouts.size(); i++) {
            experiments.add(new ExperimentWorker(other.experiments.get(i), rollouts.get(i)));
        }
        other.routers.forEach(w -> routers.add(new RouterWorker(w)));
        other.desks.forEach(d -> desks.add(new Desk(d)));
        post = new Post(other.post);
        glance = other.glance;
    }

    /// The same state, to go on from in another way.
    public World copy() {
        return new World(this, judge.copy());
    }

    public Cluster cluster() {
        return cluster;
    }

    public Breakage breakage() {
        return breakage;
    }

    public Judge judge() {
        return judge;
    }

    public List<RolloutWorker> rollouts() {
        return Collections.unmodifiableList(rollouts);
    }

    /// Those that look after Experiments, each a part of the replica of the same number.
    public List<ExperimentWorker> experiments() {
        return Collections.unmodifiableList(experiments);
    }

    public List<RouterWorker> routers() {
        return Collections.unmodifiableList(routers);
    }

    public List<Desk> desks() {
        return Collections.unmodifiableList(desks);
    }

    public Post post() {
        return post;
    }

    /// Somebody looks at the Rollout, and acts on it when it is another already.
    public void glance() {
        glance = Optional.of(cluster.rollout());
    }

    /// What was seen then.
    public Optional<StoredRollout> glanced() {
        return glance;
    }

    /// Pods that were lost from outside may be back, and service is resumed; that not while
    /// somebody still acts on a wish for no pods at all.
    public void heal() {
        nature().heal();
        boolean isKnown =
                rollouts.stream().noneMatch(worker -> worker.mayRemoveAll(cluster))
                        && routers.stream().noneMatch(RouterWorker::isBusy);
        if (isKnown) {
            nature().resume();
        }
    }

    public ApiServer api() {
        return new ApiServer(cluster, breakage == Breakage.UNCONDITIONAL);
    }

    public ExperimentApi experimentApi() {
        return new ExperimentApi(cluster, breakage == Breakage.UNCONDITIONAL);
    }

    public Nature nature() {
        return new Nature(cluster);
    }
}
