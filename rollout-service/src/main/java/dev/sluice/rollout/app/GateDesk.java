package dev.sluice.rollout.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.events.CiEvent;
import dev.sluice.events.Event;
import dev.sluice.rollout.core.ParseResult;
import dev.sluice.rollout.core.RolloutParser;
import dev.sluice.rollout.core.gate.EventGates;
import dev.sluice.rollout.core.gate.GateEvent;
import java.time.InstantSource;
import java.util.Optional;

/// Records events from outside at the steps that wait for them. Each Rollout is judged on a fresh
/// read and written conditionally; an event that no step waits for changes nothing.
public final class GateDesk {
    private static final int ATTEMPTS = 5;

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
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<JsonNode> json = rollouts.fresh(place.namespace(), place.name());
            if (json.isEmpty()
                    || !(RolloutParser.parse(json.get(), rollouts.workload(json.get()))
                            instanceof ParseResult.Valid(var seen))) {
                return;
            }
            Optional<ObjectNode> patch = EventGates.record(seen, event, clock.instant());
            if (patch.isEmpty()) {
                return;
            }
            if (cluster.writeStatus(seen.meta(), patch.get()).isApplied()) {
                looks.at(place.namespace(), place.name());
                return;
            }
        }
    }
}
