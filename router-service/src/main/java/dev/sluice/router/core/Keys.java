package dev.sluice.router.core;

/// Labels and annotations on the cluster's objects, the originals' and ours.
public final class Keys {
    /// Label of pods and ReplicaSets, and selector key of Services: the revision.
    public static final String HASH = "rollouts-pod-template-hash";

    /// Annotation of a Service: name of the Rollout that owns its selector.
    public static final String MANAGED_BY = "argo-rollouts.argoproj.io/managed-by-rollouts";

    /// Label of custom resources: which installation works on them.
    public static final String INSTANCE = "argo-rollouts.argoproj.io/controller-instance-id";

    /// Annotation: `<rollout uid>/<plan id>` of the newest plan that the object was programmed
    /// for; a comma list where several Rollouts share the object.
    public static final String PLAN = "sluice.dev/traffic-plan";

    /// Annotation: what proxies may still apply from before the last change.
    public static final String LINGERING = "sluice.dev/traffic-lingering";

    /// Annotation: `<rollout uid>/<Service>` of each experiment's Service that was added to the
    /// object; a comma list.
    public static final String ADDITIONS = "sluice.dev/traffic-experiments";

    /// Annotation of the anchor Service: the evidence.
    public static final String EVIDENCE = "sluice.dev/traffic-evidence";

    /// Our field manager.
    public static final String FIELD_MANAGER = "sluice-router";

    private Keys() {}
}
