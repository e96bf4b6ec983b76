package dev.sluice.explorer.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.explorer.drive.World;
import dev.sluice.explorer.engine.Action.Effect;
import dev.sluice.explorer.engine.Action.Kind;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Nature;
import dev.sluice.explorer.scenario.Option;
import dev.sluice.explorer.scenario.Scenario;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Everything that may happen in a scenario. An action that makes no sense now does nothing, so
/// that a schedule stays a schedule when parts of it are left out.
public final class Alphabet {
    static final int REVISIONS = 3;
    private static final int REPLICAS = 2;

    private final List<Action> actions = new ArrayList<>();
    private final Map<String, Integer> index = new LinkedHashMap<>();

    private Alphabet() {}

    public static Alphabet of(Scenario scenario) {
        Alphabet all = new Alphabet();
        for (int i = 0; i < REPLICAS; i++) {
            all.rolloutService(i);
            all.routerService(i);
            all.desk(i);
            if (scenario.has(Option.EXPERIMENT)) {
                all.experimenter(i);
            }
        }
        all.cluster(scenario);
        all.faults();
        all.blindness();
        if (scenario.has(Option.EXPERIMENT)) {
            all.experiments();
        }
        if (scenario.workload().isPresent()) {
            all.workload();
        }
        People.add(all::add, scenario);
        all.time();
        // written by hand only: a walk has no use for everybody's turn
        all.add("turn", Kind.OURS, 0, w -> Fair.round(w, true));
        all.add("work", Kind.OURS, 0, w -> Fair.round(w, false));
        return all;
    }

    public List<Action> actions() {
        return Collections.unmodifiableList(actions);
    }

    public Action get(int id) {
        return actions.get(id);
    }

    public Optional<Integer> find(String name) {
        return Optional.ofNullable(index.get(name));
    }

    private void add(String name, Kind kind, int weight, Effect effect) {
        if (index.put(name, actions.size()) != null) {
            throw new IllegalStateException("twice: " + name);
        }
        actions.add(new Action(name, kind, weight, effect));
    }

    private void rolloutService(int i) {
        String name = "rollout" + i + ".";
        add(name + "look", Kind.OURS, 300, w -> w.rollouts().get(i).look(w));
        add(name + "write", Kind.OURS, 600, w -> w.rollouts().get(i).write(w));
        add(
                name + "sees-rollout",
                Kind.CLUSTER,
                60,
                w -> w.rollouts().get(i).seeRollout(w.cluster()));
        add(name + "sees-sets", Kind.CLUSTER, 60, w -> w.rollouts().get(i).seeSets(w.cluster()));
        add(
                name + "sees-objects",
                Kind.CLUSTER,
                60,
                w -> w.rollouts().get(i).seeObjects(w.cluster()));
        add(name + "sees-runs", Kind.CLUSTER, 20, w -> w.rollouts().get(i).seeRuns(w.cluster()));
        add(name + "sees-all", Kind.CLUSTER, 200, w -> seeAll(w, i));
        add(
                name + "crash",
                Kind.FAULT,
                6,
                w -> {
                    w.rollouts().get(i).crash(w.cluster());
                    w.experiments().get(i).crash();
                    w.desks().get(i).crash();
                    return true;
                });
        for (long skew : new long[] {-Nature.SKEW, 0, Nature.SKEW}) {
            add(
                    name + "clock" + (skew < 0 ? "-" : "+") + Math.abs(skew),
                    Kind.FAULT,
                    2,
                    w -> {
                        w.rollouts().get(i).skew(skew);
                        return true;
                    });
        }
    }

    /// The part of the same process that looks after Experiments.
    private void experimenter(int i) {
        add(
                "rollout" + i + ".sees-experiments",
                Kind.CLUSTER,
                40,
                w -> w.rollouts().get(i).seeExperiments(w.cluster()));
        String name = "experiment" + i + ".";
        add(name + "look", Kind.OURS, 200, w -> w.experiments().get(i).look(w));
        add(name + "write", Kind.OURS, 400, w -> w.experiments().get(i).write(w));
    }

    /// The Deployment that the Rollout refers to.
    private void workload() {
        for (int i = 0; i < REPLICAS; i++) {
            int number = i;
            add(
                    "rollout" + i + ".sees-workload",
                    Kind.CLUSTER,
                    40,
                    w -> w.rollouts().get(number).seeWorkload(w.cluster()));
        }
        add("workload-set", Kind.CLUSTER, 120, w -> w.nature().reconcileWorkload());
        add("workload-ready", Kind.CLUSTER, 120, w -> w.nature().becomeReady(Cluster.WORKLOAD));
        add("workload-die", Kind.FAULT, 8, w -> w.nature().die(Cluster.WORKLOAD));
        for (int n : new int[] {0, 1, 3, 5}) {
            add("workload-scale" + n, Kind.PERSON, 3, w -> People.scaleWorkload(w, n));
        }
    }

    private void experiments() {
        add("experiment-sets", Kind.CLUSTER, 120, Trials::reconcileSets);
        add("experiment-ready", Kind.CLUSTER, 120, Trials::becomeReady);
        add("experiment-slices", Kind.CLUSTER, 120, Trials::followSlices);
        add("experiment-rest", Kind.CLUSTER, 20, w -> w.nature().collect());
        add("experiment-end", Kind.PERSON, 5, Trials::terminate);
        add("experiment-delete", Kind.PERSON, 3, Trials::delete);
        for (String template : List.of("baseline", "candidate")) {
            add("die-" + template, Kind.FAULT, 8, w -> Trials.die(w, template));
            add("stick-" + template, Kind.FAULT, 3, w -> Trials.stick(w, template, true));
            add("unstick-" + template, Kind.FAULT, 8, w -> Trials.stick(w, template, false));
        }
    }

