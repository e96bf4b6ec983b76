package dev.sluice.runtime;

import dev.sluice.events.Topic;
import java.util.List;
import java.util.Set;

/// The way in for events: at least once, in order per key, both CloudEvents modes.
///
/// Types that this version does not know are skipped and counted. A record that is not an event, or
/// that its handler refuses again and again, goes to `sluice.<group>.dlq` with its origin and the
/// error, and the stream goes on. Kafka being down delays events and nothing else.
public interface EventStream {

    /// Takes events as hints: an event may be handed over again after a restart. The first such
    /// subscription of a process decides what [Ownership] calls ours.
    ///
    /// @param group consumer group without the installation's prefix, for example `sluice-router`
    default Subscription subscribe(String group, List<Topic> topics, EventHandler handler) {
        return subscribe(StreamOptions.hints(group, topics), handler);
    }

    /// Takes events one at a time.
    Subscription subscribe(StreamOptions options, EventHandler handler);

    /// Takes events poll by poll. The handler removes repetitions itself, in its own transaction.
    Subscription subscribeBatches(StreamOptions options, BatchHandler handler);

    /// A running subscription. Closed by itself when the service stops.
    interface Subscription extends AutoCloseable {

        /// Partitions of the first topic that this replica has now.
        Set<Integer> partitions();

        @Override
        void close();
    }
}
