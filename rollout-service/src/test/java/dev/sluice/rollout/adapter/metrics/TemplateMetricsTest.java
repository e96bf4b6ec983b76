package dev.sluice.rollout.adapter.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.app.AnalysisTemplates.Template;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@SuppressWarnings("deprecation")
class TemplateMetricsTest {
    @Test
    void showsTheTemplatesThatThereAreNow_C11() {
        // Given
        List<Template> templates = new ArrayList<>();
        templates.add(new Template("ns", "errors", Map.of("rate", "prometheus")));
        templates.add(new Template("", "shared", Map.of()));
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        var _ = new TemplateMetrics(() -> templates, registry);

        // When
        String before = registry.scrape();
        templates.removeFirst();
        String after = registry.scrape();

        // Then
        assertThat(before)
                .contains(
                        "analysis_template_info{namespace=\"ns\",name=\"errors\",} 1.0",
                        "analysis_template_info{namespace=\"\",name=\"shared\",} 1.0",
                        "analysis_template_metric_info{namespace=\"ns\",name=\"errors\",type=\"prometheus\",metric=\"rate\",}"
                                + " 1.0");
        assertThat(after).contains("\"shared\"").doesNotContain("errors");
    }
}
