package dev.sluice.runtime.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.runtime.outbox.Fact;
import dev.sluice.runtime.outbox.OutboxStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/// The outbox table.
@ApplicationScoped
class PostgresOutbox implements OutboxStore {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final TypeReference<LinkedHashMap<String, String>> HEADERS =
            new TypeReference<>() {};
    private static final Duration SWEEP_PATIENCE = Duration.ofSeconds(5);

    private record Append(String owner, List<Fact> facts) {}

    private final Database database;
    private final Together<Append, List<Appended>> appends = new Together<>(this::appendAll);
    private final InstantSource clock = InstantSource.system();

    PostgresOutbox(Database database) {
        this.database = database;
    }

    @Override
    public List<Appended> append(String owner, List<Fact> facts) {
        return appends.add(new Append(owner, facts));
    }

    /// What several callers want appended, in one transaction for each owner.
    private List<List<Appended>> appendAll(List<Append> wanted) {
        Map<String, List<Fact>> byOwner = new LinkedHashMap<>();
        for (Append one : wanted) {
            byOwner.computeIfAbsent(one.owner(), _ -> new ArrayList<>()).addAll(one.facts());
        }
        Map<String, Appended> added = new HashMap<>();
        byOwner.forEach(
                (owner, facts) ->
                        appendNow(owner, facts).forEach(row -> added.put(row.identity(), row)));
        return wanted.stream()
                .map(
                        one ->
                                one.facts().stream()
                                        .map(fact -> added.remove(fact.identity()))
                                        .filter(Objects::nonNull)
                                        .toList())
                .toList();
    }

    private List<Appended> appendNow(String owner, List<Fact> facts) {
        ArrayNode rows = JSON.createArrayNode();
        facts.forEach(fact -> rows.add(encode(fact)));
        return database
                .inTransaction(
                        session ->
                                session.createNativeQuery(
                                                "select fact, row_id, row_seq, sendable from"
                                                        + " outbox_append(:owner, :facts)",
                                                Object[].class)
                                        .setParameter("owner", owner)
                                        .setParameter("facts", rows.toString())
                                        .getResultList())
                .stream()
                .map(
                        row ->
                                new Appended(
                                        (String) row[0],
                                        ((Number) row[1]).longValue(),
                                        ((Number) row[2]).longValue(),
                                        (Boolean) row[3]))
                .toList();
    }

    @Override
    public void appendPublished(List<Published> facts) {
        ArrayNode rows = JSON.createArrayNode();
        facts.forEach(p -> rows.add(encode(p.fact()).put("sequence", p.sequence())));
        var _ =
                database.inTransaction(
                        SWEEP_PATIENCE,
                        session ->
                                session.createNativeQuery(
                                                "select outbox_append_published(:facts)",
                                                Long.class)
                                        .setParameter("facts", rows.toString())
                                        .getSingleResult());
    }

    @Override
    public void markPublished(List<Long> rows) {
        var _ =
                database.inTransaction(
                        SWEEP_PATIENCE,
                        session ->
                                session.createMutationQuery(
                                                "update OutboxRow set publishedAt = :now where id"
                                                        + " in :ids")
                                        .setParameter("now", clock.instant())
                                        .setParameter("ids", rows)
                                        .executeUpdate());
    }

    @Override
    public void release(List<Long> rows) {
        var _ =
                database.inTransaction(
                        SWEEP_PATIENCE,
                        session ->
                                session.createNativeQuery(
                                                "update outbox set lease_until = '-infinity' where"
                                                        + " id in (:ids)")
                                        .setParameter("ids", rows)
                                        .executeUpdate());
    }

    @Override
    public List<Leftover> claim(String owner, int limit) {
        return database
                .inTransaction(
                        SWEEP_PATIENCE,
                        session ->
                                session.createNativeQuery(
                                                "select row_id, row_seq, attempted, f_source, f_id,"
                                                        + " f_type, f_time, f_topic, f_key,"
                                                        + " f_headers, f_payload from"
                                                        + " outbox_claim(:owner, :limit)",
                                                Object[].class)
                                        .setParameter("owner", owner)
                                        .setParameter("limit", limit)
                                        .getResultList())
                .stream()
                .map(PostgresOutbox::leftover)
                .toList();
    }

    @Override
    public OptionalLong publishedAs(Fact fact) {
        return database
                .inTransaction(
                        session ->
                                session.createNativeQuery(
                                                "select seq from outbox where source = :source and"
                                                        + " event_id = :id and published_at is not"
                                                        + " null",
                                                Long.class)
                                        .setParameter("source", fact.source())
                                        .setParameter("id", fact.id())
                                        .getResultList())
                .stream()
                .mapToLong(Long::longValue)
                .findFirst();
    }

    @Override
    public long pending() {
        return database.inTransaction(
                SWEEP_PATIENCE,
                session ->
                        session.createSelectionQuery(
                                        "select count(*) from OutboxRow where publishedAt is null",
                                        Long.class)
                                .getSingleResult());
    }

    @Override
    public void prune(Duration retention) {
        Instant before = clock.instant().minus(retention);
        var _ =
                database.inTransaction(
                        SWEEP_PATIENCE,
                        session ->
                                session.createMutationQuery(
                                                "update OutboxRow set payload = '', headers = ''"
                                                        + " where publishedAt < :before and payload"
                                                        + " <> ''")
                                        .setParameter("before", before)
                                        .executeUpdate());
    }

    @Override
    public boolean isReachable() {
        return database.isReachable();
    }

    @Override
    public boolean isUp() {
        return database.isUp();
    }

    @Override
    public boolean isContacting() {
        return database.isContacting();
    }

    private static ObjectNode encode(Fact fact) {
        ObjectNode row = JSON.createObjectNode();
        row.put("source", fact.source()).put("id", fact.id()).put("type", fact.type());
        row.put("time", fact.time().toString()).put("topic", fact.topic()).put("key", fact.key());
        row.put("headers", JSON.valueToTree(fact.headers()).toString());
        row.put("payload", fact.payload());
        return row;
    }

    private static Leftover leftover(Object[] row) {
        try {
            Optional<Instant> attempted =
                    Optional.ofNullable((Number) row[2])
                            .map(n -> Instant.ofEpochMilli(n.longValue()));
            Fact fact =
                    new Fact(
                            (String) row[3],
                            (String) row[4],
                            (String) row[5],
                            Instant.ofEpochMilli(((Number) row[6]).longValue()),
                            (String) row[7],
                            (String) row[8],
                            JSON.readValue((String) row[9], HEADERS),
                            (String) row[10]);
            return new Leftover(
                    ((Number) row[0]).longValue(), ((Number) row[1]).longValue(), fact, attempted);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("headers of outbox row " + row[0] + " are not JSON", e);
        }
    }
}
