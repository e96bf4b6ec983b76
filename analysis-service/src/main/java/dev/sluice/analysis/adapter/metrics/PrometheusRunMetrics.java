package dev.sluice.analysis.adapter.metrics;

import dev.sluice.analysis.app.RunMetrics;
import dev.sluice.analysis.core.AnalysisRun;
import dev.sluice.analysis.core.MetricResult;
import dev.sluice.analysis.core.Phase;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// The original's metric names, which dashboards rely on.
@ApplicationScoped
class PrometheusRunMetrics implements RunMetrics {
    private static final String INFO = "analysis_run_info";
    private static final String PHASE = "analysis_run_phase";
    private static final String METRIC_PHASE = "analysis_run_metric_phase";
    private static final String METRIC_TYPE = "analysis_run_metric_type";
    private static final String RECONCILE = "analysis_run_reconcile";
    private static final String RECONCILE_ERROR = "analysis_run_reconcile_error";

    private record Key(String namespace, String name) {
        Tags tags() {
            return Tags.of("namespace", namespace, "name", name);
        }
    }

    private static final class Series {
        private final Set<Meter.Id> state = new HashSet<>();
        private final Set<Meter.Id> permanent = new HashSet<>();
        private final AtomicLong errors = new AtomicLong();
    }

    private final MeterRegistry registry;
    private final Map<Key, Series> series = new ConcurrentHashMap<>();

    PrometheusRunMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void seen(AnalysisRun run) {
        Key key = new Key(run.identity().namespace(), run.identity().name());
        Series known = series.computeIfAbsent(key, _ -> new Series());
        synchronized (known) {
            Set<Meter.Id> now = new HashSet<>();
            String phase = run.status().phase().orElse(Phase.PENDING).text();
            now.add(one(INFO, key.tags().and("phase", phase)));
            now.add(one(PHASE, key.tags().and("phase", phase)));
            run.metrics()
                    .forEach(
                            metric ->
                                    metric.path("provider")
                                            .fieldNames()
                                            .forEachRemaining(
                                                    type ->
                                                            now.add(
                                                                    one(
                                                                            METRIC_TYPE,
                                                                            key.tags()
                                                                                    .and(
                                                                                            "metric",
                                                                                            metric.path(
                                                                                                            "name")
                                                                                                    .asText(
                                                                                                            ""),
                                                                                            "type",
                                                                                            type)))));
            for (MetricResult result : run.status().metricResults()) {
                now.add(
                        one(
                                METRIC_PHASE,
                                key.tags()
                                        .and(
                                                "metric",
                                                result.name(),
                                                "type",
                                                type(run, result.name()),
                                                "dry_run",
                                                Boolean.toString(result.dryRun()),
                                                "phase",
                                                result.phase().text())));
            }
            known.state.stream().filter(id -> !now.contains(id)).forEach(registry::remove);
            known.state.clear();
            known.state.addAll(now);
        }
    }

    private static String type(AnalysisRun run, String metric) {
        return run.metrics().stream()
                .filter(json -> json.path("name").asText("").equals(metric))
                .flatMap(json -> json.path("provider").propertyStream().map(Map.Entry::getKey))
                .findFirst()
                .orElse("");
    }

    private Meter.Id one(String name, Tags tags) {
        return Gauge.builder(name, () -> 1).tags(tags).register(registry).getId();
    }

    @Override
    public void reconciled(String namespace, String name, Duration took, boolean failed) {
        Key key = new Key(namespace, name);
        Series known = series.get(key);
        if (known == null) {
            return;
        }
        synchronized (known) {
            DistributionSummary summary =
                    DistributionSummary.builder(RECONCILE)
                            .serviceLevelObjectives(0.01, 0.15, 0.25, 0.5, 1)
                            .tags(key.tags())
                            .register(registry);
            summary.record(took.toNanos() / 1e9);
            known.permanent.add(summary.getId());
            if (failed) {
                known.errors.incrementAndGet();
                known.permanent.add(
                        Gauge.builder(RECONCILE_ERROR, known.errors, AtomicLong::doubleValue)
                                .tags(key.tags())
                                .register(registry)
                                .getId());
            }
        }
    }

    @Override
    public void gone(String namespace, String name) {
        Series known = series.remove(new Key(namespace, name));
        if (known != null) {
            synchronized (known) {
                known.state.forEach(registry::remove);
                known.permanent.forEach(registry::remove);
            }
        }
    }
}
