package dev.sluice.router;

import static dev.sluice.router.RunningRouter.awaitComplete;
import static dev.sluice.router.RunningRouter.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.events.Decoded;
import dev.sluice.events.Event;
import dev.sluice.events.EventCodec;
import dev.sluice.events.ReleaseContext;
import dev.sluice.events.RevisionRef;
import dev.sluice.events.RolloutEvent.StepReached;
import dev.sluice.events.StepRef;
import dev.sluice.events.Topic;
import dev.sluice.events.TrafficEvent.TrafficShifted;
import dev.sluice.events.TrafficPlanRef;
import dev.sluice.events.WorkloadRef;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The packaged service against a real API server, real endpoints and a real broker.
@SluiceStack({Part.NODES, Part.KAFKA})
class RouterServiceIT {

    private static RunningRouter router;
    private static StackSession session;

    @BeforeAll
    static void start(StackSession opened) {
        session = opened;
        router =
                RunningRouter.start(
                        session,
                        Map.of(
                                "SLUICE_ROUTER_PLAN_GRACE", "1s",
                                "SLUICE_ROUTER_ABORT_GRACE", "500ms",
                                "SLUICE_ROUTER_DRAIN_NGINX", "2s",
                                "SLUICE_ROUTER_DRAIN_SERVICES", "1s",
                                "SLUICE_ROUTER_READ_BACK", "2s",
                                "SLUICE_ROUTER_CLEAN_INTERVAL", "1s"));
    }

    @AfterAll
    static void stop() {
        router.close();
    }

    @Test
    void carriesOutPlansWithoutAnyEventAndSaysSoOnTheAnchorAndOnTheBus() {
        // Given
        Shop shop = new Shop(session, "plain").withIngress().pods("v1", 5).pods("v2", 3);
        shop.create(Shop.NGINX, 5);
        shop.plan(1, "v1", "v1", 0, false);
        awaitComplete(shop, 1);
        // When
        shop.plan(2, "v1", "v2", 40, false);
        // Then
        awaitComplete(shop, 2);
        assertThat(shop.canaryWeight()).isEqualTo("40");
        assertThat(shop.selected("plain-stable")).isEqualTo("v1");
        assertThat(shop.selected("plain-canary")).isEqualTo("v2");
        assertThat(shop.evidence().path("level").asText()).isEqualTo("Written");
        assertThat(shop.evidence().path("weights").path("canary").asInt()).isEqualTo(40);
        assertThat(shop.stampOfCanaryIngress()).isEqualTo(shop.uid() + "/2");
        soon().untilAsserted(
                        () ->
                                assertThat(shop.eventReasons())
                                        .contains("SwitchService", "CreatingCanaryIngress"));
        assertThat(shifted(shop.uid(), 2)).hasSize(1);
    }

    @Test
    void returnsTrafficOnAbort() {
        // Given
        Shop shop = new Shop(session, "abort").withIngress().pods("v1", 5).pods("v2", 3);
        shop.create(Shop.NGINX, 5);
        shop.plan(1, "v1", "v2", 40, false);
        awaitComplete(shop, 1);
        // When
        shop.plan(2, "v1", "v1", 0, true);
        // Then
        awaitComplete(shop, 2);
        assertThat(shop.canaryWeight()).isEqualTo("0");
        assertThat(shop.selected("abort-canary")).isEqualTo("v1");
    }

    @Test
    void goesAsFarAsCapacityAllowsAndOnWhenPodsCome() {
        // Given
        Shop shop = new Shop(session, "short").withIngress().pods("v1", 5).pods("v2", 2);
        shop.create(Shop.NGINX, 5);
        // When
        shop.plan(1, "v1", "v2", 60, false);
        // Then
        soon().untilAsserted(
                        () -> {
                            assertThat(shop.evidence().path("partial").asBoolean()).isTrue();
                            assertThat(shop.canaryWeight()).isEqualTo("40");
                        });
        shop.scale("v2", 3);
        awaitComplete(shop, 1);
        assertThat(shop.canaryWeight()).isEqualTo("60");
    }

