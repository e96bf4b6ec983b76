package dev.sluice.sync.core;

/// Phases of one sync, in the order in which they run.
public enum SyncPhase {
    PreSync,
    Sync,
    PostSync,
    SyncFail
}
