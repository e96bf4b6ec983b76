package dev.sluice.runtime;

import dev.sluice.events.Event;
import java.util.List;

/// Takes all events of one poll at once, in order per key; for consumers that store them.
///
/// Errors are treated as for [EventHandler]; a batch that fails for good is handed over again one
/// event at a time, so that only the poisonous one is set aside.
@FunctionalInterface
public interface BatchHandler {

    /// Handles the events of one poll.
    void handle(List<Event> events);
}