    @Test
    void repairsAForeignChange() {
        // Given
        Shop shop = new Shop(session, "foreign").withIngress().pods("v1", 5).pods("v2", 5);
        shop.create(Shop.NGINX, 5);
        shop.plan(1, "v1", "v2", 40, false);
        awaitComplete(shop, 1);
        // When
        shop.annotateCanaryIngress("nginx.ingress.kubernetes.io/canary-weight", "90");
        shop.annotateCanaryIngress("somebody/else", "kept");
        // Then
        soon().untilAsserted(() -> assertThat(shop.canaryWeight()).isEqualTo("40"));
        assertThat(shop.annotationOfCanaryIngress("somebody/else")).isEqualTo("kept");
        soon().untilAsserted(() -> assertThat(shop.eventReasons()).contains("TrafficRoutingError"));
    }

    @Test
    void neverWritesAnOlderPlanOverANewerOne() {
        // Given
        Shop shop = new Shop(session, "stale").withIngress().pods("v1", 5).pods("v2", 5);
        shop.create(Shop.NGINX, 5);
        shop.plan(5, "v1", "v2", 40, false);
        awaitComplete(shop, 5);
        // When
        shop.plan(4, "v1", "v2", 80, false);
        // Then
        soon().during(Duration.ofSeconds(4))
                .untilAsserted(() -> assertThat(shop.canaryWeight()).isEqualTo("40"));
    }

    @Test
    void forgedAndReplayedEventsChangeNothing() {
        // Given
        Shop shop = new Shop(session, "forged").withIngress().pods("v1", 5).pods("v2", 5);
        shop.create(Shop.NGINX, 5);
        shop.plan(3, "v1", "v2", 20, false);
        awaitComplete(shop, 3);
        // When
        publish(shop, shop.uid(), 3);
        publish(shop, shop.uid(), 2);
        publish(shop, shop.uid(), 99);
        publish(shop, UUID.randomUUID().toString(), 3);
        // Then
        soon().during(Duration.ofSeconds(3))
                .untilAsserted(
                        () -> {
                            assertThat(shop.canaryWeight()).isEqualTo("20");
                            assertThat(shop.stampOfCanaryIngress()).isEqualTo(shop.uid() + "/3");
                        });
        assertThat(shifted(shop.uid(), 3)).hasSize(1);
    }

    @Test
    void endsRightThroughAStormOfConflicts() throws InterruptedException {
        // Given
        Shop shop = new Shop(session, "storm").withIngress().pods("v1", 5).pods("v2", 5);
        shop.create(Shop.NGINX, 5);
        shop.plan(1, "v1", "v2", 20, false);
        awaitComplete(shop, 1);
        Thread storm =
                Thread.startVirtualThread(
                        () -> {
                            for (int i = 0; i < 200; i++) {
                                shop.annotateCanaryIngress("storm/count", Integer.toString(i));
                                shop.annotateService("storm-canary", "storm/count", "" + i);
                                shop.annotateService("storm-stable", "storm/count", "" + i);
                            }
                        });
        // When
        for (int plan = 2; plan <= 6; plan++) {
            shop.plan(plan, "v1", "v2", 10 * plan, false);
        }
        // Then
        awaitComplete(shop, 6);
        storm.join();
        assertThat(shop.canaryWeight()).isEqualTo("60");
        assertThat(shop.annotationOfCanaryIngress("storm/count")).isEqualTo("199");
    }

    @Test
    void saysWhatIsMissingAndGoesOnWhenItComes() {
        // Given
        Shop shop = new Shop(session, "missing").pods("v1", 5).pods("v2", 5);
        shop.create(Shop.NGINX, 5);
        // When
        shop.plan(1, "v1", "v2", 20, false);
        // Then
        soon().untilAsserted(
                        () ->
                                assertThat(shop.evidence().path("message").asText())
                                        .contains("\"missing\" not found"));
        assertThat(shop.selected("missing-stable")).isEmpty();
        shop.withIngress();
        awaitComplete(shop, 1);
    }

