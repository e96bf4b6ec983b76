package dev.sluice.explorer.drive;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.explorer.check.ExperimentWrite;
import dev.sluice.explorer.check.Facts;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Owned;
import dev.sluice.explorer.model.StoredExperiment;
import dev.sluice.explorer.model.StoredObject;
import dev.sluice.explorer.model.StoredRollout;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.experiment.ExperimentCommand;
import dev.sluice.rollout.core.experiment.ExperimentDecider;
import dev.sluice.rollout.core.experiment.ExperimentDecision;
import dev.sluice.rollout.core.experiment.ExperimentObservation;
import dev.sluice.rollout.core.experiment.ExperimentObservation.Refusal;
import dev.sluice.router.core.ObjectRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The part of one replica of rollout-service that looks after Experiments: one look, then its
/// writes one by one. What is refused is decided on at once, as the service's reconciler does.
public final class ExperimentWorker {

    /// One write.
    public sealed interface Op {
        /// A command of the decision.
        record Do(ExperimentCommand command) implements Op {}

        /// The status.
        record WriteStatus(ObjectNode patch) implements Op {}
    }

    private record Pending(
            StoredExperiment experiment,
            ExperimentObservation seen,
            Instant now,
            ExperimentDecision decision,
            List<ExperimentCommand> done) {

        Optional<Op> next() {
            return decision.commands().stream()
                    .filter(c -> !done.contains(c))
                    .findFirst()
                    .<Op>map(Op.Do::new)
                    .or(() -> decision.statusPatch().map(Op.WriteStatus::new));
        }

        Pending with(ExperimentCommand command) {
            List<ExperimentCommand> more = new ArrayList<>(done);
            more.add(command);
            return new Pending(experiment, seen, now, decision, more);
        }

        Pending knowing(Refusal refusal) {
            ExperimentObservation more = seen.with(refusal);
            return new Pending(experiment, more, now, ExperimentDecider.decide(more, now), done);
        }
    }

    /// What a quiet look depended on.
    private record Basis(
            StoredExperiment experiment,
            StoredRollout rollout,
            Map<String, Owned<ReplicaSetView>> sets,
            Map<String, Owned<AnalysisRunView>> runs,
            Map<ObjectRef, StoredObject> objects,
            Optional<Instant> until) {

        boolean isStill(Basis now, Instant at) {
            return Same.version(experiment, now.experiment)
                    && Same.version(rollout, now.rollout)
                    && Same.version(sets, now.sets)
                    && Same.version(runs, now.runs)
                    && Same.version(objects, now.objects)
                    && until.map(at::isBefore).orElse(true);
        }
    }

    /// How a write ended.
    private enum Outcome {
        APPLIED,
        /// The name is somebody else's.
        TAKEN,
        OVERTAKEN
    }

    private final RolloutWorker process;
    private Optional<Pending> pending = Optional.empty();
    private final Map<String, Basis> quiet = new HashMap<>();
    private String last = "";

    /// @param process the replica that it is a part of, with its caches and its clock
    public ExperimentWorker(RolloutWorker process) {
        this.process = process;
    }

    public ExperimentWorker(ExperimentWorker other, RolloutWorker process) {
        this.process = process;
        pending = other.pending;
        quiet.putAll(other.quiet);
        last = other.last;
    }

    /// The process dies.
    public void crash() {
        pending = Optional.empty();
        quiet.clear();
    }

    public boolean isBusy() {
        return pending.isPresent();
    }

    /// Looks at the Experiments in turn until one has something to do; false when none has.
    public boolean look(World world) {
        if (pending.isPresent()) {
            return false;
        }
        List<StoredExperiment> all =
                new ArrayList<>(process.caches().sight().experiments().values());
        all.sort(
                (a, b) ->
                        isLater(a) == isLater(b)
                                ? a.name().compareTo(b.name())
                                : isLater(a) ? -1 : 1);
        for (StoredExperiment experiment : all) {
            if (!process.caches().isBehind(experiment) && look(world, experiment)) {
                last = experiment.name();
                return true;
            }
        }
        return false;
    }

    private boolean isLater(StoredExperiment experiment) {
        return experiment.name().compareTo(last) > 0;
    }

