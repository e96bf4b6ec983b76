package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PercentilesTest {

    @Test
    void takesTheNearestRank() {
        Percentiles values = new Percentiles();
        IntStream.rangeClosed(1, 200).forEach(i -> values.add(Duration.ofMillis(i)));

        assertThat(values.at(50)).isEqualTo(Duration.ofMillis(100));
        assertThat(values.at(99)).isEqualTo(Duration.ofMillis(198));
        assertThat(values).hasToString("p50 100 ms, p99 198 ms (n = 200)");
    }

    @Test
    void isZeroWithoutValues() {
        assertThat(new Percentiles().at(99)).isEqualTo(Duration.ZERO);
    }

    @Test
    void readsTheServicesCountersAndTheirGrowth() {
        Map<String, Long> before =
                ApiWrites.parse(
                        """
                        # TYPE sluice_api_writes_total counter
                        sluice_api_writes_total{resource="rollouts",result="applied",verb="patch"} 2.0
                        """);
        Map<String, Long> after =
                ApiWrites.parse(
                        """
                        sluice_api_writes_total{resource="rollouts",result="applied",verb="patch"} 12.0
                        sluice_api_writes_total{resource="replicasets",result="conflict",verb="patch"} 1.0
                        """);

        assertThat(ApiWrites.difference(before, after))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("rollouts patch applied", 10L, "replicasets patch conflict", 1L));
    }
}