    @Test
    void refusesARouterThatItCannotProgramByName() {
        // Given
        Shop shop = new Shop(session, "mesh").pods("v1", 5);
        shop.create("{\"appMesh\":{\"virtualService\":{\"name\":\"x\"}}}", 5);
        // When
        shop.plan(1, "v1", "v1", 0, false);
        // Then
        soon().untilAsserted(
                        () ->
                                assertThat(shop.evidence().path("message").asText())
                                        .contains("traffic router 'appMesh'"));
    }

    @Test
    void givesAServiceBackWhenItsRolloutIsGone() {
        // Given
        Shop shop = new Shop(session, "gone").withIngress().pods("v1", 5);
        shop.create(Shop.NGINX, 5);
        shop.plan(1, "v1", "v1", 0, false);
        awaitComplete(shop, 1);
        // When
        shop.delete();
        // Then
        soon().untilAsserted(
                        () -> {
                            assertThat(shop.selected("gone-stable")).isEmpty();
                            assertThat(shop.selected("gone-canary")).isEmpty();
                        });
    }

    private static void publish(Shop shop, String uid, long plan) {
        StepReached body =
                new StepReached(
                        new ReleaseContext(
                                new WorkloadRef(
                                        "in-cluster",
                                        session.namespace(),
                                        "Rollout",
                                        shop.name(),
                                        uid),
                                1,
                                Optional.empty(),
                                new RevisionRef("v2", List.of()),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()),
                        new StepRef(1, 3, "setWeight: 80"),
                        Optional.of(new TrafficPlanRef(plan, false, Optional.empty())));
        Event event = Event.fact("forged-" + plan + uid, "/nobody", Instant.now(), uid, body);
        Map<String, Object> config =
                Map.of("bootstrap.servers", session.stack().kafka().bootstrapServers());
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            ProducerRecord<String, byte[]> message =
                    new ProducerRecord<>(
                            Topic.ROLLOUT.wireName(session.topicPrefix()),
                            uid,
                            EventCodec.body(event));
            EventCodec.headers(event)
                    .forEach(
                            (k, v) -> message.headers().add(k, v.getBytes(StandardCharsets.UTF_8)));
            var _ = producer.send(message);
            producer.flush();
        }
    }

    /// Complete `TrafficShifted` facts of a plan on the bus, once there is one.
    private static List<TrafficShifted> shifted(String uid, long plan) {
        List<TrafficShifted> found = new ArrayList<>();
        Map<String, Object> config =
                Map.of(
                        "bootstrap.servers",
                        session.stack().kafka().bootstrapServers(),
                        "group.id",
                        "it-" + UUID.randomUUID(),
                        "auto.offset.reset",
                        "earliest");
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(
                        config, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(Topic.TRAFFIC.wireName(session.topicPrefix())));
            soon().untilAsserted(
                            () -> {
                                consumer.poll(Duration.ofSeconds(1))
                                        .forEach(r -> add(r, uid, plan, found));
                                assertThat(found).isNotEmpty();
                            });
            consumer.poll(Duration.ofSeconds(1)).forEach(r -> add(r, uid, plan, found));
        }
        return found;
    }

    private static void add(
            ConsumerRecord<String, byte[]> message,
            String uid,
            long plan,
            List<TrafficShifted> into) {
        Map<String, String> headers = new LinkedHashMap<>();
        message.headers()
                .forEach(h -> headers.put(h.key(), new String(h.value(), StandardCharsets.UTF_8)));
        if (EventCodec.decode(headers, message.value()) instanceof Decoded.Known(Event event)
                && event.data() instanceof TrafficShifted shifted
                && shifted.workload().uid().equals(uid)
                && shifted.plan() == plan
                && !shifted.partial()) {
            into.add(shifted);
        }
    }
}
