package dev.sluice.rollout.app;

import dev.sluice.rollout.core.experiment.Experiment;

/// What operators see of each Experiment. Its series die with the object (C11).
public interface ExperimentGauges {
    /// A look at an Experiment ended, in whatever way.
    void reconciled(Experiment.Meta experiment, double seconds, boolean failed);

    /// The Experiment now is in this phase; empty for one that has none yet.
    void show(Experiment.Meta experiment, String phase);

    /// The Experiment is gone, or another replica's.
    void forget(String uid);
}
