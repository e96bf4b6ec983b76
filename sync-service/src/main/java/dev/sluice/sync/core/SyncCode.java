package dev.sluice.sync.core;

/// Sync status of an object or an application.
public enum SyncCode {
    Synced,
    OutOfSync,
    Unknown
}
