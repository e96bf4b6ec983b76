package dev.sluice.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.explorer.drive.Breakage;
import dev.sluice.explorer.engine.Schedule;
import dev.sluice.explorer.engine.Search;
import dev.sluice.explorer.engine.SmallScope;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Everything that can happen around a moment that matters, as deep as the bound allows.
class SearchTest {
    private static final int MOST_STATES = 150;

    @BeforeAll
    static void quiet() {
        Exploration.quiet();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "canary-nginx: image1 turn*2",
                "canary-two-routers: image1 turn*4",
                "canary-dynamic: image1 turn*6 time11000 turn*4",
                "canary-routes-ping-pong: image1 turn*6",
                "bluegreen: image1 turn*2",
            })
    void nothingThatCanHappenNextBreaksAnInvariant(String until) {
        Schedule prefix = Schedule.parse(until);

        Search.Result result = SmallScope.search(prefix, Breakage.NONE, MOST_STATES);

        assertThat(result.violation().map(v -> v + " " + result.schedule().orElseThrow().text()))
                .isEmpty();
        assertThat(result.depth()).isPositive();
        assertThat(result.states()).isGreaterThan(MOST_STATES);
    }
}
