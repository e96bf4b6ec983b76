package dev.sluice.rollout.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.events.CiEvent;
import dev.sluice.events.Event;
import dev.sluice.rollout.core.Rollout;
import dev.sluice.rollout.core.gate.EventGates;
import dev.sluice.rollout.core.gate.GateEvent;
import java.time.InstantSource;
import java.util.Optional;

/// Records events from outside at the steps that wait for them. Each Rollout is judged on a fresh
/// read and written conditionally; an event that no step waits for changes nothing.
public final class GateDesk {
    private final EventWaiters waiters;
    private final Rollouts rollouts;
    private final Cluster cluster;
    private final Looks looks;
    private final InstantSource clock;

    public GateDesk(
            EventWaiters waiters,
            Rollouts rollouts,
            Cluster cluster,
            Looks looks,
            InstantSource clock) {
        this.waiters = waiters;
        this.rollouts = rollouts;
        this.cluster = cluster;
        this.looks = looks;
        this.clock = clock;
    }

    /// Offers one event to every Rollout that waits for any.
    public void handle(Event event, CiEvent ci) {
        GateEvent offered =
                new GateEvent(
                        event.id(),
                        event.source(),
                        ci.cdType(),
                        event.time(),
                        ci.subjectId(),
                        ci.content());
        waiters.waiting().forEach(place -> offer(place, offered));
    }

    private void offer(EventWaiters.Place place, GateEvent event) {
        rollouts.settle(place.namespace(), place.name(), seen -> record(seen, event));
    }

    /// False when the Rollout changed under our hands.
    private boolean record(Rollout seen, GateEvent event) {
        Optional<ObjectNode> patch = EventGates.record(seen, event, clock.instant());
        if (patch.isEmpty()) {
            return true;
        }
        boolean applied = cluster.writeStatus(seen.meta(), patch.get()).isApplied();
        if (applied) {
            looks.at(seen.meta().namespace(), seen.meta().name());
        }
        return applied;
    }
}
