package dev.sluice.explorer.scenario;

/// One choice in a manifest, or one kind of disturbance, that a scenario may have. A new field of
/// the product becomes explored by a constant here and a line in [Manifests].
public enum Option {
    /// Weights by ingress-nginx.
    NGINX,
    /// Weights by a route of the Gateway API that nobody acknowledges.
    GATEWAY,
    /// The two Services take turns in being the stable one.
    PING_PONG,
    /// Header and mirror routes beside the weights.
    MANAGED_ROUTES,
    /// The route's controller acknowledges, as late as it likes.
    ACKNOWLEDGED,
    /// Two whole stacks and one switch.
    BLUE_GREEN,
    /// Blue-green without a preview Service.
    NO_PREVIEW,
    /// The preview is smaller than the active stack.
    PREVIEW_COUNT,
    /// Blue-green waits for a person.
    MANUAL,
    /// Blue-green waits some seconds.
    AUTO_SECONDS,
    /// The aborted revision is never scaled down.
    ABORT_KEEPS,
    /// The aborted revision goes after two seconds.
    ABORT_QUICK,
    /// The aborted revision goes at once: a negative delay.
    ABORT_AT_ONCE,
    /// Retired revisions go at once.
    NO_DELAY,
    /// Only one retired revision may wait.
    ONE_WAITS,
    /// The progress deadline aborts.
    DEADLINE_ABORTS,
    /// A step measures.
    ANALYSIS_STEP,
    /// A step runs an Experiment beside the release, with shares of its own where a router has
    // them.
    EXPERIMENT,
    /// The Experiment lasts until it is judged, instead of some seconds.
    EXPERIMENT_JUDGED,
    /// The Experiment comes before the first weight.
    EXPERIMENT_FIRST,
    /// An analysis in the background.
    BACKGROUND,
    /// Blue-green measures before and after the switch.
    PRE_POST,
    /// Steps that size the canary explicitly.
    SCALE_STEPS,
    /// Half of the pods are enough.
    THRESHOLD,
    /// No surge, one pod may be missing.
    NO_SURGE,
    /// No pod may be missing.
    ALL_AVAILABLE,
    /// One pod more and one less are both allowed.
    LOOSE,
    /// As many pods again as there are.
    DOUBLE,
    /// At least two pods per revision.
    MIN_PODS,
    /// A rollback to the former revision takes a short cut.
    ROLLBACK_WINDOW,
    /// The stable revision shrinks with its share.
    DYNAMIC_STABLE,
    /// No steps at all.
    NO_STEPS,
    /// A step for nothing, and one for everything.
    EDGE_WEIGHTS,
    /// Weights out of 1000.
    FINE_WEIGHTS,
    /// No role Services: pods are counted, nothing is routed.
    NO_SERVICES,
    /// One pod.
    ONE,
    /// Three pods.
    THREE,
    /// Four pods.
    FOUR,
    /// Five pods.
    FIVE,
    /// People switch between canary and blue-green.
    SWITCHES_STRATEGY,
    /// People take the router out and put it back.
    TOGGLES_ROUTER,
    /// People edit the steps while they run.
    EDITS_STEPS,
    /// People stop the line and let it go on.
    FREEZES,
    /// People ask for younger pods.
    RESTARTS,
    /// The template is that of a Deployment, which keeps its pods.
    WORKLOAD_NEVER,
    /// The template is that of a Deployment, whose pods go once the Rollout's own are whole.
    WORKLOAD_ONSUCCESS,
    /// The template is that of a Deployment, whose pods go as the Rollout's own come.
    WORKLOAD_PROGRESSIVELY,
    /// A PodDisruptionBudget allows one pod to be missing.
    BUDGET
}
