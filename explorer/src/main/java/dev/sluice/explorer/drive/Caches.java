package dev.sluice.explorer.drive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Owned;
import dev.sluice.explorer.model.StoredExperiment;
import dev.sluice.explorer.model.StoredObject;
import dev.sluice.explorer.model.StoredRollout;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.ParseResult;
import dev.sluice.router.core.ObjectRef;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// What one replica of rollout-service knows: watch caches that lag, each for itself, and the
/// versions of its own last writes. Rollouts and Experiments are decided on from the same ones.
final class Caches {

    /// What they hold at one moment.
    record Sight(
            StoredRollout rollout,
            Map<String, ReplicaSetView> sets,
            Map<ObjectRef, StoredObject> objects,
            Map<String, AnalysisRunView> runs,
            Map<String, StoredExperiment> experiments,
            Map<String, Owned<ReplicaSetView>> experimentSets,
            Map<String, Owned<AnalysisRunView>> experimentRuns,
            Optional<ObjectNode> workload) {

        boolean isSame(Sight other) {
            return Same.version(rollout, other.rollout) && isSameBeside(other);
        }

        /// The Rollout aside.
        boolean isSameBeside(Sight other) {
            return Same.version(sets, other.sets)
                    && Same.version(objects, other.objects)
                    && Same.version(runs, other.runs)
                    && Same.version(experiments, other.experiments)
                    && Same.version(experimentSets, other.experimentSets)
                    && Same.version(experimentRuns, other.experimentRuns)
                    && Same.version(workload, other.workload);
        }

        /// What there is now by the watches given, else as it was.
        Sight after(Set<Watch> watches, Cluster now) {
            boolean hasSets = watches.contains(Watch.SETS);
            boolean hasRuns = watches.contains(Watch.RUNS);
            return new Sight(
                    watches.contains(Watch.ROLLOUT) ? now.rollout() : rollout,
                    hasSets ? now.sets() : sets,
                    watches.contains(Watch.OBJECTS) ? now.objects() : objects,
                    hasRuns ? now.runs() : runs,
                    watches.contains(Watch.EXPERIMENTS) ? now.experiments() : experiments,
                    hasSets ? now.experimentSets() : experimentSets,
                    hasRuns ? now.experimentRuns() : experimentRuns,
                    watches.contains(Watch.WORKLOAD) ? now.workload() : workload);
        }
    }

    /// Each brings its own news; there is one for all ReplicaSets, and one for all AnalysisRuns.
    enum Watch {
        ROLLOUT,
        SETS,
        OBJECTS,
        RUNS,
        EXPERIMENTS,
        WORKLOAD
    }

    private Sight sight;
    private final Map<String, Long> written = new HashMap<>();

    Caches(Cluster cluster) {
        sight = of(cluster);
    }

    Caches(Caches other) {
        sight = other.sight;
        written.putAll(other.written);
    }

    private static Sight of(Cluster cluster) {
        return new Sight(
                cluster.rollout(),
                cluster.sets(),
                cluster.objects(),
                cluster.runs(),
                cluster.experiments(),
                cluster.experimentSets(),
                cluster.experimentRuns(),
                cluster.workload());
    }

    Sight sight() {
        return sight;
    }

    // --- Events; false when there was nothing new ---

    boolean seeRollout(Cluster cluster) {
        return see(cluster, Watch.ROLLOUT);
    }

    boolean seeSets(Cluster cluster) {
        return see(cluster, Watch.SETS);
    }

    boolean seeObjects(Cluster cluster) {
        return !cluster.isUnreadable() && see(cluster, Watch.OBJECTS);
    }

    boolean seeRuns(Cluster cluster) {
        return see(cluster, Watch.RUNS);
    }

    boolean seeExperiments(Cluster cluster) {
        return see(cluster, Watch.EXPERIMENTS);
    }

    boolean seeWorkload(Cluster cluster) {
        return see(cluster, Watch.WORKLOAD);
    }

    /// The Rollout with the Deployment that it refers to, as both are known.
    ParseResult parsed() {
        return sight.workload.map(sight.rollout::with).orElse(sight.rollout.parsed());
    }

    private boolean see(Cluster cluster, Watch watch) {
        Sight next = sight.after(EnumSet.of(watch), cluster);
        boolean changed = !sight.isSame(next);
        sight = next;
        return changed;
    }

