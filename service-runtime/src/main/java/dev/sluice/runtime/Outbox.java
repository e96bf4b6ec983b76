package dev.sluice.runtime;

import dev.sluice.events.Event;
import java.util.List;

/// The way out for facts. A reconcile hands over all facts that the durable state implies, each
/// time; what is already known costs nothing.
///
/// Promise: a fact handed over once reaches its topic exactly once and in order of its key,
/// whatever crashes in between, as long as PostgreSQL is reachable when it is handed over. With
/// PostgreSQL down it is published at once and remembered; with Kafka down it waits in PostgreSQL;
/// with both down it waits in memory, and a crash then leaves it to the next look at the state that
/// implies it.
public interface Outbox {

    /// Makes sure that every fact is, or will be, on its topic. Idempotent by source and id. Facts
    /// of one key are published in the order given. Takes at most two seconds and never throws for
    /// a dependency that is down.
    void ensure(List<Event> facts);

    /// Sends a fact that is on its topic already once more, under the same id and time, because its
    /// effect has not been seen. Consumers that fold events drop the repetition; those that take
    /// events as hints look again. Does nothing while the bus does not accept, or while something
    /// of the same key is still under way. Never blocks longer than [#ensure] and never throws for
    /// a dependency that is down. Counted in `sluice_outbox_repeated_total{type,outcome}`.
    default void announceAgain(Event fact) {
        ensure(List.of(fact));
    }

    /// False while neither PostgreSQL nor Kafka takes facts, or too many wait in memory. A release
    /// should then not move on ("blocked: event bus"); abort and capacity repair go on regardless.
    boolean accepting();
}
