package dev.sluice.explorer.scenario;

/// One choice in a manifest, or one kind of disturbance, that a scenario may have. A new field of
/// the product becomes explored by a constant here and a line in [Manifests].
public enum Option {
    /// Weights by ingress-nginx.
    NGINX,
    /// Weights by a route of the Gateway API that nobody acknowledges.
    GATEWAY,
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
    /// Retired revisions go at once.
    NO_DELAY,
    /// Only one retired revision may wait.
    ONE_WAITS,
    /// The progress deadline aborts.
    DEADLINE_ABORTS,
    /// A step measures.
    ANALYSIS_STEP,
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
    /// At least two pods per revision.
    MIN_PODS,
    /// A rollback to the former revision takes a short cut.
    ROLLBACK_WINDOW,
    /// The stable revision shrinks with its share.
    DYNAMIC_STABLE,
    /// Weights out of 1000.
    FINE_WEIGHTS,
    /// No role Services: pods are counted, nothing is routed.
    NO_SERVICES,
    /// Five pods instead of two to four.
    FIVE,
    /// People switch between canary and blue-green.
    SWITCHES_STRATEGY,
    /// People take the router out and put it back.
    TOGGLES_ROUTER,
    /// People edit the steps while they run.
    EDITS_STEPS,
    /// An existing Service is taken over.
    ADOPTS
}
