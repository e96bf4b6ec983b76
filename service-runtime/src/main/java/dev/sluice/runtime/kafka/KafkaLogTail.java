package dev.sluice.runtime.kafka;

import dev.sluice.runtime.outbox.Fact;
import dev.sluice.runtime.outbox.LogTail;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/// Reads the ends of the partitions that the facts' keys fall on.
@ApplicationScoped
class KafkaLogTail implements LogTail {

    private static final Duration PATIENCE = Duration.ofSeconds(6);
    private static final Duration POLL = Duration.ofMillis(300);

    private final Broker broker;
    private final InstantSource clock = InstantSource.system();

    KafkaLogTail(Broker broker) {
        this.broker = broker;
    }

    @Override
    public Optional<Set<String>> present(Collection<Fact> facts, Instant since) {
        Set<String> wanted = facts.stream().map(Fact::identity).collect(Collectors.toSet());
        Map<String, Object> settings = broker.clientSettings("sluice-log-tail");
        settings.put("default.api.timeout.ms", 3_000);
        settings.put("request.timeout.ms", 2_500);
        settings.put("enable.auto.commit", false);
        settings.put("isolation.level", "read_committed");
        Instant deadline = clock.instant().plus(PATIENCE);
        try (var consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            Map<TopicPartition, Long> ends = seek(consumer, facts, since);
            Set<String> present = new HashSet<>();
            while (!ends.isEmpty()) {
                if (clock.instant().isAfter(deadline)) {
                    return Optional.empty();
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    String identity = identity(record);
                    if (wanted.contains(identity)) {
                        present.add(identity);
                    }
                }
                ends.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
            }
            return Optional.of(present);
        } catch (KafkaException e) {
            return Optional.empty();
        }
    }

    private Map<TopicPartition, Long> seek(
            KafkaConsumer<byte[], byte[]> consumer, Collection<Fact> facts, Instant since) {
        Set<TopicPartition> partitions =
                facts.stream()
                        .map(
                                f ->
                                        new TopicPartition(
                                                f.topic(),
                                                Partitions.of(f.key(), broker.partitions())))
                        .collect(Collectors.toSet());
        Map<TopicPartition, Long> times = new HashMap<>();
        partitions.forEach(p -> times.put(p, since.toEpochMilli()));
        consumer.assign(List.copyOf(partitions));
        Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
        Map<TopicPartition, @Nullable OffsetAndTimestamp> starts = consumer.offsetsForTimes(times);
        for (TopicPartition partition : partitions) {
            OffsetAndTimestamp start = starts.get(partition);
            if (start == null) {
                ends.remove(partition);
            } else {
                consumer.seek(partition, start.offset());
            }
        }
        consumer.pause(
                partitions.stream().filter(p -> !ends.containsKey(p)).collect(Collectors.toSet()));
        return ends;
    }

    private static String identity(ConsumerRecord<byte[], byte[]> record) {
        return text(record.headers().lastHeader("ce_source"))
                + "|"
                + text(record.headers().lastHeader("ce_id"));
    }

    private static String text(@Nullable Header header) {
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }
}
