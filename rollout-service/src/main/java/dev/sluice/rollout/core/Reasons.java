package dev.sluice.rollout.core;

/// Pause and condition reasons that other programs read.
public final class Reasons {
    public static final String INCONCLUSIVE = "InconclusiveAnalysisRun";
    public static final String INCONCLUSIVE_EXPERIMENT = "InconclusiveExperiment";
    public static final String CANARY_PAUSE = "CanaryPauseStep";
    public static final String BLUE_GREEN_PAUSE = "BlueGreenPause";

    private Reasons() {}
}
