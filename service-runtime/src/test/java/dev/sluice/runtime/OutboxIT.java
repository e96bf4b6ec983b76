package dev.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.events.Event;
import dev.sluice.events.EventCodec;
import dev.sluice.events.ReleaseContext;
import dev.sluice.events.RevisionRef;
import dev.sluice.events.RolloutEvent;
import dev.sluice.events.StepRef;
import dev.sluice.events.Topic;
import dev.sluice.events.WorkloadRef;
import dev.sluice.runtime.outbox.LogTail;
import dev.sluice.runtime.outbox.OutboxStore;
import dev.sluice.runtime.outbox.Publisher;
import dev.sluice.runtime.outbox.Relay;
import dev.sluice.runtime.postgres.Database;
import io.kroxylicious.testing.kafka.api.KafkaCluster;
import io.kroxylicious.testing.kafka.api.TerminationStyle;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(RealParts.class)
class OutboxIT {

    private static final Duration LONG = Duration.ofSeconds(60);

    @Inject Outbox outbox;
    @Inject OutboxStore store;
    @Inject Publisher publisher;
    @Inject LogTail tail;
    @Inject RuntimeConfig config;
    @Inject EventStream stream;
    @Inject Database database;

    @Test
    void publishesEachFactOnceInOrderHoweverOftenItIsEnsured() {
        // Given
        String key = UUID.randomUUID().toString();
        List<Event> facts = facts(key, 20);

        // When
        for (int i = 1; i <= facts.size(); i++) {
            outbox.ensure(facts.subList(0, i));
        }
        outbox.ensure(facts);

        // Then
        await().ignoreExceptions()
                .atMost(LONG)
                .untilAsserted(() -> assertThat(ids(key)).isEqualTo(idsOf(facts)));
        assertThat(sequences(key))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 20).mapToObj(Integer::toString).toList());
    }

    @Test
    void goesOnWithoutPostgresAndRemembersWhatItPublished() {
        // Given
        String key = UUID.randomUUID().toString();
        List<Event> facts = facts(key, 3);
        outbox.ensure(facts.subList(0, 1));
        await().ignoreExceptions()
                .atMost(LONG)
                .untilAsserted(() -> assertThat(ids(key)).hasSize(1));

        // When
        cable().pull();
        outbox.ensure(facts.subList(0, 2));
        await().ignoreExceptions()
                .atMost(LONG)
                .untilAsserted(() -> assertThat(ids(key)).hasSize(2));
        boolean accepting = outbox.accepting();
        cable().plug();

        // Then
        assertThat(accepting).isTrue();
        await().ignoreExceptions()
                .atMost(LONG)
                .untilAsserted(() -> assertThat(publishedRows(key)).isEqualTo(2));
        outbox.ensure(facts);
        await().ignoreExceptions()
                .atMost(LONG)
                .untilAsserted(() -> assertThat(ids(key)).isEqualTo(idsOf(facts)));
        assertThat(sequences(key)).containsExactly("1", "2", "3");
    }

    @Test
    void keepsFactsWhileKafkaIsDownAndPublishesThemInOrderWhenItReturns() {
        // Given
        String key = UUID.randomUUID().toString();
        List<Event> facts = facts(key, 5);
        outbox.ensure(facts.subList(0, 1));
        await().ignoreExceptions()
                .atMost(LONG)
                .untilAsserted(() -> assertThat(ids(key)).hasSize(1));

        // When
        kafka().stopNodes(_ -> true, TerminationStyle.ABRUPT);
        outbox.ensure(facts.subList(0, 3));
        outbox.ensure(facts);
        kafka().startNodes(_ -> true);

        // Then
        await().ignoreExceptions()
                .atMost(LONG)
                .untilAsserted(() -> assertThat(ids(key)).isEqualTo(idsOf(facts)));
        await().ignoreExceptions()
                .atMost(LONG)
                .untilAsserted(() -> assertThat(publishedRows(key)).isEqualTo(5));
        assertThat(ids(key)).isEqualTo(idsOf(facts));
    }

    @Test
    void doesNotPublishAgainAfterCrashBetweenPublishingAndMarking() {
        // Given
        String key = UUID.randomUUID().toString();
        List<Event> facts = facts(key, 2);
        outbox.ensure(facts);
        await().ignoreExceptions()
                .atMost(LONG)
                .untilAsserted(() -> assertThat(publishedRows(key)).isEqualTo(2));

        // When
        sql(
                "update outbox set published_at = null, lease_until = '-infinity' where key = '"
                        + key
                        + "'");

        // Then
        await().ignoreExceptions()
                .atMost(LONG)
                .untilAsserted(() -> assertThat(publishedRows(key)).isEqualTo(2));
        assertThat(ids(key)).isEqualTo(idsOf(facts));
    }

    @Test
    void publishesLeftoversOnceThoughTwoReplicasSweep() {
        // Given
        String key = UUID.randomUUID().toString();
        List<Event> facts = facts(key, 50);
        Relay dead = relay("dead-" + key, "");
        Relay first = relay("first-" + key, "");
        Relay second = relay("second-" + key, "");
        first.start();
        second.start();

        // When
        dead.ensure(facts);
        first.ensure(facts);
        second.ensure(facts);
        outbox.ensure(facts);

        // Then
        await().ignoreExceptions()
                .atMost(LONG)
                .untilAsserted(() -> assertThat(publishedRows(key)).isEqualTo(50));
        assertThat(ids(key)).isEqualTo(idsOf(facts));
        first.stop();
        second.stop();
        dead.stop();
    }

    @Test
    void setsPoisonAsideAndGoesOn() {
        // Given
        String key = UUID.randomUUID().toString();
        List<String> handled = new CopyOnWriteArrayList<>();
        Event good = facts(key, 1).getFirst();
        Map<String, Object> settings = client();
        try (var producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            var _ =
                    producer.send(
                            new ProducerRecord<>(
                                    Topic.ROLLOUT.wireName(), bytes(key), bytes("no event")));
            producer.flush();
        }

        // When
        try (var _ =
                stream.subscribe(
                        StreamOptions.once("sluice-" + key, List.of(Topic.ROLLOUT)),
                        event -> handled.add(event.id()))) {
            outbox.ensure(List.of(good));

            // Then
            await().ignoreExceptions()
                    .atMost(LONG)
                    .untilAsserted(() -> assertThat(handled).contains(good.id()));
            await().ignoreExceptions()
                    .atMost(LONG)
                    .untilAsserted(
                            () ->
                                    assertThat(read("sluice." + key + ".dlq"))
                                            .extracting(r -> header(r, "sluice_dlq_topic"))
                                            .contains(Topic.ROLLOUT.wireName()));
        }
    }

    @Test
    void handlesARepeatedEventOnceAlsoAfterARestartFromTheBeginning() {
        // Given
        String key = UUID.randomUUID().toString();
        Event fact = facts(key, 1).getFirst();
        List<String> handled = new CopyOnWriteArrayList<>();
        outbox.ensure(List.of(fact));
        Map<String, String> headers = EventCodec.headers(fact);
        StreamOptions options = StreamOptions.once("sluice-x" + key, List.of(Topic.ROLLOUT));
        var first = stream.subscribe(options, event -> handled.add(event.id()));
        await().ignoreExceptions()
                .atMost(LONG)
                .untilAsserted(() -> assertThat(handled).contains(fact.id()));
        first.close();

        // When
        var _ =
                publisher
                        .publish(Topic.ROLLOUT.wireName(), key, headers, EventCodec.body(fact))
                        .toCompletableFuture()
                        .join();
        Event next = facts(key, 2).getLast();
        outbox.ensure(List.of(next));
        try (var _ = stream.subscribe(options, event -> handled.add(event.id()))) {

            // Then
            await().ignoreExceptions()
                    .atMost(LONG)
                    .untilAsserted(() -> assertThat(handled).contains(next.id()));
            assertThat(handled).containsOnlyOnce(fact.id());
        }
    }

    @Test
    void announcesAPublishedFactAgainUnderTheSameIdAndPlace() {
        // Given
        String key = UUID.randomUUID().toString();
        List<Event> facts = facts(key, 2);
        outbox.ensure(facts);
        await().ignoreExceptions()
                .atMost(LONG)
                .untilAsserted(() -> assertThat(publishedRows(key)).isEqualTo(2));

        // When
        await().atMost(LONG)
                .until(
                        () -> {
                            outbox.announceAgain(facts.getFirst());
                            return ids(key).size() > 2;
                        });

        // Then
        assertThat(ids(key).subList(0, 3))
                .containsExactly(facts.get(0).id(), facts.get(1).id(), facts.get(0).id());
        assertThat(sequences(key).subList(0, 3)).containsExactly("1", "2", "1");
        assertThat(publishedRows(key)).isEqualTo(2);
    }

    @Test
    void parksLaterEventsOfAKeyWhoseEventWasSetAsideAndNoOthers() {
        // Given
        String poisoned = UUID.randomUUID().toString();
        String other = UUID.randomUUID().toString();
        List<Event> bad = facts(poisoned, 3);
        List<Event> good = facts(other, 2);
        List<String> handled = new CopyOnWriteArrayList<>();
        String refused = bad.getFirst().id();

        // When
        try (var _ =
                stream.subscribe(
                        StreamOptions.stored("sluice-p" + poisoned, List.of(Topic.ROLLOUT)),
                        event -> {
                            if (event.id().equals(refused)) {
                                throw new IllegalArgumentException("refused for good");
                            }
                            handled.add(event.id());
                        })) {
            outbox.ensure(bad);
            outbox.ensure(good);

            // Then
            await().ignoreExceptions()
                    .atMost(LONG)
                    .untilAsserted(
                            () ->
                                    assertThat(read("sluice.p" + poisoned + ".dlq"))
                                            .extracting(r -> header(r, "ce_id"))
                                            .containsSubsequence(idsOf(bad)));
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(handled).containsSubsequence(idsOf(good)));
            assertThat(handled).doesNotContainAnyElementsOf(idsOf(bad));
        }
    }

    private Relay relay(String owner, String prefix) {
        return new Relay(
                owner,
                prefix,
                config.outbox(),
                store,
                publisher,
                tail,
                new SimpleMeterRegistry(),
                InstantSource.system());
    }

    private static List<Event> facts(String key, int count) {
        ReleaseContext release =
                new ReleaseContext(
                        new WorkloadRef("here", "shop", "Rollout", "checkout", key),
                        1,
                        Optional.empty(),
                        new RevisionRef("abc", List.of("checkout:2")),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        return IntStream.range(0, count)
                .mapToObj(
                        i ->
                                Event.fact(
                                        key + "/1/step/" + i,
                                        "/sluice/test/rollout-service",
                                        Instant.now(),
                                        key,
                                        new RolloutEvent.StepReached(
                                                release,
                                                new StepRef(i, count, "setWeight: " + i),
                                                Optional.empty())))
                .toList();
    }

    private static List<String> idsOf(List<Event> facts) {
        return facts.stream().map(Event::id).toList();
    }

    private static List<String> ids(String key) {
        return records(key).stream().map(r -> header(r, "ce_id")).toList();
    }

    private static List<String> sequences(String key) {
        return records(key).stream().map(r -> header(r, "ce_sequence")).toList();
    }

    private static List<ConsumerRecord<byte[], byte[]>> records(String key) {
        return read(Topic.ROLLOUT.wireName()).stream()
                .filter(r -> key.equals(new String(r.key(), StandardCharsets.UTF_8)))
                .filter(r -> r.headers().lastHeader("ce_id") != null)
                .toList();
    }

    private static List<ConsumerRecord<byte[], byte[]>> read(String topic) {
        Map<String, Object> settings = client();
        settings.put("default.api.timeout.ms", 5_000);
        try (var consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(p -> new TopicPartition(topic, p.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            while (ends.entrySet().stream()
                    .anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
            return records;
        }
    }

    private static Map<String, Object> client() {
        return new HashMap<>(Map.of("bootstrap.servers", kafka().getBootstrapServers()));
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        var header = record.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    /// Patiently: the service would take a slow answer to its test for an outage.
    private long publishedRows(String key) {
        return database.inTransaction(
                LONG,
                session ->
                        session.createNativeQuery(
                                        "select count(*) from outbox where published_at is not null"
                                                + " and key = '"
                                                + key
                                                + "'",
                                        Long.class)
                                .getSingleResult());
    }

    private void sql(String statement) {
        int rows =
                database.inTransaction(
                        LONG, session -> session.createNativeQuery(statement).executeUpdate());
        assertThat(rows).isPositive();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static KafkaCluster kafka() {
        return Objects.requireNonNull(RealParts.kafka);
    }

    private static Cable cable() {
        return Objects.requireNonNull(RealParts.cable);
    }
}