    private boolean look(World world, StoredExperiment experiment) {
        Instant now = process.now(world.cluster());
        Caches.Sight sight = process.caches().sight();
        Basis basis = basis(experiment, sight, Optional.empty());
        Basis before = quiet.get(experiment.uid());
        if (before != null && before.isStill(basis, now)) {
            return false;
        }
        world.judge().countPass();
        ExperimentObservation seen =
                Sightings.ofExperiment(
                        world.breakage(), experiment, process.caches(), world.cluster().scenario());
        ExperimentDecision decision = ExperimentDecider.decide(seen, now);
        if (decision.isQuiet()) {
            quiet.put(experiment.uid(), basis(experiment, sight, decision.wakeAt()));
            return false;
        }
        pending = Optional.of(new Pending(experiment, seen, now, decision, List.of()));
        return true;
    }

    private static Basis basis(
            StoredExperiment experiment, Caches.Sight sight, Optional<Instant> until) {
        return new Basis(
                experiment,
                sight.rollout(),
                sight.experimentSets(),
                sight.experimentRuns(),
                sight.objects(),
                until);
    }

    /// Carries out the next write. False when there is none.
    public boolean write(World world) {
        if (pending.isEmpty()) {
            return false;
        }
        Pending present = pending.get();
        Optional<Op> next = present.next();
        pending = Optional.empty();
        if (next.isEmpty()) {
            return false; // a refusal left nothing to do
        }
        Op op = next.get();
        Cluster cluster = world.cluster();
        Facts before = Facts.of(cluster);
        Outcome outcome = apply(world, present.experiment(), op);
        if (outcome == Outcome.APPLIED) {
            world.judge().wrote(new ExperimentWrite(op, present.experiment(), before, cluster));
        }
        if (op instanceof Op.Do(var command)) {
            Optional<Pending> rest =
                    switch (outcome) {
                        case APPLIED -> Optional.of(present.with(command));
                        case TAKEN ->
                                Optional.of(present.knowing(new Refusal(command, true, "taken")));
                        case OVERTAKEN -> Optional.empty();
                    };
            pending = rest.filter(p -> p.next().isPresent());
        }
        return true;
    }

    private Outcome apply(World world, StoredExperiment experiment, Op op) {
        return switch (op) {
            case Op.WriteStatus(ObjectNode patch) -> {
                Optional<String> version =
                        world.experimentApi()
                                .patch(
                                        experiment.name(),
                                        Long.toString(experiment.version()),
                                        patch);
                version.ifPresent(v -> process.caches().wrote(experiment.uid(), v));
                yield version.isPresent() ? Outcome.APPLIED : Outcome.OVERTAKEN;
            }
            case Op.Do(ExperimentCommand command) -> carryOut(world, experiment.uid(), command);
        };
    }

    private Outcome carryOut(World world, String uid, ExperimentCommand command) {
        return switch (command) {
            case ExperimentCommand.CreateReplicaSet c ->
                    created(world.experimentApi().createSet(uid, c.manifest()));
            case ExperimentCommand.CreateService c ->
                    created(world.experimentApi().createService(uid, c.manifest()));
            case ExperimentCommand.CreateAnalysisRun c ->
                    created(world.experimentApi().createRun(uid, c.manifest()));
            case ExperimentCommand.ScaleReplicaSet c ->
                    patched(
                            world,
                            c.name(),
                            c.resourceVersion(),
                            Optional.of(c.to()),
                            c.annotations());
            case ExperimentCommand.AnnotateReplicaSet c ->
                    patched(
                            world,
                            c.name(),
                            c.resourceVersion(),
                            Optional.empty(),
                            c.annotations());
            case ExperimentCommand.DeleteService c -> {
                world.experimentApi().deleteService(c.name(), c.uid());
                yield Outcome.APPLIED;
            }
            case ExperimentCommand.TerminateAnalysisRun c -> {
                world.experimentApi().endRun(c.name(), "Successful");
                yield Outcome.APPLIED;
            }
        };
    }

    private static Outcome created(boolean isOurs) {
        return isOurs ? Outcome.APPLIED : Outcome.TAKEN;
    }

    private Outcome patched(
            World world,
            String name,
            String version,
            Optional<Integer> replicas,
            Map<String, Optional<String>> annotations) {
        boolean applied =
                world.api().patchSet(name, version, replicas, annotations, Optional.empty());
        if (applied) {
            world.cluster()
                    .setNamed(name)
                    .ifPresent(now -> process.caches().wrote(now.uid(), now.resourceVersion()));
        }
        return applied ? Outcome.APPLIED : Outcome.OVERTAKEN;
    }

    /// Everything that its future depends on, for state hashing.
    public void describe(StringBuilder out, StateText text) {
        out.append("|E").append(last);
        pending.ifPresent(
                p ->
                        out.append(p.experiment().name())
                                .append(text.timed(p.decision().commands().toString()))
                                .append(p.done().size())
                                .append(text.timed(p.decision().statusPatch().toString())));
    }
}
