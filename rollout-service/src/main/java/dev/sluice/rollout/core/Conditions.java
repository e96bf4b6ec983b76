package dev.sluice.rollout.core;

/// Condition types and reasons of a Rollout, byte for byte as users and `kubectl wait` know
/// them.
public final class Conditions {
    public static final String PROGRESSING = "Progressing";
    public static final String AVAILABLE = "Available";
    public static final String HEALTHY = "Healthy";
    public static final String COMPLETED = "Completed";
    public static final String PAUSED = "Paused";
    public static final String INVALID_SPEC = "InvalidSpec";
    public static final String REPLICA_FAILURE = "ReplicaFailure";

    public static final String TRUE = "True";
    public static final String FALSE = "False";
    public static final String UNKNOWN = "Unknown";

    public static final String ABORTED = "RolloutAborted";
    public static final String ROLLOUT_PAUSED = "RolloutPaused";
    public static final String ROLLOUT_RESUMED = "RolloutResumed";
    public static final String RETRY = "RolloutRetry";
    public static final String CREATE_ERROR = "ReplicaSetCreateError";
    public static final String DEADLINE_EXCEEDED = "ProgressDeadlineExceeded";
    public static final String FROZEN = "RolloutFrozen";

    private Conditions() {}
}
