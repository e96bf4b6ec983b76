package dev.sluice.rollout.app;

import java.time.Instant;
import java.util.Optional;

/// How one look at a Rollout ended, and when the next one is due without any event.
public sealed interface Outcome {
    /// The decision was carried out, or there was nothing to do.
    ///
    /// @param wrote whether anything was written, so that more may follow at once
    /// @param wakeAt when the decision may change by time alone
    record Done(boolean wrote, Optional<Instant> wakeAt) implements Outcome {}

    /// Something had changed since it was read, or was gone: nothing more was done in this
    /// pass, the next look decides again (C3, C13).
    ///
    /// @param what the write that was refused
    record Overtaken(String what) implements Outcome {}

    /// The API server refuses a write for its content; repeating it at once would not help (C8).
    ///
    /// @param what the write
    /// @param reason the API server's words
    record Refused(String what, String reason) implements Outcome {}
}
