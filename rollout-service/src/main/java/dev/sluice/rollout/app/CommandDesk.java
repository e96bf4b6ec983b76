package dev.sluice.rollout.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.events.Event;
import dev.sluice.events.RolloutCommand;
import dev.sluice.events.RolloutEvent.CommandAnswered;
import dev.sluice.events.RolloutEvent.CommandOutcome;
import dev.sluice.events.WorkloadRef;
import dev.sluice.rollout.app.CommandRules.Ruling;
import dev.sluice.rollout.core.Observation;
import dev.sluice.rollout.core.ParseResult;
import dev.sluice.rollout.core.Rollout;
import dev.sluice.rollout.core.RolloutParser;
import dev.sluice.runtime.Outbox;
import dev.sluice.runtime.WriteResult;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Carries out commands that arrive as events, and answers each one (L7). A command is judged on a
/// fresh read and applied conditionally, so a stale, repeated or forged one changes nothing (P3).
public final class CommandDesk {
    private static final int ATTEMPTS = 5;

    private final Rollouts rollouts;
    private final Cluster cluster;
    private final Outbox outbox;
    private final ReleaseFacts facts;
    private final InstantSource clock;

    public CommandDesk(
            Rollouts rollouts,
            Cluster cluster,
            Outbox outbox,
            ReleaseFacts facts,
            InstantSource clock) {
        this.rollouts = rollouts;
        this.cluster = cluster;
        this.outbox = outbox;
        this.facts = facts;
        this.clock = clock;
    }

    /// Handles one command. Its answer has an id that follows from the command's, so a repetition
    /// answers nothing new.
    public void handle(Event event, RolloutCommand command) {
        WorkloadRef target = command.target().workload();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<JsonNode> json = rollouts.fresh(target.namespace(), target.name());
            if (json.isEmpty()
                    || !(RolloutParser.parse(json.get()) instanceof ParseResult.Valid(var seen))) {
                return; // nothing there to answer for
            }
            Ruling ruling = CommandRules.judge(command, event.expiresAt(), seen, clock.instant());
            if (carryOut(seen, ruling)) {
                answer(event, command, seen, ruling);
                return;
            }
        }
    }

    /// False when the Rollout changed under our hands: judge again.
    private boolean carryOut(Rollout rollout, Ruling ruling) {
        if (!(ruling instanceof Ruling.Accepted(var status, var spec))) {
            return true;
        }
        WriteResult written = cluster.writeStatus(rollout.meta(), status);
        if (!written.isApplied()) {
            return false;
        }
        if (spec.isEmpty()) {
            return true;
        }
        Optional<JsonNode> now = rollouts.fresh(rollout.meta().namespace(), rollout.meta().name());
        return now.map(RolloutParser::parse)
                .filter(ParseResult.Valid.class::isInstance)
                .map(ParseResult.Valid.class::cast)
                .map(valid -> rollouts.writeSpec(valid.rollout().meta(), spec.get()).isApplied())
                .orElse(false);
    }

    private void answer(Event event, RolloutCommand command, Rollout rollout, Ruling ruling) {
        if (!command.target().workload().uid().equals(rollout.meta().uid())) {
            return; // another object's key: an answer there would be misleading
        }
        Observation bare =
                new Observation(
                        rollout, List.of(), Map.of(), List.of(), Map.of(), Map.of(), List.of(),
                        Set.of());
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
        CommandAnswered body =
                new CommandAnswered(
                        facts.context(bare, rollout.status()), event.id(), outcome, message);
        outbox.ensure(
                List.of(
                        facts.event(
                                rollout.meta().uid() + "/command/" + event.id(),
                                clock.instant(),
                                body)));
    }
}
