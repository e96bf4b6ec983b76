package dev.sluice.rollout.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.experiment.Experiment;
import dev.sluice.rollout.core.experiment.ExperimentCommand;
import dev.sluice.rollout.core.experiment.ExperimentDecider;
import dev.sluice.rollout.core.experiment.ExperimentDecision;
import dev.sluice.rollout.core.experiment.ExperimentObservation;
import dev.sluice.rollout.core.experiment.ExperimentObservation.Refusal;
import dev.sluice.runtime.WriteResult;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What was observed of an Experiment is decided on and carried out.
///
/// What the API server refuses is told to the decider at once, and it decides again: a refusal is
/// part of the Experiment's status, not a reason to stop. Nothing is remembered between two looks.
public final class ExperimentReconciler {
    private static final int MOST_REFUSALS = 50;

    private final ExperimentWrites writes;
    private final ExperimentNotices notices;
    private final ExperimentGauges gauges;
    private final InstantSource clock;

    public ExperimentReconciler(
            ExperimentWrites writes,
            ExperimentNotices notices,
            ExperimentGauges gauges,
            InstantSource clock) {
        this.writes = writes;
        this.notices = notices;
        this.gauges = gauges;
        this.clock = clock;
    }

    private sealed interface Progress {
        record Done() implements Progress {}

        record Refused(Refusal refusal) implements Progress {}

        record Overtaken(String what) implements Progress {}
    }

    /// Decides on what was seen and carries the decision out.
    public Outcome reconcile(ExperimentObservation seen) {
        Instant now = clock.instant();
        Experiment.Meta meta = seen.experiment().meta();
        List<ExperimentCommand> done = new ArrayList<>();
        ExperimentObservation known = seen;
        for (int i = 0; i < MOST_REFUSALS; i++) {
            ExperimentDecision decision = ExperimentDecider.decide(known, now);
            switch (each(meta, decision.commands(), done)) {
                case Progress.Overtaken(var what) -> {
                    return new Outcome.Overtaken(what);
                }
                case Progress.Refused(var refusal) -> known = known.with(refusal);
                case Progress.Done() -> {
                    return finish(meta, decision, !done.isEmpty());
                }
            }
        }
        return new Outcome.Refused("too many writes", "each of them was refused");
    }

    private Progress each(
            Experiment.Meta meta, List<ExperimentCommand> commands, List<ExperimentCommand> done) {
        for (ExperimentCommand command : commands) {
            if (done.contains(command)) {
                continue;
            }
            switch (writes.carryOut(meta, command)) {
                case WriteResult.Applied _ -> {
                    done.add(command);
                    command.notices().forEach(notice -> notices.record(meta, notice));
                }
                case WriteResult.Rejected(var reason) -> {
                    return new Progress.Refused(new Refusal(command, false, reason));
                }
                case WriteResult.Conflict _ -> {
                    Optional<String> name = created(command);
                    return name.isPresent()
                            ? new Progress.Refused(
                                    new Refusal(command, true, name.get() + " already exists"))
                            : new Progress.Overtaken(command.getClass().getSimpleName());
                }
                case WriteResult.Missing _ -> {
                    return new Progress.Overtaken(command.getClass().getSimpleName());
                }
            }
        }
        return new Progress.Done();
    }

    private static Optional<String> created(ExperimentCommand command) {
        return switch (command) {
            case ExperimentCommand.CreateReplicaSet c ->
                    Optional.of("ReplicaSet " + name(c.manifest()));
            case ExperimentCommand.CreateService c -> Optional.of("Service " + name(c.manifest()));
            case ExperimentCommand.CreateAnalysisRun c ->
                    Optional.of("AnalysisRun " + name(c.manifest()));
            case ExperimentCommand.ScaleReplicaSet _,
                    ExperimentCommand.AnnotateReplicaSet _,
                    ExperimentCommand.DeleteService _,
                    ExperimentCommand.TerminateAnalysisRun _ ->
                    Optional.empty();
        };
    }

    private static String name(JsonNode manifest) {
        return manifest.path("metadata").path("name").asText("");
    }

    private Outcome finish(Experiment.Meta meta, ExperimentDecision decision, boolean wrote) {
        if (decision.statusPatch().isPresent()) {
            WriteResult result = writes.writeStatus(meta, decision.statusPatch().get());
            switch (result) {
                case WriteResult.Applied _ -> {}
                case WriteResult.Conflict _, WriteResult.Missing _ -> {
                    return new Outcome.Overtaken("status");
                }
                case WriteResult.Rejected(var reason) -> {
                    return new Outcome.Refused("status", reason);
                }
            }
        }
        for (Notice notice : decision.notices()) {
            notices.record(meta, notice);
        }
        for (Notice notice : decision.ownerNotices()) {
            notices.recordOnRollout(meta, notice);
        }
        gauges.show(meta, decision.next().phase());
        return new Outcome.Done(wrote || decision.statusPatch().isPresent(), decision.wakeAt());
    }
}
