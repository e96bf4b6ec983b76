package dev.sluice.explorer.drive;

/// A rule that is left out on the way between core and cluster, to see that its absence is found.
public enum Breakage {
    /// Nothing is left out.
    NONE,
    /// ReplicaSets get no capacity stamp.
    NO_STAMP,
    /// rollout-service sees only the present plan's shares, not what proxies may still be doing.
    NO_LIVE,
    /// router-service gives evidence as if proxies applied what is written at once.
    EARLY_EVIDENCE,
    /// router-service writes no plan id and sees no older one.
    NO_PLAN_STAMP,
    /// The API server takes every write, whatever version it was decided on.
    UNCONDITIONAL,
    /// router-service decides on capacity that it read before the Rollout.
    STALE_CAPACITY,
    /// A pass goes on after a write of it was refused.
    CARRIES_ON,
    /// What cannot be read counts as it was when it was last read.
    REMEMBERS,
    /// rollout-service takes every deadline of a revision as passed.
    NO_DEADLINES,
    /// Commands are carried out as they arrive, whatever has happened since they were sent.
    UNJUDGED,
    /// Experiments are decided on as if no route led to any of their pods.
    NO_REACH,
    /// The API server drops the field of the status that tells which spec was seen.
    PRUNED,
    /// AnalysisRuns do not tell which measurement they are.
    UNLABELLED
}
