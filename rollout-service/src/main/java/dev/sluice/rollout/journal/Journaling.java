package dev.sluice.rollout.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.sluice.events.AnalysisEvent;
import dev.sluice.events.CiEvent;
import dev.sluice.events.Event;
import dev.sluice.events.EventCodec;
import dev.sluice.events.ReleaseContext;
import dev.sluice.events.RevisionRef;
import dev.sluice.events.RolloutCommand;
import dev.sluice.events.RolloutEvent;
import dev.sluice.events.Shares;
import dev.sluice.events.StepRef;
import dev.sluice.events.SyncEvent;
import dev.sluice.events.TrafficEvent;
import dev.sluice.rollout.journal.JournalEntry.ReleaseFold;
import java.util.List;
import java.util.Optional;

/// What the journal keeps of an event.
final class Journaling {

    private static final int SUMMARY_LIMIT = 500;

    private Journaling() {}

    /// The entries of an event; several where it concerns several releases, none where it concerns
    /// none.
    static List<JournalEntry> of(Event event) {
        return switch (event.data()) {
            case RolloutEvent fact -> List.of(rollout(event, fact));
            case TrafficEvent.TrafficShifted fact ->
                    List.of(
                            entry(
                                    event,
                                    fact.workload().uid(),
                                    fact.attempt(),
                                    summary(fact),
                                    "router-service"));
            case AnalysisEvent fact -> analysis(event, fact);
            case SyncEvent fact -> sync(event, fact);
            case RolloutCommand command ->
                    List.of(
                            entry(
                                    event,
                                    command.target().workload().uid(),
                                    command.target().attempt(),
                                    summary(command),
                                    command.actor()));
            case CiEvent _ -> List.of();
        };
    }

    private static JournalEntry rollout(Event event, RolloutEvent fact) {
        ReleaseContext release = fact.release();
        Optional<String> phase =
                switch (fact) {
                    case RolloutEvent.RolloutStarted _,
                            RolloutEvent.RolloutResumed _,
                            RolloutEvent.StepReached _ ->
                            Optional.of("Progressing");
                    case RolloutEvent.RolloutPaused _ -> Optional.of("Paused");
                    case RolloutEvent.RolloutBlocked _ -> Optional.of("Blocked");
                    case RolloutEvent.RolloutCompleted _ -> Optional.of("Completed");
                    case RolloutEvent.RolloutAborted _ -> Optional.of("Aborted");
                    case RolloutEvent.StepCompleted _, RolloutEvent.CommandAnswered _ ->
                            Optional.empty();
                };
        Optional<String> strategy =
                fact instanceof RolloutEvent.RolloutStarted started
                        ? Optional.of(started.strategy())
                        : Optional.empty();
        String summary = summary(fact);
        ReleaseFold fold =
                new ReleaseFold(
                        release.workload().cluster(),
                        release.workload().namespace(),
                        release.workload().name(),
                        strategy,
                        release.from().map(RevisionRef::podTemplateHash),
                        release.to().podTemplateHash(),
                        String.join(", ", release.to().images()),
                        release.repository(),
                        release.commit(),
                        release.application(),
                        release.actor(),
                        phase,
                        phase.isPresent() ? Optional.of(summary) : Optional.empty());
        return new JournalEntry(
                event.source(),
                event.id(),
                release.workload().uid(),
                release.attempt(),
                release.application().orElse(""),
                release.commit().orElse(""),
                event.type(),
                event.time(),
                event.sequence().orElse(0),
                summary,
                release.actor().orElse(""),
                json(event),
                Optional.of(fold));
    }

    private static List<JournalEntry> analysis(Event event, AnalysisEvent fact) {
        if (fact.run().workload().isEmpty()) {
            return List.of();
        }
        String uid = fact.run().workload().get().uid();
        String summary =
                switch (fact) {
                    case AnalysisEvent.AnalysisStarted started ->
                            "analysis "
                                    + started.run().name()
                                    + " measures "
                                    + String.join(", ", started.metrics());
                    case AnalysisEvent.MeasurementTaken taken ->
                            taken.metric()
                                    + " #"
                                    + taken.number()
                                    + " = "
                                    + taken.value()
                                    + ": "
                                    + taken.phase();
                    case AnalysisEvent.AnalysisResult result ->
                            "analysis "
                                    + result.run().name()
                                    + ": "
                                    + result.phase()
                                    + result.message().map(m -> ": " + m).orElse("");
                };
        return List.of(entry(event, uid, attemptOf(event, uid), summary, "analysis-service"));
    }

