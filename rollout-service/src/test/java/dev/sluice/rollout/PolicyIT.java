package dev.sluice.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.events.EventCodec;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
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

    private final StackSession session;
    private final KubernetesClient client;
    private ServiceProcess service;

    PolicyIT(StackSession session) {
        this.session = session;
        this.client = session.client();
    }

    @BeforeAll
    void start() {
        service =
                ServiceProcess.start(
                        "rollout-service", session.stack(), session.serviceEnvironment());
    }

    @AfterAll
    void stop() {
        service.close();
    }

    @Test
    void aStoppedLineHoldsAReleaseUntilItIsStartedAgain() {
        // Given
        apply("held", "1", "- setWeight: 50");
        becomes("held", "Done", "Healthy");
        annotate(Map.of(STOP, "incident 42"));

        // When
        apply("held", "2", "- setWeight: 50");

        // Then
        becomes("held", "Blocked", "Frozen");
        JsonNode why = why("held");
        assertThat(why.path("message").asText()).contains("incident 42");
        assertThat(why.path("unblock").asText()).contains(STOP, session.namespace());
        assertThat(get("/api/v1/rollouts?state=done&name=held").path("total").asInt()).isZero();
        annotate(Map.of());
        becomes("held", "Done", "Healthy");
    }

    @Test
    void anEventFromCiCompletesTheStepThatWaitsForIt() {
        // Given
        String gate =
                """
                - plugin:
                          name: sluice/wait-for-event
                          config:
                            type: dev.cdevents.testsuiterun.finished
                            source: https://ci.example.com
                            outcome: pass
                            match: {customData.image: "{{image}}"}
                """
                        .strip();
        apply("gated", "1", gate);
        becomes("gated", "Done", "Healthy");
        apply("gated", "2", gate);
        becomes("gated", "Waiting", "WaitingForEvent");

        // When
        publish("for-another", "example.com/app:1");
        publish("for-this", "example.com/app:2");

        // Then
        becomes("gated", "Done", "Healthy");
        JsonNode plugins =
                rollout("gated").path("status").path("canary").path("stepPluginStatuses");
        assertThat(plugins.path(0).path("status").path("event").asText()).isEqualTo("for-this");
    }

    @Test
    void aStateThatDoesNotExistIsRefused() {
        JsonNode refusal = get("/api/v1/rollouts?state=sleepy");
        assertThat(refusal.path("status").asInt()).isEqualTo(400);
        assertThat(refusal.path("detail").asText()).contains("Blocked", "Broken");
    }

    private void becomes(String name, String state, String reason) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(
                        () ->
                                assertThat(
                                                why(name).path("state").asText()
                                                        + " "
                                                        + why(name).path("reason").asText())
                                        .as(() -> rollout(name).path("status").toString())
                                        .isEqualTo(state + " " + reason));
    }

    private JsonNode why(String name) {
        return get("/api/v1/rollouts?namespace=" + session.namespace() + "&name=" + name)
                .path("rollouts")
                .path(0);
    }

    private JsonNode get(String path) {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(service.url() + path))
                        .timeout(Duration.ofSeconds(10))
                        .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            return EventCodec.mapper()
                    .readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private JsonNode rollout(String name) {
        return EventCodec.mapper()
                .valueToTree(
                        client.genericKubernetesResources("argoproj.io/v1alpha1", "Rollout")
                                .inNamespace(session.namespace())
                                .withName(name)
                                .get());
    }

    private void annotate(Map<String, String> annotations) {
        client.namespaces()
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

    private void apply(String name, String version, String steps) {
        String manifest =
                """
                apiVersion: argoproj.io/v1alpha1
                kind: Rollout
                metadata:
                  name: NAME
                spec:
                  replicas: 2
                  selector:
                    matchLabels: {app: NAME}
                  template:
                    metadata:
                      labels: {app: NAME}
                    spec:
                      containers:
                      - name: app
                        image: example.com/app:VERSION
                  strategy:
                    canary:
                      steps:
                      STEPS
                """
                        .replace("NAME", name)
                        .replace("VERSION", version)
                        .replace("STEPS", steps);
        List<io.fabric8.kubernetes.api.model.HasMetadata> objects =
                client.load(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)))
                        .items();
        objects.forEach(
                object ->
                        client.resource(object)
                                .inNamespace(session.namespace())
                                .forceConflicts()
                                .serverSideApply());
    }
}
