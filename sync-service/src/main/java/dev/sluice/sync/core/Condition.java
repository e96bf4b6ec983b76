package dev.sluice.sync.core;

/// A condition of an Application. Types that end in `Error` have error severity.
public record Condition(Type type, String message) {
    /// The types that sync-service evaluates.
    public enum Type {
        ComparisonError,
        InvalidSpecError,
        SyncError,
        UnknownError,
        DeletionError,
        RepeatedResourceWarning,
        SharedResourceWarning,
        RevisionRejectedWarning,
        UnsupportedFieldWarning
    }

    private static final int LIMIT = 2000;

    public Condition {
        message = message.length() > LIMIT ? message.substring(0, LIMIT) + "…" : message;
    }
}