    private static List<JournalEntry> sync(Event event, SyncEvent fact) {
        return switch (fact) {
            case SyncEvent.SyncStarted started ->
                    List.of(
                            sync(
                                    event,
                                    started,
                                    "",
                                    started.commit(),
                                    "sync of " + shortened(started.commit()) + " began",
                                    started.actor(),
                                    started.automated()));
            case SyncEvent.SyncCompleted completed -> {
                String summary =
                        "synced "
                                + shortened(completed.commit())
                                + ", "
                                + completed.resources()
                                + " resources";
                if (completed.rollouts().isEmpty()) {
                    yield List.of(
                            sync(
                                    event,
                                    completed,
                                    "",
                                    completed.commit(),
                                    summary,
                                    completed.actor(),
                                    completed.automated()));
                }
                yield completed.rollouts().stream()
                        .map(
                                rollout ->
                                        sync(
                                                event,
                                                completed,
                                                rollout.uid(),
                                                completed.commit(),
                                                summary,
                                                completed.actor(),
                                                completed.automated()))
                        .toList();
            }
            case SyncEvent.SyncFailed failed ->
                    List.of(
                            sync(
                                    event,
                                    failed,
                                    "",
                                    failed.commit(),
                                    "sync of "
                                            + shortened(failed.commit())
                                            + " failed: "
                                            + failed.message(),
                                    Optional.empty(),
                                    false));
            case SyncEvent.Drifted drifted ->
                    List.of(
                            sync(
                                    event,
                                    drifted,
                                    "",
                                    drifted.commit(),
                                    drifted.resources().size() + " resources differ from Git",
                                    Optional.empty(),
                                    false));
            case SyncEvent.RevisionRejected rejected ->
                    List.of(
                            entry(
                                    event,
                                    rejected.workload().uid(),
                                    rejected.attempt(),
                                    "commit "
                                            + shortened(rejected.commit())
                                            + " is kept out of automated sync: "
                                            + rejected.reason(),
                                    "sync-service"));
        };
    }

    private static JournalEntry sync(
            Event event,
            SyncEvent fact,
            String uid,
            String commit,
            String summary,
            Optional<String> actor,
            boolean automated) {
        return new JournalEntry(
                event.source(),
                event.id(),
                uid,
                0,
                fact.application().namespace() + "/" + fact.application().name(),
                commit,
                event.type(),
                event.time(),
                event.sequence().orElse(0),
                cut(summary),
                actor.orElse(automated ? "automated sync" : "sync-service"),
                json(event),
                Optional.empty());
    }

    private static JournalEntry entry(
            Event event, String uid, long attempt, String summary, String actor) {
        return new JournalEntry(
                event.source(),
                event.id(),
                uid,
                attempt,
                "",
                "",
                event.type(),
                event.time(),
                event.sequence().orElse(0),
                cut(summary),
                actor,
                json(event),
                Optional.empty());
    }

    private static String summary(RolloutEvent fact) {
        return cut(
                switch (fact) {
                    case RolloutEvent.RolloutStarted started ->
                            "release of "
                                    + String.join(", ", started.release().to().images())
                                    + " began";
                    case RolloutEvent.StepReached reached ->
                            step(reached.step())
                                    + reached.plan()
                                            .flatMap(p -> p.wanted())
                                            .map(s -> ", wants " + shares(s))
                                            .orElse("");
                    case RolloutEvent.StepCompleted completed ->
                            step(completed.step())
                                    + " completed"
                                    + completed
                                            .observed()
                                            .map(s -> ", observed " + shares(s))
                                            .orElse("");
                    case RolloutEvent.RolloutPaused paused -> "paused: " + paused.reason();
                    case RolloutEvent.RolloutResumed resumed -> "resumed: " + resumed.reason();
                    case RolloutEvent.RolloutCompleted completed ->
                            "completed: " + completed.reason();
                    case RolloutEvent.RolloutAborted aborted -> "aborted: " + aborted.reason();
                    case RolloutEvent.RolloutBlocked blocked ->
                            "blocked: " + blocked.reason() + ": " + blocked.message();
                    case RolloutEvent.CommandAnswered answered ->
                            "command "
                                    + answered.commandId()
                                    + ": "
                                    + answered.outcome()
                                    + ": "
                                    + answered.message();
                });
    }

    private static String summary(TrafficEvent.TrafficShifted fact) {
        return fact.observed().map(s -> "traffic observed: " + shares(s)).orElse("traffic switched")
                + " ("
                + fact.level()
                + (fact.partial() ? ", part of the way" : "")
                + ")"
                + fact.message().map(m -> ": " + m).orElse("");
    }

    private static String summary(RolloutCommand command) {
        return switch (command) {
            case RolloutCommand.PromoteRollout promote ->
                    (promote.full() ? "full promotion asked" : "promotion asked")
                            + promote.reason().map(r -> ": " + r).orElse("");
            case RolloutCommand.AbortRollout abort ->
                    "abort asked" + abort.reason().map(r -> ": " + r).orElse("");
            case RolloutCommand.RetryRollout retry ->
                    "retry asked" + retry.reason().map(r -> ": " + r).orElse("");
        };
    }

    /// A run belongs to a release by its correlation, `<rollout uid>/<attempt>`.
    private static long attemptOf(Event event, String uid) {
        String correlation = event.correlationId().orElse("");
        if (!correlation.startsWith(uid + "/")) {
            return 0;
        }
        try {
            return Long.parseLong(correlation.substring(uid.length() + 1));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static String step(StepRef step) {
        return "step " + (step.index() + 1) + "/" + step.count() + " " + step.description();
    }

    private static String shares(Shares shares) {
        return "canary " + shares.canary() + ", stable " + shares.stable();
    }

    private static String shortened(String commit) {
        return commit.length() > 8 ? commit.substring(0, 8) : commit;
    }

    private static String cut(String text) {
        return text.length() > SUMMARY_LIMIT ? text.substring(0, SUMMARY_LIMIT) + "…" : text;
    }

    private static String json(Event event) {
        try {
            return EventCodec.mapper().writeValueAsString(event.data());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("event " + event.id() + " has no JSON form", e);
        }
    }
}
