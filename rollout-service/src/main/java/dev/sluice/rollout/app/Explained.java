package dev.sluice.rollout.app;

import dev.sluice.rollout.core.RolloutStatus.Why;
import java.util.List;

/// A Rollout and why it is where it is.
public record Explained(String namespace, String name, String uid, String phase, Why why) {
    /// All Rollouts that the caches know.
    public interface Board {
        List<Explained> all();
    }
}
