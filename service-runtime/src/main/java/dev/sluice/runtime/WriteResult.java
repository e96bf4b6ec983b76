package dev.sluice.runtime;

/// What became of a conditional write. Broken I/O is an exception, everything else is one of these.
public sealed interface WriteResult {

    /// Done; the object now has this version.
    record Applied(String resourceVersion) implements WriteResult {}

    /// The object is not as it was when the decision was made (or exists already): look again.
    record Conflict() implements WriteResult {}

    /// The object does not exist.
    record Missing() implements WriteResult {}

    /// The API server refuses the content, or forbids it.
    record Rejected(String reason) implements WriteResult {}

    /// Whether the write took effect.
    default boolean isApplied() {
        return this instanceof Applied;
    }
}
