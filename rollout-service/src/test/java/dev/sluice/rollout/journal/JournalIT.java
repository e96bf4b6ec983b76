package dev.sluice.rollout.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.events.Event;
import dev.sluice.events.EventCodec;
import dev.sluice.events.EventData;
import dev.sluice.events.ReleaseContext;
import dev.sluice.events.RevisionRef;
import dev.sluice.events.RolloutEvent;
import dev.sluice.events.Shares;
import dev.sluice.events.StepRef;
import dev.sluice.events.TrafficEvent;
import dev.sluice.events.WorkloadRef;
import dev.sluice.testkit.LocalStack;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.StackOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The journal on real Kafka and PostgreSQL, read over REST.
class JournalIT {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Instant START = Instant.parse("2026-11-01T10:00:00Z");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static LocalStack stack;
    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        stack = LocalStack.start(StackOptions.of(Part.API, Part.KAFKA, Part.POSTGRES));
        service = ServiceProcess.start("rollout-service", stack, Map.of());
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void foldsEventsInAnyOrderAndCountsEachOnce() throws Exception {
        // Given
        String uid = UUID.randomUUID().toString();
        List<Event> events = release(uid);
        List<Event> shuffled = new ArrayList<>(events.reversed());
        shuffled.addAll(events);

        // When
        send(shuffled);

        // Then
        await().ignoreExceptions()
                .atMost(LONG)
                .untilAsserted(
                        () -> {
                            JsonNode attempt = get("/" + uid).path("attempts").path(0);
                            assertThat(attempt.path("phase").asText()).isEqualTo("Completed");
                            assertThat(attempt.path("strategy").asText()).isEqualTo("canary");
                            assertThat(attempt.path("timeline"))
                                    .extracting(line -> line.path("eventId").asText())
                                    .isEqualTo(events.stream().map(Event::id).toList());
                        });
    }

    @Test
    void losesNothingWhilePostgresIsDown() throws Exception {
        // Given
        String uid = UUID.randomUUID().toString();

        // When
        stack.postgres().stop();
        send(release(uid));
        stack.postgres().restart();

        // Then
        await().ignoreExceptions()
                .atMost(LONG)
                .untilAsserted(
                        () ->
                                assertThat(get("?outcome=Completed&limit=500").path("items"))
                                        .extracting(r -> r.path("uid").asText())
                                        .contains(uid));
    }

    @Test
    void answersWithProblemsWhenAskedForWhatIsNot() throws Exception {
        // Given a service that has found its database
        await().atMost(LONG).until(() -> ask("").statusCode() == 200);

        // When
        HttpResponse<String> missing = ask("/unknown");
        HttpResponse<String> wrong = ask("?limit=0");

        // Then
        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(missing.headers().firstValue("content-type").orElse(""))
                .startsWith("application/problem+json");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).contains("allowed is 1 to 500");
    }

    @Test
    void describesItselfInOpenApi() throws Exception {
        // When
        HttpResponse<String> page =
                HTTP.send(
                        HttpRequest.newBuilder(URI.create(service.url() + "/q/openapi?format=json"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        // Then
        JsonNode paths = JSON.readTree(page.body()).path("paths");
        assertThat(paths.properties())
                .extracting(java.util.Map.Entry::getKey)
                .contains("/api/v1/releases", "/api/v1/releases/{uid}", "/api/v1/rollouts");
        assertThat(paths.path("/api/v1/releases").path("get").path("responses").properties())
                .extracting(java.util.Map.Entry::getKey)
                .contains("200", "400", "503");
    }

    private static List<Event> release(String uid) {
        WorkloadRef workload = new WorkloadRef("here", "shop", "Rollout", "checkout", uid);
        ReleaseContext release =
                new ReleaseContext(
                        workload,
                        1,
                        Optional.of(new RevisionRef("old", List.of("checkout:1"))),
                        new RevisionRef("new", List.of("checkout:2")),
                        Optional.of("argocd/shop"),
                        Optional.of("http://git/shop.git"),
                        Optional.of("0123456789abcdef"),
                        Optional.of("automated sync"));
        StepRef step = new StepRef(0, 1, "setWeight: 10");
        Shares shares = new Shares(10, 90, 100);
        return List.of(
                event(uid, 1, new RolloutEvent.RolloutStarted(release, "canary", 1)),
                event(uid, 2, new RolloutEvent.StepReached(release, step, Optional.empty())),
                event(
                        uid,
                        3,
                        new TrafficEvent.TrafficShifted(
                                workload,
                                1,
                                1,
                                "DataPlane",
                                Optional.of(shares),
                                List.of(),
                                START,
                                START,
                                false,
                                Optional.empty())),
                event(uid, 4, new RolloutEvent.StepCompleted(release, step, Optional.of(shares))),
                event(uid, 5, new RolloutEvent.RolloutCompleted(release, "all steps done")));
    }

    private static Event event(String uid, int number, EventData data) {
        return Event.fact(
                        uid + "/1/" + number,
                        "/sluice/test/journal",
                        START.plusSeconds(number),
                        uid,
                        data)
                .withSequence(number);
    }

    private static void send(List<Event> events) throws ExecutionException, InterruptedException {
        Map<String, Object> settings =
                Map.of(
                        "bootstrap.servers", stack.kafka().bootstrapServers(),
                        "max.block.ms", 20_000,
                        "request.timeout.ms", 10_000,
                        "delivery.timeout.ms", 20_000);
        try (var producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (Event event : events) {
                var record =
                        new ProducerRecord<>(
                                event.data().topic().wireName(),
                                event.key().getBytes(StandardCharsets.UTF_8),
                                EventCodec.body(event));
                EventCodec.headers(event)
                        .forEach(
                                (name, value) ->
                                        record.headers()
                                                .add(name, value.getBytes(StandardCharsets.UTF_8)));
                sent.add(producer.send(record));
            }
            for (Future<RecordMetadata> one : sent) {
                var _ = one.get();
            }
        }
    }

    private static JsonNode get(String path) throws IOException, InterruptedException {
        return JSON.readTree(ask(path).body());
    }

    private static HttpResponse<String> ask(String path) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(service.url() + "/api/v1/releases" + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
