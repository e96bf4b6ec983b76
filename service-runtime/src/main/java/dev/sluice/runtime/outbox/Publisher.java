package dev.sluice.runtime.outbox;

import java.util.Map;
import java.util.concurrent.CompletionStage;

/// Sends to Kafka.
public interface Publisher {

    /// Sends one record. The stage completes when all in-sync replicas have it; it fails only when
    /// the record will not be sent any more.
    CompletionStage<Void> publish(
            String topic, String key, Map<String, String> headers, byte[] payload);

    /// Whether the broker answered last time.
    boolean isReachable();
}
