package dev.sluice.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.explorer.drive.Breakage;
import dev.sluice.explorer.engine.Play;
import dev.sluice.explorer.engine.Schedule;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/// What long runs have found: it stays mended.
class FoundTest {

    @BeforeAll
    static void quiet() {
        Exploration.quiet();
    }

    @ParameterizedTest
    @CsvFileSource(resources = "found.txt", delimiter = '|', maxCharsPerColumn = 20_000)
    void theSameScheduleHolds(String rule, String wrong, String schedule) {
        assertThat(Play.play(Schedule.parse(schedule), Breakage.NONE).violation())
                .as(rule + ": " + wrong)
                .isEmpty();
    }
}
