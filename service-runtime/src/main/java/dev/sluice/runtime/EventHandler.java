package dev.sluice.runtime;

import dev.sluice.events.Event;

/// Takes one event. It records or enqueues and returns; it does not decide.
///
/// A [TryLaterException] stops the stream until the same event succeeds. Any other exception is
/// tried again a few times, then the record goes to the dead-letter topic.
@FunctionalInterface
public interface EventHandler {

    /// Handles `event`, which may come more than once unless the stream removes repetitions.
    void handle(Event event);
}
