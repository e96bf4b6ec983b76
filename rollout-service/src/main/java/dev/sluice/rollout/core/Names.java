package dev.sluice.rollout.core;

import org.jspecify.annotations.Nullable;

/// Labels, annotations and Kubernetes names that users, the kubectl plugin and the other
/// services rely on.
public final class Names {
    public static final String API_VERSION = "argoproj.io/v1alpha1";
    public static final String HASH = "rollouts-pod-template-hash";
    public static final String REVISION = "rollout.argoproj.io/revision";
    public static final String REVISION_HISTORY = "rollout.argoproj.io/revision-history";
    public static final String DESIRED_REPLICAS = "rollout.argoproj.io/desired-replicas";
    public static final String WORKLOAD_GENERATION = "rollout.argoproj.io/workload-generation";
    public static final String EPHEMERAL_METADATA = "rollout.argoproj.io/ephemeral-metadata";
    public static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
    public static final String NOTIFIED = "notified.notifications.argoproj.io";
    public static final String SCALE_DOWN_DEADLINE = "scale-down-deadline";
    public static final String MANAGED_BY = "argo-rollouts.argoproj.io/managed-by-rollouts";
    public static final String INSTANCE_ID = "argo-rollouts.argoproj.io/controller-instance-id";
    public static final String ROLLOUT_TYPE = "rollout-type";
    public static final String STEP_INDEX = "step-index";
    public static final String KEEP = "sluice.dev/keep";
    public static final String KEEP_PLAN = "sluice.dev/keep-plan";
    /// The ReplicaSets that gave up their last pods because this one has some, and their versions.
    public static final String RELIED_ON = "sluice.dev/relied-on";
    /// What is still to be written to the pods of a ReplicaSet, as a merge patch of their metadata.
    public static final String POD_METADATA = "sluice.dev/pod-metadata";

    /// Which of its kind an AnalysisRun, or the Experiment of a step, is: attempt, number, steps.
    public static final String MEASUREMENT = "sluice.dev/measurement";

    public static final String TRAFFIC_EVIDENCE = "sluice.dev/traffic-evidence";

    private Names() {}

    /// A decimal annotation, 0 when missing or not a number.
    public static long number(@Nullable String text) {
        if (text == null || text.isEmpty() || text.length() > 18) {
            return 0;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return 0;
            }
        }
        return Long.parseLong(text);
    }
}
