package dev.sluice.runtime.kafka;

import dev.sluice.events.Topic;
import dev.sluice.runtime.EventStream;
import dev.sluice.runtime.StreamOptions;
import dev.sluice.runtime.TryLaterException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One consumer on its own thread: poll, deliver, commit. While a delivery has to wait, all
/// partitions are paused and polling goes on, so that the replica keeps its place in the group.
final class ConsumerLoop implements EventStream.Subscription, ConsumerRebalanceListener {

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration BACK_OFF = Duration.ofSeconds(1);
    private static final Duration COMMIT_EVERY = Duration.ofMillis(500);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);
    private static final double HEARTBEAT_LIMIT_SECONDS = 12;
    private static final Logger LOG = Logger.getLogger(ConsumerLoop.class);

    private final Broker broker;
    private final Delivery delivery;
    private final String prefix;
    private final @Nullable PartitionOwnership ownership;
    private final Thread thread;
    private final AtomicReference<@Nullable KafkaConsumer<byte[], byte[]>> current =
            new AtomicReference<>();
    private volatile Set<Integer> partitions = Set.of();
    private volatile boolean stopped;
    private boolean holding;

    /// Where the next commit goes to. A crash before it brings records again, which every handler
    /// bears.
    private final Map<TopicPartition, OffsetAndMetadata> done = new HashMap<>();

    private long committedAt;

    ConsumerLoop(
            Broker broker,
            Delivery delivery,
            String prefix,
            @Nullable PartitionOwnership ownership) {
        this.broker = broker;
        this.delivery = delivery;
        this.prefix = prefix;
        this.ownership = ownership;
        this.thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("stream-" + delivery.options().group())
                        .unstarted(this::run);
    }

    void start() {
        if (ownership != null) {
            ownership.expectAssignment();
        }
        thread.start();
    }

    @Override
    public Set<Integer> partitions() {
        return partitions;
    }

    @Override
    public void close() {
        stopped = true;
        KafkaConsumer<byte[], byte[]> consumer = current.get();
        if (consumer != null) {
            consumer.wakeup();
        }
        try {
            thread.join(CLOSE_PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!stopped) {
            try {
                awaitTopics();
                consume();
            } catch (WakeupException e) {
                // Only close() wakes the consumer.
            } catch (KafkaException e) {
                LOG.warnf("%s starts again after: %s", delivery.options().group(), e);
                sleep(BACK_OFF);
            } catch (RuntimeException e) {
                LOG.errorf(e, "%s starts again after an error", delivery.options().group());
                sleep(BACK_OFF);
            }
        }
    }

    /// Subscribing before the topics exist would miss their partitions for minutes.
    private void awaitTopics() {
        while (!stopped && !broker.topicsReady().isDone()) {
            tick(false);
            sleep(Duration.ofMillis(100));
        }
    }

    private void consume() {
        if (stopped) {
            return;
        }
        StreamOptions options = delivery.options();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        settings(options),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            current.set(consumer);
            consumer.subscribe(
                    options.topics().stream().map(t -> t.wireName(prefix)).toList(), this);
            Metric heartbeat = heartbeat(consumer);
            try {
                poll(consumer, heartbeat);
            } catch (WakeupException e) {
                // Only close() wakes the consumer.
            }
            commitLast(consumer);
        } finally {
            current.set(null);
            partitions = Set.of();
            done.clear();
        }
    }

    private void commitLast(KafkaConsumer<byte[], byte[]> consumer) {
        if (done.isEmpty()) {
            return;
        }
        try {
            commit(consumer);
        } catch (WakeupException e) {
            commit(consumer); // the call that stopped us while we were not polling
        }
    }

    private void poll(KafkaConsumer<byte[], byte[]> consumer, @Nullable Metric heartbeat) {
        while (!stopped) {
            ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
            tick(isHeard(heartbeat));
            if (!records.isEmpty()) {
                deliver(consumer, records);
                note(records);
            }
            if (!done.isEmpty() && System.nanoTime() - committedAt > COMMIT_EVERY.toNanos()) {
                commit(consumer);
            }
        }
    }

    private Map<String, Object> settings(StreamOptions options) {
        Map<String, Object> settings = broker.clientSettings(options.group());
        settings.put("group.id", prefix + options.group());
        settings.put("enable.auto.commit", false);
        settings.put("auto.offset.reset", options.fromStart() ? "earliest" : "latest");
        settings.put("isolation.level", "read_committed");
        // Topics with equal partition counts: equal keys of all topics meet at one replica.
        settings.put("partition.assignment.strategy", RangeAssignor.class.getName());
        settings.put("max.poll.records", 500);
        settings.put("session.timeout.ms", 10_000);
        settings.put("heartbeat.interval.ms", 3_000);
        settings.put("allow.auto.create.topics", false);
        // The broker answers at once when there is something. A longer wait would hold up the
        // partitions that a rebalance brings, for there is one request to a broker at a time.
        settings.put("fetch.max.wait.ms", 1_000);
        if (delivery.batches()) {
            // A store takes a few big batches rather than many small ones.
            settings.put("fetch.max.wait.ms", 500);
            settings.put("fetch.min.bytes", 128 * 1024);
        }
        return settings;
    }

    private void deliver(
            KafkaConsumer<byte[], byte[]> consumer, ConsumerRecords<byte[], byte[]> records) {
        while (!stopped) {
            try {
                delivery.deliver(records);
                break;
            } catch (TryLaterException e) {
                LOG.debugf("%s waits: %s", delivery.options().group(), e.getMessage());
                holding = true;
                consumer.pause(consumer.assignment());
                for (int i = 0; i < 2 && !stopped; i++) {
                    consumer.poll(POLL);
                    tick(true);
                }
            }
        }
        if (holding) {
            holding = false;
            consumer.resume(consumer.assignment());
        }
    }

    private void note(ConsumerRecords<byte[], byte[]> records) {
        if (stopped && holding) {
            return;
        }
        for (TopicPartition partition : records.partitions()) {
            List<ConsumerRecord<byte[], byte[]>> of = records.records(partition);
            done.put(partition, new OffsetAndMetadata(of.getLast().offset() + 1));
        }
    }

    private void commit(KafkaConsumer<byte[], byte[]> consumer) {
        done.keySet().retainAll(consumer.assignment());
        try {
            consumer.commitSync(done, Duration.ofSeconds(5));
        } catch (WakeupException e) {
            throw e;
        } catch (KafkaException e) {
            // The records come again, which every handler bears.
            LOG.debugf("%s could not commit: %s", delivery.options().group(), e);
        }
        done.clear();
        committedAt = System.nanoTime();
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
        KafkaConsumer<byte[], byte[]> consumer = current.get();
        if (consumer == null) {
            return;
        }
        if (holding) {
            consumer.pause(assigned);
        }
        Topic first = delivery.options().topics().getFirst();
        partitions =
                consumer.assignment().stream()
                        .filter(p -> p.topic().equals(first.wireName(prefix)))
                        .map(TopicPartition::partition)
                        .collect(Collectors.toUnmodifiableSet());
        if (ownership != null) {
            ownership.assigned(partitions);
        }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
        // The next assignment says what is left; until then the former one is as good as any.
    }

    private void tick(boolean heard) {
        if (ownership != null) {
            ownership.tick(heard);
        }
    }

    private boolean isHeard(@Nullable Metric heartbeat) {
        return heartbeat != null
                && !partitions.isEmpty()
                && heartbeat.metricValue() instanceof Double seconds
                && seconds >= 0
                && seconds < HEARTBEAT_LIMIT_SECONDS;
    }

    private static @Nullable Metric heartbeat(KafkaConsumer<byte[], byte[]> consumer) {
        return consumer.metrics().values().stream()
                .filter(m -> m.metricName().name().equals("last-heartbeat-seconds-ago"))
                .findFirst()
                .orElse(null);
    }

    private static void sleep(Duration duration) {
        try {
            TimeUnit.MILLISECONDS.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
