package dev.sluice.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryPolicyTest {
    private static final Instant END = Instant.parse("2026-01-01T00:00:00Z");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | 1 | 10",
                "{} | 2 | 20",
                "{} | 10 | 180",
                "{'backoff':{'duration':'1m','factor':1}} | 3 | 60",
                "{'backoff':{'duration':3,'maxDuration':'4s'}} | 5 | 4"
            })
    void waitsLongerEachTime(String retry, long attempt, long seconds) {
        assertThat(RetryPolicy.of(Json.of(retry)).nextAttempt(END, attempt))
                .isEqualTo(END.plusSeconds(seconds));
    }

    @ParameterizedTest
    @CsvSource({"0, 0, false", "2, 1, true", "2, 2, false", "-1, 1000, true"})
    void allowsUpToTheLimit(long limit, long retries, boolean allowed) {
        assertThat(RetryPolicy.of(Json.of("{'limit':" + limit + "}")).allows(retries))
                .isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 2", "2, 6", "3, 18", "9, 300"})
    void healingBacksOff(long attempts, long seconds) {
        assertThat(AutoSyncDecider.healBackoff(attempts)).isEqualTo(Duration.ofSeconds(seconds));
    }
}
