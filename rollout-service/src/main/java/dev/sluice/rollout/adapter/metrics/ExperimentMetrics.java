package dev.sluice.rollout.adapter.metrics;

import dev.sluice.rollout.app.ExperimentGauges;
import dev.sluice.rollout.core.experiment.Experiment;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// Series per Experiment, made from the live ones at each scrape (C11).
@Singleton
public final class ExperimentMetrics implements ExperimentGauges {
    private static final List<String> OBJECT = List.of("namespace", "name");
    private static final List<String> OBJECT_AND_PHASE = List.of("namespace", "name", "phase");
    private static final double[] BUCKETS = {0.01, 0.15, 0.25, 0.5, 1};
    private static final List<String> PHASES =
            List.of("Pending", "Running", "Successful", "Failed", "Error", "Inconclusive");

    private final Map<String, Series> byUid = new ConcurrentHashMap<>();

    private static final class Series {
        final String namespace;
        final String name;
        final long[] buckets = new long[BUCKETS.length + 1];
        double sum;
        long errors;
        String phase = "";

        Series(String namespace, String name) {
            this.namespace = namespace;
            this.name = name;
        }

        List<String> object() {
            return List.of(namespace, name);
        }
    }

    /// The registry is the one that the Quarkus extension brings; its successor is another one.
    @SuppressWarnings("deprecation")
    ExperimentMetrics(PrometheusMeterRegistry prometheus) {
        new Collector() {
            @Override
            public List<MetricFamilySamples> collect() {
                return samples();
            }
        }.register(prometheus.getPrometheusRegistry());
    }

    @Override
    public void reconciled(Experiment.Meta experiment, double seconds, boolean failed) {
        Series series = series(experiment);
        synchronized (series) {
            int bucket = 0;
            while (bucket < BUCKETS.length && seconds > BUCKETS[bucket]) {
                bucket++;
            }
            series.buckets[bucket]++;
            series.sum += seconds;
            if (failed) {
                series.errors++;
            }
        }
    }

    @Override
    public void show(Experiment.Meta experiment, String phase) {
        Series series = series(experiment);
        synchronized (series) {
            series.phase = phase;
        }
    }

    @Override
    public void forget(String uid) {
        byUid.remove(uid);
    }

    private Series series(Experiment.Meta meta) {
        return byUid.computeIfAbsent(meta.uid(), _ -> new Series(meta.namespace(), meta.name()));
    }

    private List<MetricFamilySamples> samples() {
        List<Sample> info = new ArrayList<>();
        List<Sample> phases = new ArrayList<>();
        List<Sample> histogram = new ArrayList<>();
        List<Sample> errors = new ArrayList<>();
        for (Series series : List.copyOf(byUid.values())) {
            synchronized (series) {
                if (!series.phase.isEmpty()) {
                    info.add(withPhase("experiment_info", series, series.phase, 1));
                    PHASES.forEach(
                            p ->
                                    phases.add(
                                            withPhase(
                                                    "experiment_phase",
                                                    series,
                                                    p,
                                                    p.equals(series.phase) ? 1 : 0)));
                }
                histogram(series).forEach(histogram::add);
                errors.add(
                        new Sample(
                                "experiment_reconcile_error",
                                OBJECT,
                                series.object(),
                                (double) series.errors));
            }
        }
        return List.of(
                family("experiment_info", Collector.Type.GAUGE, "Phase of an Experiment", info),
                family(
                        "experiment_phase",
                        Collector.Type.GAUGE,
                        "1 for the phase that an Experiment is in, 0 for the others; deprecated,"
                                + " use experiment_info",
                        phases),
                family(
                        "experiment_reconcile",
                        Collector.Type.HISTOGRAM,
                        "Seconds that looks at an Experiment took",
                        histogram),
                RolloutMetrics.errors(
                        "experiment_reconcile_error",
                        "Looks at an Experiment that failed",
                        errors));
    }

    private static MetricFamilySamples family(
            String name, Collector.Type type, String help, List<Sample> samples) {
        return new MetricFamilySamples(name, type, help, samples);
    }

    private static Sample withPhase(String metric, Series series, String phase, double value) {
        return new Sample(
                metric, OBJECT_AND_PHASE, List.of(series.namespace, series.name, phase), value);
    }

    private static Stream<Sample> histogram(Series series) {
        List<Sample> samples = new ArrayList<>();
        long below = 0;
        for (int i = 0; i <= BUCKETS.length; i++) {
            below += series.buckets[i];
            String bound = i < BUCKETS.length ? Double.toString(BUCKETS[i]) : "+Inf";
            samples.add(
                    new Sample(
                            "experiment_reconcile_bucket",
                            List.of("namespace", "name", "le"),
                            List.of(series.namespace, series.name, bound),
                            (double) below));
        }
        samples.add(
                new Sample("experiment_reconcile_count", OBJECT, series.object(), (double) below));
        samples.add(new Sample("experiment_reconcile_sum", OBJECT, series.object(), series.sum));
        return samples.stream();
    }
}
