package dev.sluice.rollout;

import static dev.sluice.rollout.RolloutDriver.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Freezes by a Namespace's annotations, and a step that a CDEvent from Kafka completes; what holds
/// a release up is asked of the API.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PolicyIT {
    private static final String STOP = "sluice.dev/stop-releases";

    private StackSession session;
    private RolloutDriver driver;

    @BeforeAll
    void start(StackSession opened) {
        session = opened;
        driver = RolloutDriver.start(opened);
    }

    @AfterAll
    void stop() {
        driver.close();
    }

    @Test
    void aStoppedLineHoldsAReleaseUntilItIsStartedAgain() {
        // Given
        release("held", "1", "{setWeight: 50}");
        becomes("held", "Done", "Healthy");
        long looks = looks("held");
        annotate(Map.of(STOP, "incident 42"));
        // The change of its Namespace has the Rollout looked at: from then on the service knows.
        soon().until(() -> looks("held") > looks);

        // When
        release("held", "2", "{setWeight: 50}");

        // Then
        becomes("held", "Blocked", "Frozen");
        JsonNode why = why("held");
        assertThat(why.path("message").asText()).contains("incident 42");
        assertThat(why.path("unblock").asText()).contains(STOP, session.namespace());
        assertThat(driver.getJson("/api/v1/rollouts?state=done&name=held").path("total").asInt())
                .isZero();
        annotate(Map.of());
        becomes("held", "Done", "Healthy");
    }

    @Test
    void anEventFromCiCompletesTheStepThatWaitsForIt() {
        // Given
        String gate =
                """
                {plugin: {name: sluice/wait-for-event, config: {
                      type: dev.cdevents.testsuiterun.finished, source: "https://ci.example.com",
                      outcome: pass, match: {customData.image: "{{image}}"}}}}\
                """;
        release("gated", "1", gate);
        becomes("gated", "Done", "Healthy");
        release("gated", "2", gate);
        becomes("gated", "Waiting", "WaitingForEvent");

        // When
        publish("for-another", "example.com/app:1");
        publish("for-this", "example.com/app:2");

        // Then
        becomes("gated", "Done", "Healthy");
        JsonNode plugins = driver.status("gated").path("canary").path("stepPluginStatuses");
        assertThat(plugins.path(0).path("status").path("event").asText()).isEqualTo("for-this");
    }

    @Test
    void aStateThatDoesNotExistIsRefused() {
        JsonNode refusal = driver.getJson("/api/v1/rollouts?state=sleepy");
        assertThat(refusal.path("status").asInt()).isEqualTo(400);
        assertThat(refusal.path("detail").asText()).contains("Blocked", "Broken");
    }

    private void becomes(String name, String state, String reason) {
        soon().untilAsserted(
                        () -> {
                            JsonNode why = why(name);
                            assertThat(
                                            why.path("state").asText()
                                                    + " "
                                                    + why.path("reason").asText())
                                    .as(() -> driver.status(name).toString())
                                    .isEqualTo(state + " " + reason);
                        });
    }

    private JsonNode why(String name) {
        return driver.getJson("/api/v1/rollouts?namespace=" + session.namespace() + "&name=" + name)
                .path("rollouts")
                .path(0);
    }

    /// How often the service has looked at this Rollout.
    private long looks(String name) {
        Matcher found =
                Pattern.compile(
                                "(?m)^rollout_reconcile_count\\{[^}]*\\bname=\"%s\"[^}]*} ([0-9]+)"
                                        .formatted(name))
                        .matcher(driver.get("/q/metrics"));
        return found.find() ? Long.parseLong(found.group(1)) : 0;
    }

    private void annotate(Map<String, String> annotations) {
        driver.client()
                .namespaces()
                .withName(session.namespace())
                .edit(
                        n -> {
                            Map<String, String> all =
                                    new java.util.HashMap<>(
                                            java.util.Objects.requireNonNullElse(
                                                    n.getMetadata().getAnnotations(), Map.of()));
                            all.remove(STOP);
                            all.putAll(annotations);
                            return new NamespaceBuilder(n)
                                    .editMetadata()
                                    .withAnnotations(all)
                                    .endMetadata()
                                    .build();
                        });
    }

    private void publish(String id, String image) {
        String event =
                """
                {"context":{"id":"%1$s","source":"https://ci.example.com",
                  "type":"dev.cdevents.testsuiterun.finished.0.2.0"},
                 "subject":{"id":"suite","content":{"outcome":"pass"}},
                 "customData":{"image":"%2$s"}}
                """
                        .formatted(id, image);
        ProducerRecord<String, String> message =
                new ProducerRecord<>(session.topicPrefix() + "sluice.ci.v1", "suite", event);
        Map.of(
                        "ce_specversion", "1.0",
                        "ce_id", id,
                        "ce_source", "https://ci.example.com",
                        "ce_type", "dev.cdevents.testsuiterun.finished.0.2.0",
                        "ce_time", Instant.now().toString(),
                        "content-type", "application/json")
                .forEach(
                        (key, value) ->
                                message.headers()
                                        .add(
                                                new RecordHeader(
                                                        key,
                                                        value.getBytes(StandardCharsets.UTF_8))));
        Map<String, Object> settings =
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        session.stack().kafka().bootstrapServers());
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(message).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private void release(String name, String version, String steps) {
        driver.apply(Manifests.rollout(name, version, 2, "canary: {steps: [" + steps + "]}"));
    }
}
