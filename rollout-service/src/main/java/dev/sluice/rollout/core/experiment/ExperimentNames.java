package dev.sluice.rollout.core.experiment;

/// Annotations of ReplicaSets and Services that lead back to their Experiment.
public final class ExperimentNames {
    public static final String KIND = "Experiment";
    public static final String NAME = "experiment.argoproj.io/name";
    public static final String TEMPLATE = "experiment.argoproj.io/template-name";

    private ExperimentNames() {}
}
