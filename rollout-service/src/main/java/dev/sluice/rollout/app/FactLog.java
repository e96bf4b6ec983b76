package dev.sluice.rollout.app;

import dev.sluice.events.Event;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.runtime.Outbox;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// Hands the facts of each status to the outbox, and remembers per live Rollout which ones it has
/// taken, so that a look that changes nothing costs nothing.
public final class FactLog implements Facts {
    private final ReleaseFacts derive;
    private final Outbox outbox;
    private final InstantSource clock;
    private final Map<String, Set<String>> handedOver = new ConcurrentHashMap<>();

    public FactLog(ReleaseFacts derive, Outbox outbox, InstantSource clock) {
        this.derive = derive;
        this.outbox = outbox;
        this.clock = clock;
    }

    @Override
    public void ensure(Sighting sighting, RolloutStatus durable) {
        if (!(sighting instanceof Sighting.Whole(var seen))) {
            return; // its steps can't be named; the facts follow once the spec is corrected
        }
        List<Event> facts = derive.of(seen, durable, clock.instant());
        String uid = sighting.meta().uid();
        Set<String> known = handedOver.getOrDefault(uid, Set.of());
        List<Event> news = facts.stream().filter(fact -> !known.contains(fact.id())).toList();
        if (news.isEmpty()) {
            return;
        }
        outbox.ensure(news);
        if (outbox.accepting()) {
            Set<String> current = facts.stream().map(Event::id).collect(Collectors.toSet());
            handedOver.put(uid, new HashSet<>(current));
        }
    }

    @Override
    public void forget(String uid) {
        handedOver.remove(uid);
    }
}
