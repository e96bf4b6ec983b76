package dev.sluice.explorer.drive;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.explorer.check.Calm;
import dev.sluice.explorer.check.Facts;
import dev.sluice.explorer.check.RolloutWrite;
import dev.sluice.explorer.drive.Caches.Sight;
import dev.sluice.explorer.model.ApiServer;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.StoredExperiment;
import dev.sluice.explorer.model.StoredObject;
import dev.sluice.explorer.model.StoredRollout;
import dev.sluice.rollout.core.Command;
import dev.sluice.rollout.core.Decision;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation;
import dev.sluice.rollout.core.Observation.PodView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.ParseResult;
import dev.sluice.rollout.core.References;
import dev.sluice.rollout.core.Rollout;
import dev.sluice.rollout.core.RolloutDecider;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.policy.Freeze;
import dev.sluice.rollout.core.status.StatusJson;
import dev.sluice.router.core.ObjectRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One replica of rollout-service: watch caches that lag, one look, then its writes one by one,
/// each as late as the schedule has it. The order of writes and what ends a pass are those of the
/// service's reconciler.
public final class RolloutWorker {

    /// What was decided, and how far it is carried out.
    private record Pending(
            Optional<Observation> seen,
            Decision decision,
            List<Op> ops,
            int next,
            boolean blind,
            Basis basis) {
        Pending advanced() {
            return new Pending(seen, decision, ops, next + 1, blind, basis);
        }
    }

    /// One write.
    public sealed interface Op {
        /// A command of the decision.
        record Do(Command command) implements Op {}

        /// The status.
        record WriteStatus(ObjectNode patch) implements Op {}
    }

    /// What a quiet look depended on; while it is the same, another look would decide the same.
    private record Basis(
            Sight sight,
            Optional<StoredObject> anchor,
            Optional<Freeze> freeze,
            Optional<Instant> until) {

        /// The Rollout aside.
        boolean isSameBut(Basis now) {
            return sight.rollout().generation() == now.sight.rollout().generation()
                    && sight.isSameBeside(now.sight)
                    && anchor.equals(now.anchor)
                    && freeze.equals(now.freeze);
        }

        boolean isStill(Basis now, Instant at) {
            return sight.isSame(now.sight)
                    && anchor.equals(now.anchor)
                    && freeze.equals(now.freeze)
                    && until.map(at::isBefore).orElse(true);
        }
    }

    /// As long as rollout-service waits for evidence to arrive in its cache.
    private static final Duration CACHE_IN_DOUBT = Duration.ofSeconds(5);

    private final Caches caches;
    private Optional<Pending> pending = Optional.empty();
    private Optional<String> rolloutVersion = Optional.empty();
    private Optional<Basis> quiet = Optional.empty();
    private long skew;
    private final Calm calm;
    private Optional<Basis> calmBasis = Optional.empty();
    private long calmAt;

    public RolloutWorker(Cluster cluster) {
        caches = new Caches(cluster);
        calm = new Calm();
    }

    public RolloutWorker(RolloutWorker other) {
        caches = new Caches(other.caches);
        pending = other.pending;
        rolloutVersion = other.rolloutVersion;
        quiet = other.quiet;
        skew = other.skew;
        calm = new Calm(other.calm);
        calmBasis = other.calmBasis;
        calmAt = other.calmAt;
    }

    // --- Events ---

    /// The watch of the Rollout delivers. False when there was nothing new; the same below.
    public boolean seeRollout(Cluster cluster) {
        return caches.seeRollout(cluster);
    }

    public boolean seeSets(Cluster cluster) {
        return caches.seeSets(cluster);
    }

    public boolean seeObjects(Cluster cluster) {
        return caches.seeObjects(cluster);
    }

    public boolean seeRuns(Cluster cluster) {
        return caches.seeRuns(cluster);
    }

    public boolean seeExperiments(Cluster cluster) {
        return caches.seeExperiments(cluster);
    }

    public boolean seeWorkload(Cluster cluster) {
        return caches.seeWorkload(cluster);
    }

    Caches caches() {
        return caches;
    }

    private StoredRollout rollout() {
        return caches.sight().rollout();
    }

