package dev.sluice.sync.adapter.metrics;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.sync.app.AppKey;
import dev.sluice.sync.app.SyncMeters;
import dev.sluice.sync.core.AppSpec;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.OperationPhase;
import dev.sluice.sync.core.RepoUrl;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The metrics that dashboards of Argo CD read. A series dies with its Application.
@ApplicationScoped
public class SyncMetrics implements SyncMeters {
    private record Info(Tags tags, Meter.Id id) {}

    private final MeterRegistry registry;
    private final Map<AppKey, Info> infos = new ConcurrentHashMap<>();

    @Inject
    public SyncMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void reconciled(AppKey key, Duration took) {
        Timer.builder("argocd.app.reconcile")
                .tags("namespace", key.namespace(), "dest_server", AppSpec.Destination.IN_CLUSTER)
                .serviceLevelObjectives(
                        Duration.ofMillis(250),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(8),
                        Duration.ofSeconds(16))
                .register(registry)
                .record(took);
    }

    @Override
    public void synced(JsonNode application, OperationPhase phase, boolean dryRun) {
        registry.counter(
                        "argocd.app.sync.total",
                        common(application)
                                .and("phase", phase.name(), "dry_run", String.valueOf(dryRun)))
                .increment();
    }

    private static Tags common(JsonNode app) {
        return Tags.of(
                "namespace", JsonTrees.text(app, "metadata", "namespace"),
                "name", JsonTrees.text(app, "metadata", "name"),
                "project", JsonTrees.optional(app, "spec", "project").orElse("default"),
                "dest_server", AppSpec.Destination.IN_CLUSTER);
    }

    @Override
    public void info(AppKey key, JsonNode app) {
        boolean automated = JsonTrees.at(app, "spec", "syncPolicy", "automated").isObject();
        Tags tags =
                common(app)
                        .and(
                                "autosync_enabled", String.valueOf(automated),
                                "repo",
                                        RepoUrl.shown(
                                                JsonTrees.text(app, "spec", "source", "repoURL")),
                                "dest_namespace",
                                        JsonTrees.text(app, "spec", "destination", "namespace"),
                                "sync_status",
                                        JsonTrees.optional(app, "status", "sync", "status")
                                                .orElse("Unknown"),
                                "health_status",
                                        JsonTrees.optional(app, "status", "health", "status")
                                                .orElse("Unknown"),
                                "operation", app.path("operation").isObject() ? "sync" : "");
        Info before = infos.get(key);
        if (before != null && before.tags().equals(tags)) {
            return;
        }
        forget(key);
        infos.put(
                key,
                new Info(
                        tags,
                        Gauge.builder("argocd.app.info", () -> 1)
                                .tags(tags)
                                .register(registry)
                                .getId()));
    }

    @Override
    public void forget(AppKey key) {
        Info before = infos.remove(key);
        if (before != null) {
            registry.remove(before.id());
        }
    }
}
