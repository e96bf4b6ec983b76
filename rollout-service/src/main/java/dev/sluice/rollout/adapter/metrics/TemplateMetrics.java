package dev.sluice.rollout.adapter.metrics;

import dev.sluice.rollout.app.AnalysisTemplates;
import dev.sluice.rollout.app.AnalysisTemplates.Template;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/// Which analysis templates there are, read from the caches at each scrape (C11).
@Singleton
@Startup
public final class TemplateMetrics {
    private static final String INFO = "analysis_template_info";
    private static final String METRIC_INFO = "analysis_template_metric_info";

    private final AnalysisTemplates templates;

    /// The registry is the one that the Quarkus extension brings; its successor is another one.
    @SuppressWarnings("deprecation")
    TemplateMetrics(AnalysisTemplates templates, PrometheusMeterRegistry prometheus) {
        this.templates = templates;
        new Collector() {
            @Override
            public List<MetricFamilySamples> collect() {
                return samples();
            }
        }.register(prometheus.getPrometheusRegistry());
    }

    private List<MetricFamilySamples> samples() {
        List<Sample> info = new ArrayList<>();
        List<Sample> metrics = new ArrayList<>();
        for (Template template : templates.all()) {
            String namespace = template.namespace();
            String name = template.name();
            info.add(new Sample(INFO, RolloutMetrics.objectLabels(), List.of(namespace, name), 1));
            template.providers()
                    .forEach(
                            (metric, type) ->
                                    metrics.add(
                                            new Sample(
                                                    METRIC_INFO,
                                                    List.of("namespace", "name", "type", "metric"),
                                                    List.of(namespace, name, type, metric),
                                                    1)));
        }
        return List.of(
                new MetricFamilySamples(
                        INFO, Collector.Type.GAUGE, "Analysis templates of the cluster", info),
                new MetricFamilySamples(
                        METRIC_INFO,
                        Collector.Type.GAUGE,
                        "Metrics of the analysis templates, and who provides them",
                        metrics));
    }
}
