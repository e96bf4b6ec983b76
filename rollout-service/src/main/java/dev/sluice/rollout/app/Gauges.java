package dev.sluice.rollout.app;

import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.RolloutMeta;
import dev.sluice.rollout.core.RolloutStatus;
import java.time.Instant;

/// What operators see of each Rollout. Its series die with the object (C11).
public interface Gauges {
    /// A look at a Rollout ended, in whatever way.
    void reconciled(RolloutMeta rollout, double seconds, boolean failed);

    /// The Rollout now has this status.
    void show(Sighting sighting, RolloutStatus now);

    /// A status write took the release from `before` to `after`.
    void moved(RolloutStatus before, RolloutStatus after, Instant now);

    /// A Kubernetes Event was raised.
    void noticed(RolloutMeta rollout, Notice notice);

    /// Somebody else works on the Rollout.
    void forget(String uid);

    /// The Rollout is gone; its last values can be read for a little while.
    void gone(String uid);
}
