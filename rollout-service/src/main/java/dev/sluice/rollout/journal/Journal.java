package dev.sluice.rollout.journal;

import dev.sluice.events.Event;
import dev.sluice.events.Topic;
import dev.sluice.rollout.RolloutMessages;
import dev.sluice.rollout.app.Origins;
import dev.sluice.runtime.EventStream;
import dev.sluice.runtime.StreamOptions;
import dev.sluice.runtime.outbox.StoreUnavailableException;
import dev.sluice.runtime.postgres.StatementRefusedException;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;

/// Reads all topics into the journal. While PostgreSQL is down the stream waits; Kafka keeps the
/// events.
@ApplicationScoped
class Journal {

    /// Consumer group; each event is written once, whichever replica reads it.
    static final String GROUP = "sluice-journal";

    private static final int RECALLS = 30;
    private static final Duration RECALL_PAUSE = Duration.ofSeconds(2);

    private final EventStream stream;
    private final JournalStore store;
    private final Origins origins;

    Journal(EventStream stream, JournalStore store, Origins origins) {
        this.stream = stream;
        this.store = store;
        this.origins = origins;
    }

    void start(@Observes StartupEvent event) {
        var _ =
                stream.subscribeBatches(
                        StreamOptions.stored(GROUP, List.of(Topic.values())), this::write);
        var _ = Thread.ofVirtual().name("journal-recall").start(this::recall);
    }

    /// Gives back, after a restart, from which commits the Rollouts came that may still be about to
    /// start their release. Without PostgreSQL it is given up after a minute.
    private void recall() {
        for (int attempt = 0; attempt < RECALLS; attempt++) {
            try {
                store.latestSyncs().forEach(origins::remember);
                return;
            } catch (StoreUnavailableException | StatementRefusedException e) {
                RolloutMessages.LOG.debugf(e, "The journal can't be read yet");
            }
            try {
                Thread.sleep(RECALL_PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    void write(List<Event> events) {
        store.append(events.stream().flatMap(e -> Journaling.of(e).stream()).toList());
    }
}
