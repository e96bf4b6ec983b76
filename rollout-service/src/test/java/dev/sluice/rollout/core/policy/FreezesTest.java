package dev.sluice.rollout.core.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.core.policy.Freezes.Space;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FreezesTest {
    private static final Instant SATURDAY_NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final Instant MONDAY_NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final String WEEKEND =
            "[{\"schedule\":\"0 18 * * 5\",\"duration\":\"62h\",\"timeZone\":\"Europe/Zurich\","
                    + "\"reason\":\"weekend\"}]";

    private static Optional<Freeze> freeze(Map<String, String> annotations, Instant now) {
        return Freezes.of(List.of(new Space("shop", annotations)), now);
    }

    @Test
    void nothingIsFrozenWithoutAnAnnotation() {
        assertThat(freeze(Map.of(), SATURDAY_NOON)).isEmpty();
    }

    @Test
    void aStoppedLineStaysStoppedUntilAPersonStartsItAgain() {
        assertThat(freeze(Map.of(Freezes.STOP, "incident 42"), MONDAY_NOON))
                .contains(
                        new Freeze(
                                "incident 42",
                                "annotation sluice.dev/stop-releases of Namespace shop",
                                Optional.empty()));
    }

    @Test
    void aWindowHoldsFromItsScheduleForItsDurationInItsTimeZone() {
        Map<String, String> weekend = Map.of(Freezes.WINDOWS, WEEKEND);
        assertThat(freeze(weekend, SATURDAY_NOON))
                .hasValueSatisfying(
                        f -> {
                            assertThat(f.reason()).isEqualTo("weekend");
                            assertThat(f.until()).contains(Instant.parse("2026-11-23T07:00:00Z"));
                        });
        assertThat(freeze(weekend, MONDAY_NOON)).isEmpty();
    }

    @Test
    void theLongestOfSeveralFreezesIsNamed() {
        Space shop = new Space("shop", Map.of(Freezes.WINDOWS, WEEKEND));
        Space everywhere = new Space("sluice-system", Map.of(Freezes.STOP, "audit"));
        assertThat(Freezes.of(List.of(shop, everywhere), SATURDAY_NOON).orElseThrow().reason())
                .isEqualTo("audit");
        assertThat(Freezes.of(List.of(everywhere, shop), SATURDAY_NOON).orElseThrow().reason())
                .isEqualTo("audit");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{oops                                              | it is not JSON",
                "{}                                                 | it is not a list",
                "[{\"schedule\":\"0 18 *\",\"duration\":\"1h\"}]         | window 0: schedule",
                "[{\"schedule\":\"0 18 * * 5\",\"duration\":\"long\"}]   | window 0: duration",
                "[{\"schedule\":\"0 18 * * 5\",\"duration\":\"9999h\"}]  | window 0: duration",
                "[{\"schedule\":\"* * * * *\",\"duration\":\"1h\",\"timeZone\":\"Mars\"}]"
                        + " | window 0: timeZone is unknown"
            })
    void windowsThatCannotBeReadHoldReleasesAndSayWhy_T8(String text, String problem) {
        assertThat(freeze(Map.of(Freezes.WINDOWS, text), MONDAY_NOON))
                .hasValueSatisfying(f -> assertThat(f.reason()).contains(problem));
    }
}
