package dev.sluice.rollout.journal;

import java.time.Instant;
import java.util.Optional;

/// One line of a timeline, from one event.
///
/// @param uid uid of the Rollout, empty for a sync that names none
/// @param attempt 0 where the event does not know it: the line then belongs to the attempt that was
///     running at the time
/// @param application `namespace/name`, empty where unknown
/// @param release what the event says of the release as a whole
record JournalEntry(
        String source,
        String eventId,
        String uid,
        long attempt,
        String application,
        String commit,
        String type,
        Instant at,
        long sequence,
        String summary,
        String actor,
        String data,
        Optional<ReleaseFold> release) {

    /// What an event says of its release.
    ///
    /// @param phase absent where the event leaves it as it was
    record ReleaseFold(
            String cluster,
            String namespace,
            String workload,
            Optional<String> strategy,
            Optional<String> fromHash,
            String toHash,
            String images,
            Optional<String> repository,
            Optional<String> commit,
            Optional<String> application,
            Optional<String> actor,
            Optional<String> phase,
            Optional<String> reason) {}
}
