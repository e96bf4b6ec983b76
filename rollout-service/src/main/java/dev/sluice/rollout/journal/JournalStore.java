package dev.sluice.rollout.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.events.EventCodec;
import dev.sluice.events.EventType;
import dev.sluice.events.SyncEvent.SyncCompleted;
import dev.sluice.rollout.journal.ReleaseView.History;
import dev.sluice.rollout.journal.ReleaseView.Page;
import dev.sluice.rollout.journal.ReleaseView.TimelineView;
import dev.sluice.runtime.postgres.Database;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// The journal's tables, written batch by batch and read for the REST API.
@ApplicationScoped
class JournalStore {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int TIMELINE_LIMIT = 5_000;
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String FILTER =
            " from ReleaseRow r where (:namespace = '' or r.namespace = :namespace)"
                    + " and (:name = '' or r.workload = :name)"
                    + " and (:phase = '' or r.phase = :phase)";

    /// Of each Rollout the first sync that left its newest generation: a later one that did not
    /// touch it names another commit.
    private static final String LATEST_SYNCS =
            """
            select data from (
              select e.data, e.at, e.seq, row_number() over (
                  partition by e.uid
                  order by cast(r->>'generation' as bigint) desc, e.at, e.seq) as place
              from journal_entry e
              cross join lateral jsonb_array_elements(cast(e.data as jsonb)->'rollouts') r
              where e.uid <> '' and r->>'uid' = e.uid and e.type = '%s'
                and e.at > now() - interval '1 day') ranked
            where place = 1 order by at, seq
            """
                    .formatted(EventType.SYNC_COMPLETED.wireName());

    /// Facts that rest on conditions of the cluster have times in whole seconds, so within a second
    /// what
    /// causes stands before what follows: sync and verdict, then the release, then its traffic.
    private static final List<String> CAUSES =
            List.of("sync-service", "analysis-service", "rollout-service", "router-service");

    private static final Comparator<EntryRow> BY_TIME =
            Comparator.comparing((EntryRow entry) -> entry.at.truncatedTo(ChronoUnit.SECONDS))
                    .thenComparingInt(entry -> rank(entry.source))
                    .thenComparingLong(entry -> entry.seq)
                    .thenComparingLong(entry -> entry.id);

    private final Database database;

    JournalStore(Database database) {
        this.database = database;
    }

    /// Adds entries; those whose event is there already change nothing.
    void append(List<JournalEntry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        ArrayNode rows = JSON.createArrayNode();
        entries.forEach(entry -> rows.add(encode(entry)));
        Long _ =
                database.inTransaction(
                        PATIENCE,
                        session ->
                                session.createNativeQuery(
                                                "select journal_append(:entries)", Long.class)
                                        .setParameter("entries", rows.toString())
                                        .getSingleResult());
    }

    /// The syncs that the Rollouts are from, of the last day, oldest first.
    List<SyncCompleted> latestSyncs() {
        List<String> data =
                database.inTransaction(
                        PATIENCE,
                        session ->
                                session.createNativeQuery(LATEST_SYNCS, String.class)
                                        .getResultList());
        return data.stream().flatMap(text -> decoded(text).stream()).distinct().toList();
    }

    private static Optional<SyncCompleted> decoded(String data) {
        try {
            return Optional.of(EventCodec.mapper().readValue(data, SyncCompleted.class));
        } catch (JsonProcessingException _) {
            return Optional.empty(); // of another version
        }
    }

    Page page(String namespace, String name, String phase, int limit, int offset) {
        List<ReleaseRow> rows =
                database.inTransaction(
                        PATIENCE,
                        session ->
                                filtered(
                                                session,
                                                "select r"
                                                        + FILTER
                                                        + " order by r.startedAt desc, r.uid,"
                                                        + " r.attempt desc",
                                                ReleaseRow.class,
                                                namespace,
                                                name,
                                                phase)
                                        .setMaxResults(limit)
                                        .setFirstResult(offset)
                                        .getResultList());
        long total =
                database.inTransaction(
                        PATIENCE,
                        session ->
                                filtered(
                                                session,
                                                "select count(*)" + FILTER,
                                                Long.class,
                                                namespace,
                                                name,
                                                phase)
                                        .getSingleResult());
        return new Page(rows.stream().map(r -> view(r, null)).toList(), total, limit, offset);
    }

