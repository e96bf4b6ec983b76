package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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
}