    private Map<String, ReplicaSetView> sets() {
        return caches.sight().sets();
    }

    /// The process dies and starts anew; the rest of its pass is lost.
    public void crash(Cluster cluster) {
        pending = Optional.empty();
        quiet = Optional.empty();
        caches.crash(cluster);
    }

    public void skew(long millis) {
        skew = millis;
        quiet = Optional.empty();
    }

    /// What its clock says.
    Instant now(Cluster cluster) {
        return cluster.now().plusMillis(skew);
    }

    /// Whether it believes that nobody minds when no pods are there.
    boolean mayRemoveAll(Cluster cluster) {
        return cluster.mayAllBeMissing(rollout().replicas())
                || (rollout().isRestarting() && rollout().replicas() == 1)
                || pending.flatMap(Pending::seen)
                        .map(Observation::rollout)
                        .map(r -> cluster.mayAllBeMissing(r.replicas()) || isSoleRestarted(r))
                        .orElse(false);
    }

    private static boolean isSoleRestarted(Rollout rollout) {
        return rollout.replicas() == 1
                && rollout.spec().restartAt().isPresent()
                && !rollout.spec().restartAt().equals(rollout.status().restartedAt());
    }

    public boolean isBusy() {
        return pending.isPresent();
    }

    /// Whether the caches hold what the cluster has.
    public boolean isCurrent(Cluster cluster) {
        return caches.isCurrent(cluster);
    }

    // --- A pass ---

    /// Observes and decides; false while a cache is behind our own writes (C2), or when there is
    /// nothing to do.
    public boolean look(World world) {
        if (pending.isPresent() || caches.isRolloutBehind()) {
            return false;
        }
        Cluster cluster = world.cluster();
        Instant now = cluster.now().plusMillis(skew);
        findStable(cluster);
        boolean needsAnchor = mayHaveNews(now);
        boolean blind = needsAnchor && cluster.isUnreadable();
        if (blind && world.breakage() != Breakage.REMEMBERS) {
            return false; // the look fails, and is made again
        }
        Optional<StoredObject> anchor =
                needsAnchor && !cluster.isUnreadable() ? anchor(cluster) : Optional.empty();
        Optional<Freeze> freeze = cluster.freeze();
        Basis basis = new Basis(caches.sight(), anchor, freeze, Optional.empty());
        if (quiet.isPresent() && quiet.get().isStill(basis, now)) {
            return false;
        }
        world.judge().countPass();
        Optional<Observation> seen = Optional.empty();
        Decision decision =
                switch (caches.parsed()) {
                    case ParseResult.Invalid invalid -> RolloutDecider.decideInvalid(invalid, now);
                    case ParseResult.Valid(var valid) -> {
                        seen =
                                Optional.of(
                                        Sightings.of(
                                                world.breakage(),
                                                valid,
                                                caches,
                                                current(cluster),
                                                anchor,
                                                freeze,
                                                cluster.scenario(),
                                                pods(cluster, valid, now)));
                        yield RolloutDecider.decide(seen.get(), now);
                    }
                };
        List<Op> ops = new ArrayList<>();
        decision.before().forEach(c -> ops.add(new Op.Do(c)));
        decision.statusPatch().ifPresent(p -> ops.add(new Op.WriteStatus(p)));
        decision.after().forEach(c -> ops.add(new Op.Do(c)));
        if (ops.isEmpty()) {
            quiet = Optional.of(new Basis(caches.sight(), anchor, freeze, decision.wakeAt()));
            return false;
        }
        pending = Optional.of(new Pending(seen, decision, ops, 0, blind, basis));
        disturb(basis, cluster.millis());
        rolloutVersion = Optional.of(Long.toString(rollout().version()));
        return true;
    }

    /// A stable revision that the cache does not have is read before it counts as gone.
    private void findStable(Cluster cluster) {
        String stable = rollout().status().stableRS();
        if (!stable.isEmpty() && sets().values().stream().noneMatch(s -> s.hash().equals(stable))) {
            cluster.set(stable).ifPresent(caches::found);
        }
    }