    /// All attempts of a Rollout, or the one asked for; empty if the journal knows none.
    Optional<History> history(String uid, OptionalLong attempt) {
        List<ReleaseRow> releases =
                database.inTransaction(
                        PATIENCE,
                        session ->
                                session.createSelectionQuery(
                                                "from ReleaseRow where uid = :uid order by attempt"
                                                        + " desc",
                                                ReleaseRow.class)
                                        .setParameter("uid", uid)
                                        .getResultList());
        List<ReleaseRow> wanted =
                releases.stream()
                        .filter(r -> attempt.isEmpty() || r.attempt == attempt.getAsLong())
                        .toList();
        if (wanted.isEmpty()) {
            return Optional.empty();
        }
        List<EntryRow> entries =
                database.inTransaction(
                        PATIENCE,
                        session ->
                                session.createSelectionQuery(
                                                "from EntryRow e where e.uid = :uid or (e.uid = ''"
                                                        + " and exists (select 1 from ReleaseRow r"
                                                        + " where r.uid = :uid and r.application ="
                                                        + " e.application and r.commit = e.commit))"
                                                        + " order by e.at, e.seq, e.id",
                                                EntryRow.class)
                                        .setParameter("uid", uid)
                                        .setMaxResults(TIMELINE_LIMIT)
                                        .getResultList());
        List<ReleaseView> views =
                wanted.stream().map(r -> view(r, timeline(r, entries, releases))).toList();
        return Optional.of(new History(uid, views));
    }

    private static List<TimelineView> timeline(
            ReleaseRow release, List<EntryRow> entries, List<ReleaseRow> releases) {
        return entries.stream()
                .filter(entry -> attemptOf(entry, releases) == release.attempt)
                .sorted(BY_TIME)
                .map(JournalStore::line)
                .toList();
    }

    private static int rank(String source) {
        int rank = CAUSES.indexOf(source.substring(source.lastIndexOf('/') + 1));
        return rank < 0 ? CAUSES.size() : rank;
    }

    /// An entry without attempt belongs to the newest attempt that released its commit, else to the
    /// one that was running at the time.
    private static long attemptOf(EntryRow entry, List<ReleaseRow> releases) {
        if (entry.attempt > 0) {
            return entry.attempt;
        }
        return releases.stream()
                .filter(r -> !entry.commit.isEmpty() && entry.commit.equals(r.commit))
                .max(Comparator.comparingLong(r -> r.attempt))
                .or(
                        () ->
                                releases.stream()
                                        .filter(r -> !r.startedAt.isAfter(entry.at))
                                        .max(Comparator.comparingLong(r -> r.attempt)))
                .map(r -> r.attempt)
                .orElse(1L);
    }

    private static <T> Mutiny.SelectionQuery<T> filtered(
            Mutiny.Session session,
            String query,
            Class<T> type,
            String namespace,
            String name,
            String phase) {
        return session.createSelectionQuery(query, type)
                .setParameter("namespace", namespace)
                .setParameter("name", name)
                .setParameter("phase", phase);
    }

    private static ReleaseView view(ReleaseRow row, @Nullable List<TimelineView> timeline) {
        return new ReleaseView(
                row.uid,
                row.attempt,
                row.cluster,
                row.namespace,
                row.workload,
                row.strategy,
                row.fromHash,
                row.toHash,
                row.images,
                row.repository,
                row.commit,
                row.application,
                row.actor,
                row.phase,
                row.reason,
                row.startedAt,
                row.finishedAt,
                timeline);
    }

    private static TimelineView line(EntryRow row) {
        return new TimelineView(
                row.at,
                row.seq,
                row.type,
                row.source,
                row.eventId,
                row.summary,
                row.actor,
                parse(row.data));
    }

    private static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return JSON.getNodeFactory().textNode(text);
        }
    }

    private static ObjectNode encode(JournalEntry entry) {
        ObjectNode row = JSON.createObjectNode();
        row.put("source", entry.source()).put("eventId", entry.eventId());
        row.put("uid", entry.uid()).put("attempt", entry.attempt());
        row.put("application", entry.application()).put("commit", entry.commit());
        row.put("type", entry.type()).put("at", entry.at().toString());
        row.put("sequence", entry.sequence()).put("summary", entry.summary());
        row.put("actor", entry.actor()).put("data", entry.data());
        entry.release()
                .ifPresent(
                        r -> {
                            ObjectNode fold = row.putObject("release");
                            fold.put("cluster", r.cluster()).put("namespace", r.namespace());
                            fold.put("workload", r.workload()).put("toHash", r.toHash());
                            fold.put("images", r.images());
                            r.strategy().ifPresent(v -> fold.put("strategy", v));
                            r.fromHash().ifPresent(v -> fold.put("fromHash", v));
                            r.repository().ifPresent(v -> fold.put("repository", v));
                            r.commit().ifPresent(v -> fold.put("commit", v));
                            r.application().ifPresent(v -> fold.put("application", v));
                            r.actor().ifPresent(v -> fold.put("actor", v));
                            r.phase().ifPresent(v -> fold.put("phase", v));
                            r.reason().ifPresent(v -> fold.put("reason", v));
                        });
        return row;
    }
}
