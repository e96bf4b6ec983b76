package dev.sluice.rollout.app;

import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.experiment.Experiment;

/// Kubernetes Events on an Experiment; a failure to record one never fails a reconcile.
public interface ExperimentNotices {
    /// Records an event on the Experiment.
    void record(Experiment.Meta experiment, Notice notice);

    /// Records an event on the Rollout that the Experiment belongs to, if it belongs to one.
    void recordOnRollout(Experiment.Meta experiment, Notice notice);
}
