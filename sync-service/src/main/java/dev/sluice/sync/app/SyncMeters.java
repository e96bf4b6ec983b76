package dev.sluice.sync.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.sync.core.OperationPhase;
import java.time.Duration;

/// Port to the metrics.
public interface SyncMeters {
    void reconciled(AppKey key, Duration took);

    void synced(JsonNode application, OperationPhase phase, boolean dryRun);

    void info(AppKey key, JsonNode application);

    void forget(AppKey key);
}
