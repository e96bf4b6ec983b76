package dev.sluice.runtime.outbox;

import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/// Reads back what is on the topics, to find out whether a send whose outcome is unknown took
/// effect.
public interface LogTail {

    /// Identities among those of `facts` that are on their topics at or after `since`; empty if the
    /// broker does not answer.
    Optional<Set<String>> present(Collection<Fact> facts, Instant since);
}
