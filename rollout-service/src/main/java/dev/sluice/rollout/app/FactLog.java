package dev.sluice.rollout.app;

import dev.sluice.events.Event;
import dev.sluice.events.RolloutEvent.StepReached;
import dev.sluice.rollout.core.Facts;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.runtime.Outbox;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// Hands the facts of each status to the outbox, and remembers per live Rollout which ones it has
/// taken, so that a look that changes nothing costs nothing.
public final class FactLog implements Announcements {
    private final Outbox outbox;
    private final Signature signature;
    private static final Duration FIRST_REMINDER = Duration.ofSeconds(15);
    private static final Duration LONGEST_REMINDER = Duration.ofMinutes(5);

    private final InstantSource clock;
    private final Map<String, Reminder> reminders = new ConcurrentHashMap<>();
    private final Map<String, HandedOver> handedOver = new ConcurrentHashMap<>();

    public FactLog(Outbox outbox, Signature signature, InstantSource clock) {
        this.outbox = outbox;
        this.signature = signature;
        this.clock = clock;
    }

    /// What the outbox has of a Rollout.
    ///
    /// @param version of the object whose facts these are, as far as it was read
    /// @param open the announcement of the plan, as long as it is unanswered
    private record HandedOver(String version, Set<String> ids, Optional<Event> open) {
        static final HandedOver NOTHING = new HandedOver("", Set.of(), Optional.empty());
    }

    /// When to announce an unanswered plan once more.
    private record Reminder(String id, Instant due, Duration pause) {}

    @Override
    public void ensure(Sighting sighting, RolloutStatus durable) {
        if (!(sighting instanceof Sighting.Whole(var seen)) || isHalfWay(durable)) {
            return;
        }
        String uid = sighting.meta().uid();
        HandedOver before = handedOver.getOrDefault(uid, HandedOver.NOTHING);
        boolean isStored = durable.equals(sighting.stored());
        String version = isStored ? sighting.meta().resourceVersion() : "";
        if (isStored && before.version().equals(version)) {
            remind(uid, before.open());
            return;
        }
        List<Event> facts =
                Facts.of(seen.rollout(), durable, signature.cluster(), signature.source());
        List<Event> news =
                facts.stream().filter(fact -> !before.ids().contains(fact.id())).toList();
        if (!news.isEmpty()) {
            outbox.ensure(news);
        }
        if (news.isEmpty() || outbox.accepting()) {
            Set<String> ids = facts.stream().map(Event::id).collect(Collectors.toUnmodifiableSet());
            handedOver.put(uid, new HandedOver(version, ids, openPlan(facts)));
        }
        if (news.isEmpty()) {
            remind(uid, openPlan(facts));
        }
    }

    private static Optional<Event> openPlan(List<Event> facts) {
        return facts.stream()
                .filter(
                        fact ->
                                fact.data() instanceof StepReached reached
                                        && reached.plan().isPresent())
                .findFirst();
    }

    /// A plan that nobody answers is announced again under the same id, ever more rarely.
    private void remind(String uid, Optional<Event> open) {
        if (open.isEmpty()) {
            reminders.remove(uid);
            return;
        }
        Event fact = open.get();
        Reminder reminder =
                Optional.ofNullable(reminders.get(uid))
                        .filter(r -> r.id().equals(fact.id()))
                        .orElseGet(
                                () ->
                                        new Reminder(
                                                fact.id(),
                                                fact.time().plus(FIRST_REMINDER),
                                                FIRST_REMINDER));
        Instant now = clock.instant();
        if (!now.isBefore(reminder.due())) {
            outbox.announceAgain(fact);
            Duration twice = reminder.pause().multipliedBy(2);
            Duration wait = twice.compareTo(LONGEST_REMINDER) < 0 ? twice : LONGEST_REMINDER;
            reminder = new Reminder(fact.id(), now.plus(wait), wait);
        }
        reminders.put(uid, reminder);
    }

    /// A person has asked for the abort and no decision has answered yet: what it was aborted
    /// for is still to be written.
    private static boolean isHalfWay(RolloutStatus status) {
        return status.abort() && status.abortedAt().isEmpty();
    }

    @Override
    public void forget(String uid) {
        handedOver.remove(uid);
        reminders.remove(uid);
    }
}
