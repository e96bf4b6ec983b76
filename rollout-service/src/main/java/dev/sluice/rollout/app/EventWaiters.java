package dev.sluice.rollout.app;

import java.util.List;

/// Which Rollouts have steps that wait for an event from outside.
public interface EventWaiters {
    /// The present ones, as far as the caches know.
    List<Place> waiting();

    /// Where a Rollout is found.
    record Place(String namespace, String name) {}
}
