package dev.sluice.rollout.journal;

import dev.sluice.events.Event;
import dev.sluice.events.Topic;
import dev.sluice.runtime.EventStream;
import dev.sluice.runtime.StreamOptions;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;

/// Reads all topics into the journal. While PostgreSQL is down the stream waits; Kafka keeps the
/// events.
@ApplicationScoped
class Journal {

    /// Consumer group; each event is written once, whichever replica reads it.
    static final String GROUP = "sluice-journal";

    private final EventStream stream;
    private final JournalStore store;

    Journal(EventStream stream, JournalStore store) {
        this.stream = stream;
        this.store = store;
    }

    void start(@Observes StartupEvent event) {
        var _ =
                stream.subscribeBatches(
                        StreamOptions.stored(GROUP, List.of(Topic.values())), this::write);
    }

    void write(List<Event> events) {
        store.append(events.stream().flatMap(e -> Journaling.of(e).stream()).toList());
    }
}
