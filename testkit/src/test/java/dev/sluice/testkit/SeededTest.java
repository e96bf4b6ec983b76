package dev.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeededTest {
    @Test
    void sameSeedGivesSameData() {
        var once = Seeded.of(7).listOf(3, 9, seeded -> seeded.between(0, 1000));
        var again = Seeded.of(7).listOf(3, 9, seeded -> seeded.between(0, 1000));

        assertThat(once).isEqualTo(again).hasSizeBetween(3, 9);
    }

    @Test
    void shufflingLosesNothing() {
        assertThat(Seeded.of(1).shuffled(List.of(1, 2, 3, 4)))
                .containsExactlyInAnyOrder(1, 2, 3, 4);
    }

    @Test
    void clockStandsStillUntilItIsMoved() {
        // Given
        var clock = MutableClock.at("2026-11-02T10:00:00Z");

        // When
        clock.advance(Duration.ofMinutes(5));

        // Then
        assertThat(clock.instant()).isEqualTo(Instant.parse("2026-11-02T10:05:00Z"));
    }
}
