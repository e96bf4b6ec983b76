package dev.sluice.explorer.engine;

import dev.sluice.explorer.drive.World;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Owned;
import dev.sluice.explorer.model.StoredExperiment;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.experiment.ExperimentNames;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What happens to Experiments from outside: their names are known only when they are there, so
/// each action takes the first one to which it can happen.
final class Trials {
    private Trials() {}

    private static List<ReplicaSetView> sets(World world) {
        return world.cluster().experimentSets().values().stream().map(Owned::object).toList();
    }

    private static List<String> services(Cluster cluster) {
        return cluster.services().stream()
                .filter(s -> !cluster.scenario().services().contains(s))
                .toList();
    }

    static boolean reconcileSets(World world) {
        return sets(world).stream().anyMatch(s -> world.nature().reconcileSet(s));
    }

    static boolean becomeReady(World world) {
        return sets(world).stream().anyMatch(s -> world.nature().becomeReady(s.hash()));
    }

    static boolean followSlices(World world) {
        return services(world.cluster()).stream().anyMatch(s -> world.nature().followSlice(s));
    }

    private static Optional<StoredExperiment> open(World world) {
        return world.cluster().experiments().values().stream()
                .filter(e -> !e.isEnding())
                .findFirst();
    }

    /// Somebody tells it to end.
    static boolean terminate(World world) {
        return open(world).map(e -> world.experimentApi().terminate(e.uid())).orElse(false);
    }

    /// Somebody deletes one, with all that it has.
    static boolean delete(World world) {
        Optional<StoredExperiment> open = open(world);
        open.ifPresent(e -> world.experimentApi().lose(e));
        return open.isPresent();
    }

    static boolean endRun(World world, String phase) {
        Optional<AnalysisRunView> open =
                world.cluster().experimentRuns().values().stream()
                        .map(Owned::object)
                        .filter(r -> !r.isCompleted())
                        .findFirst();
        open.ifPresent(r -> world.experimentApi().endRun(r.name(), phase));
        return open.isPresent();
    }

    private static Stream<ReplicaSetView> of(World world, String template) {
        return sets(world).stream()
                .filter(s -> s.annotation(ExperimentNames.TEMPLATE).equals(Optional.of(template)));
    }

    static boolean die(World world, String template) {
        return of(world, template).anyMatch(s -> world.nature().die(s.hash()));
    }

    static boolean stick(World world, String template, boolean on) {
        Optional<ReplicaSetView> set =
                of(world, template)
                        .filter(s -> world.cluster().pods(s.hash()).isStuck() != on)
                        .findFirst();
        set.ifPresent(s -> world.nature().stick(s.hash(), on));
        return set.isPresent();
    }
}
