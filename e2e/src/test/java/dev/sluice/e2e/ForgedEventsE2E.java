package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.events.AnalysisEvent;
import dev.sluice.events.Event;
import dev.sluice.events.EventCodec;
import dev.sluice.events.ReleaseContext;
import dev.sluice.events.RevisionRef;
import dev.sluice.events.RolloutCommand;
import dev.sluice.events.RolloutEvent;
import dev.sluice.events.Shares;
import dev.sluice.events.StepRef;
import dev.sluice.events.TrafficEvent;
import dev.sluice.events.TrafficPlanRef;
import dev.sluice.events.WorkloadRef;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/// V8: an event is a hint. What somebody else puts on our topics, and what we put there ourselves
/// before, changes nothing.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
class ForgedEventsE2E {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void forgedAndReplayedEventsChangeNothing(StackSession session) throws Exception {
        try (Installation sluice =
                Installation.start(session, "rollout-service", "router-service")) {
            sluice.createRoutedCanary("shop", 4, "[{setWeight: 25}, {pause: {}}, {setWeight: 75}]");
            sluice.setImage("shop", "example.test/app:v2");
            sluice.awaitPhase("shop", "Paused");
            awaitSettled(sluice);
            JsonNode before = sluice.rollout("shop");
            EventLog log = sluice.events();

            send(session, forged(before));
            send(session, log.events());

            // The one thing that answers: a stale command is refused, after all the rest was read.
            await().atMost(Installation.LIMIT)
                    .untilAsserted(
                            () ->
                                    assertThat(
                                                    sluice.events()
                                                            .of(
                                                                    "shop",
                                                                    RolloutEvent.CommandAnswered
                                                                            .class))
                                            .anyMatch(
                                                    a ->
                                                            a.commandId().equals("stale-command")
                                                                    && a.outcome()
                                                                            != RolloutEvent
                                                                                    .CommandOutcome
                                                                                    .DONE));
            await().during(Duration.ofSeconds(3))
                    .atMost(Duration.ofSeconds(6))
                    .untilAsserted(
                            () -> {
                                assertThat(sluice.programmedWeight("shop")).isEqualTo(25);
                                assertThat(status(sluice.rollout("shop")))
                                        .isEqualTo(status(before));
                            });
        }
    }

    /// From then on nothing in the status moves by itself: the plan has settled, and that is noted.
    private static void awaitSettled(Installation sluice) {
        await().atMost(Installation.LIMIT)
                .untilAsserted(
                        () -> {
                            JsonNode plan = sluice.rollout("shop").at("/status/trafficPlan");
                            assertThat(Instant.parse(plan.at("/observed/settlesAt").asText()))
                                    .isBefore(Instant.now().minusSeconds(2));
                            assertThat(plan.at("/live")).isEqualTo(plan.at("/shares"));
                        });
    }

    private static JsonNode status(JsonNode rollout) {
        return rollout.at("/status");
    }

    private static List<Event> forged(JsonNode rollout) {
        String uid = rollout.at("/metadata/uid").asText();
        String canary = rollout.at("/status/currentPodHash").asText();
        long plan = rollout.at("/status/trafficPlan/id").asLong();
        long attempt = rollout.at("/status/release/attempt").asLong();
        WorkloadRef workload =
                new WorkloadRef(
                        "in-cluster",
                        rollout.at("/metadata/namespace").asText(),
                        "Rollout",
                        rollout.at("/metadata/name").asText(),
                        uid);
        ReleaseContext release =
                new ReleaseContext(
                        workload,
                        attempt,
                        Optional.empty(),
                        new RevisionRef(canary, List.of()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("mallory"));
        Shares all = new Shares(100, 0, 100);
        return List.of(
                Event.fact(
                        "forged-1",
                        "/elsewhere",
                        NOW,
                        uid,
                        new RolloutEvent.StepReached(
                                release,
                                new StepRef(2, 3, "setWeight: 75"),
                                Optional.of(
                                        new TrafficPlanRef(plan + 5, false, Optional.of(all))))),
                Event.fact(
                        "forged-2",
                        "/elsewhere",
                        NOW,
                        uid,
                        new TrafficEvent.TrafficShifted(
                                workload,
                                attempt,
                                plan + 5,
                                "DataPlane",
                                Optional.of(all),
                                List.of(),
                                NOW,
                                NOW,
                                false,
                                Optional.empty())),
                Event.fact(
                        "forged-3",
                        "/elsewhere",
                        NOW,
                        "no-such-run",
                        new AnalysisEvent.AnalysisResult(
                                new AnalysisEvent.AnalysisRef(
                                        "in-cluster",
                                        workload.namespace(),
                                        "no-such-run",
                                        "no-such-run",
                                        Optional.of("Step"),
                                        Optional.of(workload),
                                        Optional.of(canary),
                                        Optional.of(1)),
                                "Failed",
                                Optional.of("forged"),
                                List.of())),
                Event.fact(
                        "stale-command",
                        "/elsewhere",
                        NOW,
                        uid,
                        new RolloutCommand.AbortRollout(
                                new RolloutCommand.CommandTarget(
                                        workload, attempt - 1, Optional.of(0)),
                                "mallory",
                                Optional.empty())));
    }

    private static void send(StackSession session, List<Event> events)
            throws ExecutionException, InterruptedException {
        Map<String, Object> settings =
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        session.stack().kafka().bootstrapServers());
        try (var producer =
                new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
            for (Event event : events) {
                var record =
                        new ProducerRecord<>(
                                event.data().topic().wireName(session.topicPrefix()),
                                event.key(),
                                EventCodec.body(event));
                EventCodec.headers(event)
                        .forEach(
                                (name, value) ->
                                        record.headers()
                                                .add(name, value.getBytes(StandardCharsets.UTF_8)));
                producer.send(record).get();
            }
        }
    }
}
