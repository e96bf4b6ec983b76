package dev.sluice.rollout.journal;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One attempt of a release as the REST API shows it.
///
/// @param phase `Progressing`, `Paused`, `Blocked`, `Completed` or `Aborted`
/// @param timeline only where one release is asked for; in order of time, then sequence
@JsonInclude(JsonInclude.Include.NON_NULL)
record ReleaseView(
        String uid,
        long attempt,
        String cluster,
        String namespace,
        String name,
        @Nullable String strategy,
        @Nullable String fromHash,
        @Nullable String toHash,
        @Nullable String images,
        @Nullable String repository,
        @Nullable String commit,
        @Nullable String application,
        @Nullable String actor,
        String phase,
        @Nullable String reason,
        Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable List<TimelineView> timeline) {

    /// One line of a timeline.
    ///
    /// @param data the event's body
    record TimelineView(
            Instant at,
            long sequence,
            String type,
            String source,
            String eventId,
            String summary,
            String actor,
            JsonNode data) {}

    /// Some of the releases, newest first.
    ///
    /// @param total how many match
    record Page(List<ReleaseView> items, long total, int limit, int offset) {}

    /// All attempts of one Rollout, newest first.
    record History(String uid, List<ReleaseView> attempts) {}
}