    /// The Experiment that the status names, read past the cache where that lacks it.
    private Optional<StoredExperiment> current(Cluster cluster) {
        String name = rollout().status().currentExperiment();
        boolean isKnown = name.isEmpty() || caches.sight().experiments().containsKey(name);
        return isKnown ? Optional.empty() : Optional.ofNullable(cluster.experiments().get(name));
    }

    /// When a quiet look said that it would decide otherwise, by time alone.
    public Optional<Instant> wakeAt() {
        return quiet.flatMap(Basis::until).map(t -> t.minusMillis(skew));
    }

    /// Listed at the API server itself, where single pods matter.
    private List<PodView> pods(Cluster cluster, Rollout valid, Instant now) {
        List<PodView> pods = new ArrayList<>();
        if (References.needsPods(valid, List.copyOf(sets().values()), now)) {
            sets().values().stream()
                    .filter(set -> set.created() > 0)
                    .forEach(set -> pods.addAll(cluster.podViews(set)));
        }
        return pods;
    }

    private Optional<StoredObject> anchor(Cluster cluster) {
        return rollout().status().trafficPlan().map(TrafficPlan::anchor).flatMap(cluster::service);
    }

    /// While a plan is open its anchor is read from the API server itself, when the cache shows
    /// evidence that is not recorded yet or has shown none for long (T3).
    private boolean mayHaveNews(Instant now) {
        Optional<TrafficPlan> open =
                rollout().status().trafficPlan().filter(plan -> !plan.isSettled(now));
        if (open.isEmpty()) {
            return false;
        }
        TrafficPlan plan = open.get();
        if (!plan.isObserved() && !now.isBefore(plan.writtenAt().plus(CACHE_IN_DOUBT))) {
            return true;
        }
        ObjectRef ref = ObjectRef.service(Cluster.NAMESPACE, plan.anchor());
        return Optional.ofNullable(caches.sight().objects().get(ref))
                .map(o -> o.service().annotations().getOrDefault(Names.TRAFFIC_EVIDENCE, ""))
                .flatMap(text -> StatusJson.evidence(text, Cluster.UID))
                .filter(seen -> seen.plan() == plan.id())
                .filter(seen -> !plan.observed().equals(Optional.of(seen)))
                .isPresent();
    }

    /// Carries out the next write; a refused one ends the pass (C13). False when there is none.
    public boolean write(World world) {
        if (pending.isEmpty()) {
            return false;
        }
        Pending present = pending.get();
        Op op = present.ops().get(present.next());
        Cluster cluster = world.cluster();
        Facts before = Facts.of(cluster);
        boolean applied = apply(world, op);
        if (applied && op instanceof Op.WriteStatus) {
            calm.wrote(cluster.rollout().status().phase())
                    .ifPresent(v -> world.judge().report(v.number(), v.message()));
        }
        if (applied) {
            world.judge()
                    .wrote(
                            new RolloutWrite(
                                    op,
                                    present.seen(),
                                    present.decision(),
                                    present.blind(),
                                    before,
                                    cluster));
        }
        boolean goesOn =
                (applied || world.breakage() == Breakage.CARRIES_ON)
                        && present.next() + 1 < present.ops().size();
        pending = goesOn ? Optional.of(present.advanced()) : Optional.empty();
        return true;
    }

    /// Whether anything is new to it besides what it wrote itself.
    private void disturb(Basis basis, long millis) {
        boolean isSame =
                calmBasis.filter(b -> b.isSameBut(basis)).isPresent()
                        && calmAt == millis
                        && caches.isOwnRollout();
        if (!isSame) {
            calm.disturb();
        }
        calmBasis = Optional.of(basis);
        calmAt = millis;
    }

    private boolean apply(World world, Op op) {
        ApiServer api = world.api();
        return switch (op) {
            case Op.WriteStatus(ObjectNode patch) ->
                    patchRollout(api, kept(world.breakage(), patch));
            case Op.Do(Command command) -> carryOut(world, api, command);
        };
    }

    private static ObjectNode kept(Breakage breakage, ObjectNode patch) {
        if (breakage != Breakage.PRUNED) {
            return patch;
        }
        ObjectNode pruned = patch.deepCopy();
        pruned.withObjectProperty("status").remove("observedGeneration");
        return pruned;
    }

