package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.core.status.Times;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {
    @ParameterizedTest
    @CsvSource({
        "2026-01-31T12:34:56Z, 2026-01-31T12:34:56Z",
        "2028-02-29T00:00:00Z, 2028-02-29T00:00:00Z",
        "2026-01-31T12:34:56.789Z, 2026-01-31T12:34:56.789Z",
        "2026-01-31T12:34:56+02:00, 2026-01-31T10:34:56Z"
    })
    void readsEveryFormOfTime(String text, Instant time) {
        assertThat(Times.parse(text)).contains(time);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "soon",
                "2026-02-29T00:00:00Z",
                "2026-13-01T00:00:00Z",
                "2026-01-31T24:00:00Z",
                "2026-01-31T12:60:00Z",
                "2026-01-31 12:34:56Z",
                "2026-01-31T12:34:5aZ",
                "+026-01-31T12:34:56Z"
            })
    void whatIsNoTimeIsNone(String text) {
        assertThat(Times.parse(text)).isEmpty();
    }

    @Test
    void readsWhatItWrites() {
        Instant time = Instant.parse("2026-01-31T12:34:56Z");

        assertThat(Times.parse(Times.text(time))).contains(time);
    }
}
