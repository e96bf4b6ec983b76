package dev.sluice.runtime.kafka;

import dev.sluice.runtime.outbox.Publisher;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Emitter;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.OnOverflow;

/// Sends through the channel `sluice-out`, an idempotent producer with `acks=all`.
@ApplicationScoped
class KafkaPublisher implements Publisher {

    private static final int TOPICS_PATIENCE_SECONDS = 3;

    private final Emitter<byte[]> emitter;
    private final Broker broker;

    KafkaPublisher(
            @Channel("sluice-out") @OnOverflow(OnOverflow.Strategy.UNBOUNDED_BUFFER)
                    Emitter<byte[]> emitter,
            Broker broker) {
        this.emitter = emitter;
        this.broker = broker;
    }

    @Override
    public CompletionStage<Void> publish(
            String topic, String key, Map<String, String> headers, byte[] payload) {
        return broker.topicsReady()
                .orTimeout(TOPICS_PATIENCE_SECONDS, TimeUnit.SECONDS)
                .thenCompose(_ -> send(topic, key, headers, payload));
    }

    @Override
    public boolean isReachable() {
        return broker.isUp();
    }

    private CompletionStage<Void> send(
            String topic, String key, Map<String, String> headers, byte[] payload) {
        RecordHeaders kafkaHeaders = new RecordHeaders();
        headers.forEach(
                (name, value) -> kafkaHeaders.add(name, value.getBytes(StandardCharsets.UTF_8)));
        OutgoingKafkaRecordMetadata<String> metadata =
                OutgoingKafkaRecordMetadata.<String>builder()
                        .withTopic(topic)
                        .withKey(key)
                        .withHeaders(kafkaHeaders)
                        .build();
        CompletableFuture<Void> outcome = new CompletableFuture<>();
        Message<byte[]> message =
                Message.of(payload)
                        .addMetadata(metadata)
                        .withAck(
                                () -> {
                                    outcome.complete(null);
                                    return CompletableFuture.completedFuture(null);
                                })
                        .withNack(
                                failure -> {
                                    outcome.completeExceptionally(failure);
                                    return CompletableFuture.completedFuture(null);
                                });
        try {
            emitter.send(message);
        } catch (IllegalStateException e) {
            // The channel is not wired yet, or no longer.
            outcome.completeExceptionally(e);
        }
        return outcome;
    }
}
