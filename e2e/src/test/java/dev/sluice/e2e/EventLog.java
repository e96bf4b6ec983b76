package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.events.AnalysisEvent;
import dev.sluice.events.Decoded;
import dev.sluice.events.Event;
import dev.sluice.events.EventCodec;
import dev.sluice.events.RolloutEvent;
import dev.sluice.events.SyncEvent;
import dev.sluice.events.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// Every event on the installation's topics, from the first on.
record EventLog(List<Event> events) {

    static EventLog read(String bootstrap, String prefix) {
        Properties settings = new Properties();
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        List<Event> events = new ArrayList<>();
        try (var consumer = new KafkaConsumer<byte[], byte[]>(settings)) {
            Map<String, ?> known = consumer.listTopics(Duration.ofSeconds(10));
            List<TopicPartition> partitions =
                    Arrays.stream(Topic.values())
                            .map(topic -> topic.wireName(prefix))
                            .filter(known::containsKey)
                            .flatMap(name -> consumer.partitionsFor(name).stream())
                            .map(info -> new TopicPartition(info.topic(), info.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream()
                    .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    Map<String, String> headers = new LinkedHashMap<>();
                    record.headers()
                            .forEach(
                                    h ->
                                            headers.put(
                                                    h.key(),
                                                    new String(h.value(), StandardCharsets.UTF_8)));
                    if (EventCodec.decode(headers, record.value())
                            instanceof Decoded.Known known1) {
                        events.add(known1.event());
                    }
                }
            }
        }
        return new EventLog(events);
    }

    /// Facts of one kind about one workload.
    <T extends RolloutEvent> List<T> of(String workload, Class<T> type) {
        return rolloutEvents(workload).filter(type::isInstance).map(type::cast).toList();
    }

    /// The commits of an Application whose sync was told as complete, one for each time.
    List<String> syncedCommits(String application) {
        return events.stream()
                .map(Event::data)
                .filter(SyncEvent.SyncCompleted.class::isInstance)
                .map(SyncEvent.SyncCompleted.class::cast)
                .filter(e -> e.application().name().equals(application))
                .map(SyncEvent.SyncCompleted::commit)
                .toList();
    }

    /// How each analysis ended that was told of: the event's id, the run, and its phase.
    List<String> analyses() {
        return events.stream()
                .filter(event -> event.data() instanceof AnalysisEvent.AnalysisResult)
                .map(
                        event -> {
                            var result = (AnalysisEvent.AnalysisResult) event.data();
                            return event.id() + " " + result.run() + " " + result.phase();
                        })
                .toList();
    }

    Stream<RolloutEvent> rolloutEvents(String workload) {
        return events.stream()
                .map(Event::data)
                .filter(RolloutEvent.class::isInstance)
                .map(RolloutEvent.class::cast)
                .filter(e -> e.release().workload().name().equals(workload));
    }

    /// V2: no `(source, id)` is on a topic twice. StepReached may be: it is announced again on
    /// purpose while its effect is not observed.
    void assertNoEventTwice() {
        Map<String, Long> counts =
                events.stream()
                        .filter(e -> !(e.data() instanceof RolloutEvent.StepReached))
                        .collect(
                                Collectors.groupingBy(
                                        e -> e.source() + " " + e.id(), Collectors.counting()));
        assertThat(counts.entrySet().stream().filter(e -> e.getValue() > 1))
                .as("events that are on a topic more than once")
                .isEmpty();
    }

    /// V4: each attempt that ended has one start before its one end.
    void assertOneEndPerAttempt(String workload) {
        Map<Long, List<RolloutEvent>> byAttempt =
                rolloutEvents(workload).collect(Collectors.groupingBy(e -> e.release().attempt()));
        byAttempt.forEach(
                (attempt, facts) -> {
                    List<Integer> starts = positions(facts, RolloutEvent.RolloutStarted.class);
                    List<Integer> ends = new ArrayList<>();
                    ends.addAll(positions(facts, RolloutEvent.RolloutCompleted.class));
                    ends.addAll(positions(facts, RolloutEvent.RolloutAborted.class));
                    assertThat(starts).as("starts of attempt %s", attempt).hasSize(1);
                    assertThat(ends).as("ends of attempt %s", attempt).hasSizeLessThanOrEqualTo(1);
                    Optional<Integer> end = ends.stream().findFirst();
                    end.ifPresent(
                            position ->
                                    assertThat(position)
                                            .as("end after start of attempt %s", attempt)
                                            .isGreaterThan(starts.getFirst()));
                });
    }

    private static List<Integer> positions(List<RolloutEvent> facts, Class<?> type) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < facts.size(); i++) {
            if (type.isInstance(facts.get(i))) {
                found.add(i);
            }
        }
        return found;
    }
}