    private boolean patchRollout(ApiServer api, ObjectNode patch) {
        Optional<String> version = api.patchRollout(rolloutVersion.orElseThrow(), patch);
        version.ifPresent(v -> caches.wrote(Cluster.UID, v));
        if (version.isPresent()) {
            rolloutVersion = version;
        }
        return version.isPresent();
    }

    private boolean carryOut(World world, ApiServer api, Command command) {
        return switch (command) {
            case Command.CreateReplicaSet c -> api.createSet(c.manifest());
            case Command.ScaleReplicaSet c ->
                    patchSet(
                            world,
                            c.name(),
                            c.resourceVersion(),
                            Optional.of(c.to()),
                            c.annotations(),
                            Optional.empty());
            case Command.AnnotateReplicaSet c ->
                    patchSet(
                            world,
                            c.name(),
                            c.resourceVersion(),
                            Optional.empty(),
                            c.annotations(),
                            c.minReadySeconds());
            case Command.DeleteReplicaSet c -> api.deleteSet(c.name(), c.resourceVersion());
            case Command.CreateAnalysisRun c -> api.createRun(c.manifest());
            case Command.TerminateAnalysisRun c -> {
                api.terminateRun(c.name());
                yield true;
            }
            case Command.DeleteAnalysisRun c -> {
                api.deleteRun(c.name());
                yield true;
            }
            case Command.AnnotateRollout c ->
                    patchRollout(api, Patches.annotation(c.key(), c.value()));
            case Command.DefaultReplicas c -> patchRollout(api, Patches.replicas(c.replicas()));
            case Command.UnannotateRollout c ->
                    patchRollout(api, Patches.withoutAnnotation(c.key()));
            case Command.RelabelPods _ -> true; // nothing here depends on labels of pods
            case Command.EvictPod c -> {
                api.evict(c.uid());
                boolean isSole =
                        pending.flatMap(Pending::seen)
                                .map(s -> s.rollout().replicas() <= 1)
                                .orElse(false);
                if (isSole || world.cluster().rollout().replicas() <= 1) {
                    world.nature().suspend(); // whoever restarts a single pod asks for the gap
                }
                yield true;
            }
            case Command.CreateExperiment c -> {
                world.experimentApi().create(c.manifest());
                yield true;
            }
            case Command.TerminateExperiment c -> {
                var _ = world.experimentApi().terminate(c.uid());
                world.cluster().experiments().values().stream()
                        .filter(e -> e.uid().equals(c.uid()))
                        .forEach(e -> caches.wrote(e.uid(), Long.toString(e.version())));
                yield true;
            }
            case Command.DeleteExperiment c -> {
                var _ = world.experimentApi().delete(c.uid());
                yield true;
            }
            case Command.ScaleWorkload c -> {
                Optional<String> version = api.scaleWorkload(c.resourceVersion(), c.to());
                version.ifPresent(v -> caches.wrote(c.uid(), v));
                yield version.isPresent();
            }
            case Command.AdoptReplicaSet _ ->
                    throw new IllegalStateException("no scenario leads to " + command);
        };
    }

    private boolean patchSet(
            World world,
            String name,
            String version,
            Optional<Integer> replicas,
            Map<String, Optional<String>> annotations,
            Optional<Integer> minReadySeconds) {
        boolean applied =
                world.api()
                        .patchSet(
                                name,
                                version,
                                replicas,
                                Patches.stamps(world.breakage(), annotations),
                                minReadySeconds);
        if (applied) {
            world.cluster()
                    .setNamed(name)
                    .ifPresent(now -> caches.wrote(now.uid(), now.resourceVersion()));
        }
        return applied;
    }

    /// Everything that its future depends on, for state hashing.
    public void describe(StringBuilder out, World world, StateText text) {
        Cluster cluster = world.cluster();
        out.append("|R").append(skew).append(caches.isRolloutBehind());
        caches.describe(out, cluster, text);
        caches.describeWorkload(out, cluster);
        pending.ifPresent(
                p -> {
                    out.append(
                            rolloutVersion
                                    .orElse("")
                                    .equals(Long.toString(cluster.rollout().version())));
                    for (int i = p.next(); i < p.ops().size(); i++) {
                        out.append(text.of(p.ops().get(i), cluster));
                    }
                });
    }
}
