package dev.sluice.rollout.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.events.Event;
import dev.sluice.events.ReleaseContext;
import dev.sluice.events.RevisionRef;
import dev.sluice.events.RolloutCommand;
import dev.sluice.events.RolloutEvent.CommandAnswered;
import dev.sluice.events.RolloutEvent.CommandOutcome;
import dev.sluice.events.WorkloadRef;
import dev.sluice.rollout.app.CommandRules.Ruling;
import dev.sluice.rollout.core.Rollout;
import dev.sluice.rollout.core.RolloutMeta;
import dev.sluice.rollout.core.RolloutStatus.Release;
import dev.sluice.runtime.Outbox;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// Carries out commands that arrive as events, and answers each one (L7). A command is judged on a
/// fresh read and applied conditionally, so a stale, repeated or forged one changes nothing (P3).
public final class CommandDesk {
    private final Rollouts rollouts;
    private final Cluster cluster;
    private final Outbox outbox;
    private final Signature signature;
    private final InstantSource clock;

    public CommandDesk(
            Rollouts rollouts,
            Cluster cluster,
            Outbox outbox,
            Signature signature,
            InstantSource clock) {
        this.rollouts = rollouts;
        this.cluster = cluster;
        this.outbox = outbox;
        this.signature = signature;
        this.clock = clock;
    }

    /// Handles one command. Its answer has an id that follows from the command's, so a repetition
    /// answers nothing new.
    public void handle(Event event, RolloutCommand command) {
        WorkloadRef target = command.target().workload();
        rollouts.settle(
                target.namespace(),
                target.name(),
                seen -> {
                    Ruling ruling =
                            CommandRules.judge(command, event.expiresAt(), seen, clock.instant());
                    boolean carriedOut = carryOut(seen, ruling);
                    if (carriedOut) {
                        answer(event, command, seen, ruling);
                    }
                    return carriedOut;
                });
    }

    /// False when the Rollout changed under our hands: judge again.
    private boolean carryOut(Rollout rollout, Ruling ruling) {
        if (!(ruling instanceof Ruling.Accepted(var status, var spec))) {
            return true;
        }
        boolean applied = cluster.writeStatus(rollout.meta(), status).isApplied();
        if (applied) {
            spec.ifPresent(patch -> resume(rollout.meta(), patch));
        }
        return applied;
    }

    /// The status already carries the command; this only lifts `spec.paused`, which a person may be
    /// changing at the same time.
    private void resume(RolloutMeta rollout, ObjectNode spec) {
        rollouts.settle(
                rollout.namespace(),
                rollout.name(),
                seen -> rollouts.writeSpec(seen.meta(), spec).isApplied());
    }

    private void answer(Event event, RolloutCommand command, Rollout rollout, Ruling ruling) {
        if (!command.target().workload().uid().equals(rollout.meta().uid())) {
            return; // another object's key: an answer there would be misleading
        }
        CommandOutcome outcome =
                switch (ruling) {
                    case Ruling.Accepted _, Ruling.Done _ -> CommandOutcome.DONE;
                    case Ruling.Refused _ -> CommandOutcome.REFUSED;
                    case Ruling.Superseded _ -> CommandOutcome.SUPERSEDED;
                };
        String message =
                switch (ruling) {
                    case Ruling.Accepted _ -> "carried out for " + command.actor();
                    case Ruling.Done(var text) -> text;
                    case Ruling.Refused(var text) -> text;
                    case Ruling.Superseded(var text) -> text;
                };
        ReleaseContext release = release(rollout);
        String uid = rollout.meta().uid();
        outbox.ensure(
                List.of(
                        Event.fact(
                                        uid + "/command/" + event.id(),
                                        signature.source(),
                                        clock.instant(),
                                        uid,
                                        new CommandAnswered(release, event.id(), outcome, message))
                                .withCorrelation(
                                        Optional.of(uid + "/" + release.attempt()),
                                        Optional.of(event.id()))));
    }

    private ReleaseContext release(Rollout rollout) {
        RolloutMeta meta = rollout.meta();
        Optional<Release> release = rollout.status().release();
        return new ReleaseContext(
                new WorkloadRef(
                        signature.cluster(), meta.namespace(), "Rollout", meta.name(), meta.uid()),
                release.map(Release::attempt).orElse(0L),
                release.map(Release::fromHash)
                        .filter(hash -> !hash.isEmpty())
                        .map(hash -> new RevisionRef(hash, List.of())),
                new RevisionRef(rollout.status().currentPodHash(), List.of()),
                release.map(Release::application).filter(v -> !v.isEmpty()),
                release.map(Release::repository).filter(v -> !v.isEmpty()),
                release.map(Release::commit).filter(v -> !v.isEmpty()),
                release.map(Release::actor).filter(v -> !v.isEmpty()));
    }
}