    private void desk(int i) {
        String name = "desk" + i + ".";
        add(name + "judges", Kind.OURS, 60, w -> w.desks().get(i).judge(w));
        add(name + "settles", Kind.OURS, 60, w -> w.desks().get(i).settle(w, true));
        add(name + "dies", Kind.FAULT, 6, w -> w.desks().get(i).settle(w, false));
    }

    static boolean seeAll(World world, int i) {
        boolean changed = world.rollouts().get(i).seeRollout(world.cluster());
        changed |= world.rollouts().get(i).seeSets(world.cluster());
        changed |= world.rollouts().get(i).seeObjects(world.cluster());
        changed |= world.rollouts().get(i).seeRuns(world.cluster());
        changed |= world.rollouts().get(i).seeExperiments(world.cluster());
        changed |= world.rollouts().get(i).seeWorkload(world.cluster());
        return changed;
    }

    private void routerService(int i) {
        String name = "router" + i + ".";
        add(name + "reads-rollout", Kind.OURS, 30, w -> w.routers().get(i).readRollout(w));
        add(name + "reads-objects", Kind.OURS, 30, w -> w.routers().get(i).readObjects(w));
        add(name + "look", Kind.OURS, 150, w -> w.routers().get(i).look(w));
        add(name + "write", Kind.OURS, 400, w -> w.routers().get(i).write(w));
        add(
                name + "crash",
                Kind.FAULT,
                6,
                w -> {
                    w.routers().get(i).crash();
                    return true;
                });
        for (long skew : new long[] {-Nature.SKEW, 0, Nature.SKEW}) {
            add(
                    name + "clock" + (skew < 0 ? "-" : "+") + Math.abs(skew),
                    Kind.FAULT,
                    2,
                    w -> {
                        w.routers().get(i).skew(skew);
                        return true;
                    });
        }
    }

    private void cluster(Scenario scenario) {
        for (int i = 0; i < REVISIONS; i++) {
            int slot = i;
            add(
                    "set" + i,
                    Kind.CLUSTER,
                    120,
                    w -> set(w.cluster(), slot).map(s -> w.nature().reconcileSet(s)).orElse(false));
            add(
                    "ready" + i,
                    Kind.CLUSTER,
                    120,
                    w ->
                            set(w.cluster(), slot)
                                    .map(s -> w.nature().becomeReady(s.hash()))
                                    .orElse(false));
        }
        for (String service : scenario.services()) {
            add("slice-" + service, Kind.CLUSTER, 80, w -> w.nature().followSlice(service));
        }
        int proxy = 0;
        for (String name : scenario.entries().keySet()) {
            int number = proxy++;
            add(name + ".config", Kind.CLUSTER, 60, w -> w.nature().applyConfig(number));
            add(name + ".endpoints", Kind.CLUSTER, 100, w -> w.nature().applyEndpoints(number));
        }
        if (scenario.acknowledges()) {
            add("acknowledge", Kind.CLUSTER, 60, w -> w.nature().acknowledge());
        }
        if (!scenario.templates().isEmpty()) {
            for (String phase : List.of("Successful", "Failed", "Error", "Inconclusive")) {
                int weight = phase.equals("Successful") ? 30 : 4;
                add("run-" + phase, Kind.CLUSTER, weight, w -> endRun(w, phase));
            }
        }
    }

    private static boolean endRun(World world, String phase) {
        Optional<AnalysisRunView> open =
                world.cluster().runs().values().stream().filter(r -> !r.isCompleted()).findFirst();
        open.ifPresent(r -> world.api().endRun(r.name(), phase));
        return open.isPresent() || Trials.endRun(world, phase);
    }

    private void faults() {
        for (int i = 0; i < REVISIONS; i++) {
            int slot = i;
            add(
                    "die" + i,
                    Kind.FAULT,
                    8,
                    w -> set(w.cluster(), slot).map(s -> w.nature().die(s.hash())).orElse(false));
            add("stick" + i, Kind.FAULT, 3, w -> stick(w, slot, true));
            add("unstick" + i, Kind.FAULT, 8, w -> stick(w, slot, false));
        }
    }

    private void blindness() {
        add("blind", Kind.FAULT, 3, w -> w.nature().hide(true));
        add("sighted", Kind.FAULT, 12, w -> w.nature().hide(false));
    }

    private static boolean stick(World world, int slot, boolean on) {
        Optional<ReplicaSetView> set = set(world.cluster(), slot);
        if (set.isEmpty() || world.cluster().pods(set.get().hash()).isStuck() == on) {
            return false;
        }
        world.nature().stick(set.get().hash(), on);
        return true;
    }

    private void time() {
        int[] millis = {100, 1_000, 3_000, 11_000, 35_000, 120_000};
        int[] weights = {60, 40, 30, 30, 15, 5};
        for (int i = 0; i < millis.length; i++) {
            long passing = millis[i];
            add(
                    "time" + passing,
                    Kind.TIME,
                    weights[i],
                    w -> {
                        w.nature().pass(passing, () -> w.judge().request(w.cluster()));
                        return true;
                    });
        }
    }

    /// The ReplicaSet of a template.
    static Optional<ReplicaSetView> set(Cluster cluster, int slot) {
        String image = "demo:" + (slot + 1);
        for (ReplicaSetView set : cluster.sets().values()) {
            JsonNode container = set.template().path("spec").path("containers").path(0);
            if (container.path("image").asText().equals(image)) {
                return Optional.of(set);
            }
        }
        return Optional.empty();
    }
}
