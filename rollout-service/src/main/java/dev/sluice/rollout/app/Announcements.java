package dev.sluice.rollout.app;

import dev.sluice.rollout.core.RolloutStatus;

/// Makes sure that the facts which a durable status implies are published (V1).
public interface Announcements {
    /// Idempotent; costs nothing when the same facts were handed over before.
    ///
    /// @param sighting what the status was decided on
    /// @param durable a status that is stored in the cluster
    void ensure(Sighting sighting, RolloutStatus durable);

    /// The Rollout is gone.
    void forget(String uid);
}
