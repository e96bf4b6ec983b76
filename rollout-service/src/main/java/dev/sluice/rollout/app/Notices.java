package dev.sluice.rollout.app;

import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.RolloutMeta;

/// Kubernetes Events on a Rollout, for people and for tools that compare their order.
public interface Notices {
    /// Records one event; a failure to do so never fails a reconcile.
    void record(RolloutMeta rollout, Notice notice);
}
