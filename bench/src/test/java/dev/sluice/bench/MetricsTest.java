package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final Metrics BEFORE =
            new Metrics(
                    """
                    # TYPE sluice_api_writes_total counter
                    sluice_api_writes_total{resource="rollouts",result="applied",verb="patch"} 2.0
                    """);
    private static final Metrics AFTER =
            new Metrics(
                    """
                    sluice_api_writes_total{resource="rollouts",result="applied",verb="patch"} 12.0
                    sluice_api_writes_total{resource="replicasets",result="conflict",verb="patch"} 1.0
                    sluice_api_writes_total_other{resource="pods",result="conflict",verb="patch"} 5.0
                    """);

    @Test
    void tellsWhatWasAddedBySomeLabels() {
        String[] labels = {"resource", "verb", "result"};

        assertThat(
                        Metrics.added(
                                BEFORE.by("sluice_api_writes_total", labels),
                                AFTER.by("sluice_api_writes_total", labels)))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("rollouts patch applied", 10L, "replicasets patch conflict", 1L));
    }

    @Test
    void sumsAndCountsTheSeriesOfAMetric() {
        assertThat(AFTER.sum("sluice_api_writes_total")).isEqualTo(13);
        assertThat(AFTER.series("sluice_api_writes_total")).isEqualTo(2);
    }
}
