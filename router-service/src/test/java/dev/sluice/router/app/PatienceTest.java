package dev.sluice.router.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PatienceTest {
    private static final Instant PLAN = Instant.parse("2026-11-23T12:00:00Z");
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void whatIsNewIsLookedAtSoonAndWhatIsOldSeldom() {
        assertThat(after(20, SECOND)).isEqualTo(Duration.ofMillis(100));
        assertThat(after(150, SECOND)).isEqualTo(Duration.ofMillis(150));
        assertThat(after(300, SECOND)).isEqualTo(Duration.ofMillis(300));
        assertThat(after(60_000, SECOND)).isEqualTo(SECOND);
    }

    @Test
    void aClockThatIsBehindDoesNotMatter() {
        assertThat(after(-5_000, SECOND)).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void theSettingIsTheLimit() {
        assertThat(after(20, Duration.ofMillis(50))).isEqualTo(Duration.ofMillis(50));
    }

    @Test
    void ofSeveralTimesTheNextOneCounts() {
        List<Instant> ends =
                List.of(PLAN.plusSeconds(9), PLAN.minusSeconds(1), PLAN.plusSeconds(4));
        assertThat(Patience.untilFirst(ends, PLAN)).contains(Duration.ofSeconds(4));
        assertThat(Patience.untilFirst(ends, PLAN.plusSeconds(9))).isEmpty();
    }

    private static Duration after(long millis, Duration most) {
        return Patience.since(PLAN, PLAN.plusMillis(millis), Duration.ofMillis(100), most);
    }
}
