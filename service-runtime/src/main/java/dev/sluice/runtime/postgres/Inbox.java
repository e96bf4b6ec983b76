package dev.sluice.runtime.postgres;

import dev.sluice.events.Event;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Which events a consumer has handled.
@ApplicationScoped
public class Inbox {

    private final Database database;
    private final InstantSource clock = InstantSource.system();

    Inbox(Database database) {
        this.database = database;
    }

    /// Those of `events` that `consumer` has handled, as `source|id`.
    public Set<String> handled(String consumer, Collection<Event> events) {
        List<String> ids = events.stream().map(Event::id).distinct().toList();
        return new HashSet<>(
                database.inTransaction(
                        session ->
                                session.createSelectionQuery(
                                                "select concat(i.id.source, '|', i.id.eventId) from"
                                                        + " InboxRow i where i.id.consumer = :consumer"
                                                        + " and i.id.eventId in :ids",
                                                String.class)
                                        .setParameter("consumer", consumer)
                                        .setParameter("ids", ids)
                                        .getResultList()));
    }

    /// Remembers that `consumer` has handled `event`.
    public void record(String consumer, Event event) {
        var _ =
                database.inTransaction(
                        session ->
                                session.createNativeQuery(
                                                "insert into inbox (consumer, source, event_id)"
                                                        + " values (:consumer, :source, :id) on"
                                                        + " conflict do nothing")
                                        .setParameter("consumer", consumer)
                                        .setParameter("source", event.source())
                                        .setParameter("id", event.id())
                                        .executeUpdate());
    }

    /// Forgets what was handled longer ago than `retention`.
    public void prune(Duration retention) {
        var _ =
                database.inTransaction(
                        Duration.ofSeconds(5),
                        session ->
                                session.createMutationQuery(
                                                "delete from InboxRow where handledAt < :before")
                                        .setParameter("before", clock.instant().minus(retention))
                                        .executeUpdate());
    }
}