    /// A ReplicaSet that was read past the cache.
    void found(ReplicaSetView set) {
        Map<String, ReplicaSetView> more = new TreeMap<>(sight.sets);
        more.put(set.name(), set);
        sight =
                new Sight(
                        sight.rollout,
                        more,
                        sight.objects,
                        sight.runs,
                        sight.experiments,
                        sight.experimentSets,
                        sight.experimentRuns,
                        sight.workload);
    }

    /// The process dies and starts anew.
    void crash(Cluster cluster) {
        written.clear();
        Set<Watch> watches = EnumSet.allOf(Watch.class);
        if (cluster.isUnreadable()) {
            watches.remove(Watch.OBJECTS);
        }
        sight = sight.after(watches, cluster);
    }

    boolean isCurrent(Cluster cluster) {
        return sight.isSame(of(cluster));
    }

    /// For state hashing.
    void describe(StringBuilder out, Cluster cluster, StateText text) {
        boolean isSetsNow =
                Same.version(sight.sets, cluster.sets())
                        && Same.version(sight.experimentSets, cluster.experimentSets());
        boolean isRunsNow =
                Same.version(sight.runs, cluster.runs())
                        && Same.version(sight.experimentRuns, cluster.experimentRuns());
        out.append(
                Same.version(sight.rollout, cluster.rollout())
                        ? "="
                        : text.of(sight.rollout.json()));
        out.append(isSetsNow ? "=" : text.of(sight.sets) + text.owned(sight.experimentSets));
        out.append(
                Same.version(sight.objects, cluster.objects()) ? "=" : text.objects(sight.objects));
        out.append(
                isRunsNow
                        ? "="
                        : Integer.toString(sight.runs.size() + sight.experimentRuns.size()));
        out.append(
                Same.version(sight.experiments, cluster.experiments())
                        ? "="
                        : text.experiments(sight.experiments));
    }

    void describeWorkload(StringBuilder out, Cluster cluster) {
        sight.workload.ifPresent(
                w ->
                        out.append(
                                Same.version(sight.workload, cluster.workload())
                                        ? "="
                                        : w.path("spec").toString()));
    }

    // --- Our own writes ---

    void wrote(String uid, String version) {
        written.put(uid, Long.parseLong(version));
    }

    /// The newest version of the Rollout that we wrote.
    boolean isOwnRollout() {
        return sight.rollout.version() == written.getOrDefault(Cluster.UID, 0L);
    }

    boolean isBehind(String uid, long version) {
        return version < written.getOrDefault(uid, 0L);
    }

    private boolean isBehind(ReplicaSetView set) {
        return isBehind(set.uid(), Long.parseLong(set.resourceVersion()));
    }

    private boolean isBehind(ObjectNode object) {
        JsonNode metadata = object.path("metadata");
        return isBehind(metadata.path("uid").asText(), metadata.path("resourceVersion").asLong());
    }

    private boolean isBehind(AnalysisRunView run) {
        return isBehind(run.uid(), Long.parseLong(run.resourceVersion()));
    }

    /// Whether what a decision about the Rollout needs is older than our own last write (C2).
    boolean isRolloutBehind() {
        return isBehind(Cluster.UID, sight.rollout.version())
                || sight.workload.filter(this::isBehind).isPresent()
                || sight.sets.values().stream().anyMatch(this::isBehind)
                || sight.runs.values().stream().anyMatch(this::isBehind)
                || sight.experiments.values().stream()
                        .anyMatch(
                                e ->
                                        isBehind(e.uid(), e.version())
                                                || setsOf(e.uid()).stream()
                                                        .anyMatch(this::isBehind));
    }

    /// The same for an Experiment.
    boolean isBehind(StoredExperiment experiment) {
        return isBehind(experiment.uid(), experiment.version())
                || setsOf(experiment.uid()).stream().anyMatch(this::isBehind)
                || runsOf(experiment.uid()).stream().anyMatch(this::isBehind);
    }

    List<ReplicaSetView> setsOf(String experiment) {
        return of(sight.experimentSets, experiment);
    }

    List<AnalysisRunView> runsOf(String experiment) {
        return of(sight.experimentRuns, experiment);
    }

    private static <T> List<T> of(Map<String, Owned<T>> all, String owner) {
        return all.values().stream()
                .filter(owned -> owned.owner().equals(owner))
                .map(Owned::object)
                .toList();
    }
}
