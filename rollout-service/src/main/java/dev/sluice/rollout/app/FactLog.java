package dev.sluice.rollout.app;

import dev.sluice.events.Event;
import dev.sluice.rollout.core.Facts;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.runtime.Outbox;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// Hands the facts of each status to the outbox, and remembers per live Rollout which ones it has
/// taken, so that a look that changes nothing costs nothing.
public final class FactLog implements Announcements {
    private final Outbox outbox;
    private final Signature signature;
    private final Map<String, Set<String>> handedOver = new ConcurrentHashMap<>();

    public FactLog(Outbox outbox, Signature signature) {
        this.outbox = outbox;
        this.signature = signature;
    }

    @Override
    public void ensure(Sighting sighting, RolloutStatus durable) {
        if (!(sighting instanceof Sighting.Whole(var seen)) || isHalfWay(durable)) {
            return;
        }
        List<Event> facts =
                Facts.of(seen.rollout(), durable, signature.cluster(), signature.source());
        String uid = sighting.meta().uid();
        Set<String> known = handedOver.getOrDefault(uid, Set.of());
        List<Event> news = facts.stream().filter(fact -> !known.contains(fact.id())).toList();
        if (news.isEmpty()) {
            return;
        }
        outbox.ensure(news);
        if (outbox.accepting()) {
            handedOver.put(
                    uid, facts.stream().map(Event::id).collect(Collectors.toUnmodifiableSet()));
        }
    }

    /// A person has asked for the abort and no decision has answered yet: what it was aborted
    /// for is still to be written.
    private static boolean isHalfWay(RolloutStatus status) {
        return status.abort() && status.abortedAt().isEmpty();
    }

    @Override
    public void forget(String uid) {
        handedOver.remove(uid);
    }
}
