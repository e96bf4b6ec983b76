package dev.sluice.sync;

import static dev.sluice.sync.RunningSync.AUTOMATED;
import static dev.sluice.sync.RunningSync.LIMIT;
import static dev.sluice.sync.RunningSync.config;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.events.Decoded;
import dev.sluice.events.Event;
import dev.sluice.events.EventCodec;
import dev.sluice.events.ReleaseContext;
import dev.sluice.events.RevisionRef;
import dev.sluice.events.RolloutEvent;
import dev.sluice.events.SyncEvent;
import dev.sluice.events.Topic;
import dev.sluice.events.WorkloadRef;
import dev.sluice.testkit.GitRepo;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The facts on Kafka, and what the facts of others may cause.
@SluiceStack({Part.NODES, Part.GIT, Part.KAFKA, Part.POSTGRES})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SyncEventsIT {
    private final StackSession session;
    private final RunningSync sync;

    SyncEventsIT(StackSession session) {
        this.session = session;
        this.sync = new RunningSync(session);
    }

    @AfterAll
    void stop() {
        sync.stop();
    }

    private static String rollout(String name, String image) {
        return """
        apiVersion: argoproj.io/v1alpha1
        kind: Rollout
        metadata: {name: %s}
        spec:
          selector: {matchLabels: {app: %s}}
          template:
            metadata: {labels: {app: %s}}
            spec: {containers: [{name: main, image: "example/%s:1"}]}
          strategy: {canary: {steps: [{setWeight: 20}]}}
        """
                .formatted(name, name, name, image);
    }

    private <T extends SyncEvent> List<T> events(String application, Class<T> type) {
        List<T> found = new ArrayList<>();
        Map<String, Object> settings =
                Map.of("bootstrap.servers", session.stack().kafka().bootstrapServers());
        try (var consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            String topic = Topic.SYNC.wireName(session.topicPrefix());
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(info -> new TopicPartition(info.topic(), info.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream()
                    .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (var message : consumer.poll(Duration.ofMillis(200))) {
                    Map<String, String> headers = new LinkedHashMap<>();
                    message.headers()
                            .forEach(
                                    h ->
                                            headers.put(
                                                    h.key(),
                                                    new String(h.value(), StandardCharsets.UTF_8)));
                    if (EventCodec.decode(headers, message.value()) instanceof Decoded.Known known
                            && type.isInstance(known.event().data())) {
                        T data = type.cast(known.event().data());
                        if (data.application().name().equals(application)) {
                            found.add(data);
                        }
                    }
                }
            }
        }
        return found;
    }

    private void publish(Event event) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", session.stack().kafka().bootstrapServers());
        try (var producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            var message =
                    new ProducerRecord<byte[], byte[]>(
                            Topic.ROLLOUT.wireName(session.topicPrefix()),
                            event.key().getBytes(StandardCharsets.UTF_8),
                            EventCodec.body(event));
            EventCodec.headers(event)
                    .forEach(
                            (name, value) ->
                                    message.headers()
                                            .add(name, value.getBytes(StandardCharsets.UTF_8)));
            var _ = producer.send(message);
            producer.flush();
        }
    }

    private Event aborted(GenericKubernetesResource rollout, String commit, String id) {
        String uid = rollout.getMetadata().getUid();
        WorkloadRef workload =
                new WorkloadRef(
                        "in-cluster",
                        sync.namespace(),
                        "Rollout",
                        rollout.getMetadata().getName(),
                        uid);
        ReleaseContext release =
                new ReleaseContext(
                        workload,
                        1,
                        Optional.empty(),
                        new RevisionRef("abc", List.of()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(commit),
                        Optional.empty());
        return Event.fact(
                id,
                "/sluice/rollout",
                Instant.now(),
                uid,
                new RolloutEvent.RolloutAborted(release, Optional.empty(), "forged"));
    }

    @Test
    void aSyncIsToldOnceWithTheRolloutsItApplied() {
        GitRepo repo = sync.repository("told");
        String first = repo.commit("one", Map.of("app/r.yaml", rollout("told-r", "one")));
        sync.application("told", repo, AUTOMATED);
        sync.synced("told", first);

        await().atMost(LIMIT)
                .untilAsserted(
                        () -> assertThat(events("told", SyncEvent.SyncCompleted.class)).hasSize(1));
        SyncEvent.SyncCompleted completed =
                events("told", SyncEvent.SyncCompleted.class).getFirst();
        assertThat(completed.commit()).isEqualTo(first);
        assertThat(completed.automated()).isTrue();
        var live = sync.custom("Rollout", "told-r").get().getMetadata();
        assertThat(completed.rollouts())
                .containsExactly(
                        new SyncEvent.SyncedRollout(
                                sync.namespace(), "told-r", live.getUid(), live.getGeneration()));
        assertThat(events("told", SyncEvent.SyncStarted.class)).hasSize(1);

        sync.custom("Rollout", "told-r")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\":{\"template\":{\"spec\":{"
                                + "\"containers\":[{\"name\":\"main\",\"image\":\"drifted\"}]}}}}");
        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(events("told", SyncEvent.Drifted.class))
                                        .singleElement()
                                        .matches(d -> d.resources().toString().contains("told-r")));
    }

    @Test
    void aFailedSyncIsToldOnce() {
        GitRepo repo = sync.repository("failed");
        repo.commit(
                "one",
                Map.of(
                        "app/a.yaml",
                        config("failed-a", "1", ""),
                        "app/b.yaml",
                        "apiVersion: example.test/v1\nkind: Gadget\nmetadata: {name: g}\n"));
        sync.application("failed", repo, AUTOMATED);
        sync.ended("failed", "Failed", "one or more synchronization tasks are not valid");

        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(events("failed", SyncEvent.SyncFailed.class))
                                        .singleElement()
                                        .matches(f -> f.message().contains("Gadget")));
        assertThat(events("failed", SyncEvent.SyncCompleted.class)).isEmpty();
    }

    @Test
    void aForgedAbortRejectsNothingAndARealOneRejectsOnce() {
        GitRepo repo = sync.repository("forged");
        String commit = repo.commit("one", Map.of("app/r.yaml", rollout("forged-r", "one")));
        sync.application("forged", repo, AUTOMATED);
        sync.synced("forged", commit);
        var rollouts = sync.custom("Rollout", "forged-r");
        GenericKubernetesResource live = rollouts.get();

        publish(aborted(live, commit, "forged/1"));
        publish(aborted(live, commit, "forged/1"));
        await().during(Duration.ofSeconds(3))
                .atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(sync.read("forged").at("/status/rejectedRevisions"))
                                        .isEmpty());

        rollouts.subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\":{\"abort\":true,\"message\":\"too many errors\","
                                + "\"observedGeneration\":\""
                                + live.getMetadata().getGeneration()
                                + "\"}}");
        publish(aborted(live, commit, "real/1"));
        publish(aborted(live, commit, "real/1"));

        sync.until("forged", "/status/rejectedRevisions/0/revision", commit);
        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(events("forged", SyncEvent.RevisionRejected.class))
                                        .singleElement()
                                        .matches(r -> r.reason().equals("too many errors")));
        assertThat(sync.read("forged").at("/status/rejectedRevisions")).hasSize(1);
    }
}
