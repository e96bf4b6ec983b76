package dev.sluice.rollout.app;

import dev.sluice.rollout.core.Command;
import dev.sluice.rollout.core.Decision;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.RolloutDecider;
import dev.sluice.rollout.core.RolloutMeta;
import dev.sluice.runtime.WriteResult;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// The main path: what was observed is decided on and carried out, one write after the other.
///
/// Nothing is remembered between two looks. A crash between any two writes leaves a state from
/// which the next look decides again (C4); a write that is refused ends the pass (C13). The
/// facts of the stored status come first, so that a status is never overwritten before its
/// facts are safe (V1).
public final class RolloutReconciler {
    private static final String CREATE_REPLICA_SET = Command.CreateReplicaSet.class.getSimpleName();

    private final Cluster cluster;
    private final Announcements facts;
    private final Notices notices;
    private final Gauges gauges;
    private final Origins origins;
    private final InstantSource clock;

    public RolloutReconciler(
            Cluster cluster,
            Announcements facts,
            Notices notices,
            Gauges gauges,
            Origins origins,
            InstantSource clock) {
        this.cluster = cluster;
        this.facts = facts;
        this.notices = notices;
        this.gauges = gauges;
        this.origins = origins;
        this.clock = clock;
    }

    /// The Rollout's metadata while a decision is carried out; its version follows our own writes
    /// of the object.
    private static final class Present {
        RolloutMeta meta;

        Present(RolloutMeta meta) {
            this.meta = meta;
        }
    }

    /// Decides on what was seen and carries the decision out.
    public Outcome reconcile(Sighting sighting) {
        facts.ensure(sighting, sighting.stored());
        Decision decision = origins.complete(sighting, decide(sighting));
        Outcome outcome = carryOut(sighting, decision);
        if (outcome instanceof Outcome.Refused refused) {
            tell(sighting, refused);
        }
        boolean isWritten = outcome instanceof Outcome.Done;
        gauges.show(sighting, isWritten ? decision.next() : sighting.stored());
        return outcome;
    }

    /// Of a refused write the user is told too: there is nothing in the Rollout to see it by.
    private void tell(Sighting sighting, Outcome.Refused refused) {
        if (refused.what().equals(CREATE_REPLICA_SET)
                && sighting instanceof Sighting.Whole(var seen)) {
            var _ =
                    carryOut(
                            sighting,
                            RolloutDecider.decideCreationRefused(
                                    seen, refused.reason(), clock.instant()));
        } else {
            raise(
                    sighting,
                    Notice.warning(
                            "ReconciliationError",
                            "Reconciliation failed with error: %s was refused: %s"
                                    .formatted(refused.what(), refused.reason())));
        }
    }

    private Decision decide(Sighting sighting) {
        return switch (sighting) {
            case Sighting.Whole(var seen) -> RolloutDecider.decide(seen, clock.instant());
            case Sighting.Invalid(var parsed) ->
                    RolloutDecider.decideInvalid(parsed, clock.instant());
        };
    }

    private Outcome carryOut(Sighting sighting, Decision decision) {
        Present present = new Present(sighting.meta());
        Optional<Outcome> stop = each(sighting, decision.before(), present);
        if (stop.isEmpty()) {
            stop = writeStatus(sighting, decision, present.meta);
        }
        if (stop.isEmpty()) {
            decision.notices().forEach(notice -> raise(sighting, notice));
            stop = each(sighting, decision.after(), present);
        }
        if (stop.isPresent()) {
            return stop.get();
        }
        facts.ensure(sighting, decision.next());
        return new Outcome.Done(!decision.isQuiet(), decision.wakeAt());
    }

    private Optional<Outcome> writeStatus(Sighting sighting, Decision decision, RolloutMeta meta) {
        if (decision.statusPatch().isEmpty()) {
            return Optional.empty();
        }
        WriteResult result = cluster.writeStatus(meta, decision.statusPatch().get());
        if (result.isApplied()) {
            gauges.moved(sighting.stored(), decision.next(), clock.instant());
        }
        return stopOn(result, "status");
    }

    private Optional<Outcome> each(Sighting sighting, List<Command> commands, Present present) {
        for (Command command : commands) {
            WriteResult result = cluster.carryOut(present.meta, command);
            boolean isOfRollout =
                    command instanceof Command.AnnotateRollout
                            || command instanceof Command.UnannotateRollout;
            if (result instanceof WriteResult.Applied(var version) && isOfRollout) {
                present.meta = present.meta.withVersion(version);
            }
            Optional<Outcome> stop = stopOn(result, command.getClass().getSimpleName());
            if (stop.isPresent()) {
                return stop;
            }
            command.notices().forEach(notice -> raise(sighting, notice));
        }
        return Optional.empty();
    }

    private void raise(Sighting sighting, Notice notice) {
        notices.record(sighting.meta(), notice);
        gauges.noticed(sighting.meta(), notice);
    }

    private static Optional<Outcome> stopOn(WriteResult result, String what) {
        return switch (result) {
            case WriteResult.Applied _ -> Optional.empty();
            case WriteResult.Conflict _, WriteResult.Missing _ ->
                    Optional.of(new Outcome.Overtaken(what));
            case WriteResult.Rejected(var reason) -> Optional.of(new Outcome.Refused(what, reason));
        };
    }
}
