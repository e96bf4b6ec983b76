package dev.sluice.runtime;

import dev.sluice.events.EventType;
import dev.sluice.events.Topic;
import java.util.List;
import java.util.Set;

/// How to read topics.
///
/// @param group consumer group without the installation's prefix
/// @param topics what to read
/// @param dedupe whether an event whose (source, id) this group has handled is dropped, remembered
///     in the inbox table; without it repetitions are dropped only as far as memory reaches
/// @param owning whether this subscription's partitions decide what [Ownership] calls ours
/// @param fromStart whether a new group begins with the oldest event, not with the next one
/// @param parking whether an event that was set aside takes all later ones of its key with it, so
///     that a consumer which folds events never folds one over a hole
/// @param types what is handed over; records of other types are not even decoded. Empty: all
public record StreamOptions(
        String group,
        List<Topic> topics,
        boolean dedupe,
        boolean owning,
        boolean fromStart,
        boolean parking,
        Set<EventType> types) {

    public StreamOptions {
        topics = List.copyOf(topics);
        types = Set.copyOf(types);
        if (group.isBlank()) {
            throw new IllegalArgumentException("a consumer group must have a name");
        }
        if (topics.isEmpty()) {
            throw new IllegalArgumentException("group " + group + " subscribes to no topic");
        }
    }

    /// Without parking.
    public StreamOptions(
            String group, List<Topic> topics, boolean dedupe, boolean owning, boolean fromStart) {
        this(group, topics, dedupe, owning, fromStart, false, Set.of());
    }

    /// Events as hints to look at the cluster.
    public static StreamOptions hints(String group, List<Topic> topics) {
        return new StreamOptions(group, topics, false, true, true, false, Set.of());
    }

    /// Events that take effect once.
    public static StreamOptions once(String group, List<Topic> topics) {
        return new StreamOptions(group, topics, true, false, true, false, Set.of());
    }

    /// Events for a store that removes repetitions itself.
    public static StreamOptions stored(String group, List<Topic> topics) {
        return new StreamOptions(group, topics, false, false, true, true, Set.of());
    }

    /// The same, of these types only.
    public StreamOptions only(EventType... wanted) {
        return new StreamOptions(group, topics, dedupe, owning, fromStart, parking, Set.of(wanted));
    }
}
