package dev.sluice.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.explorer.drive.Breakage;
import dev.sluice.explorer.engine.Schedule;
import dev.sluice.explorer.engine.Search;
import dev.sluice.explorer.scenario.Scenarios;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Everything that can happen around a moment that matters, as deep as the bound allows.
class SearchTest {
    private static final int MOST_STATES = 150;
    private static final List<String> CHOICES =
            List.of(
                    "rollout0.sees-all",
                    "rollout0.look",
                    "rollout0.write",
                    "rollout1.look",
                    "rollout1.write",
                    "router0.look",
                    "router0.write",
                    "router1.look",
                    "router1.write",
                    "set1",
                    "ready1",
                    "slice-canary",
                    "nginx.config",
                    "nginx.endpoints",
                    "nodes.endpoints",
                    "abort",
                    "image2",
                    "time11000");

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
                "bluegreen: image1 turn*2",
            })
    void nothingThatCanHappenNextBreaksAnInvariant(String until) {
        Schedule prefix = Schedule.parse(until);

        Search.Result result =
                Search.run(
                        Scenarios.named(prefix.scenario().name()).orElseThrow(),
                        Breakage.NONE,
                        CHOICES,
                        prefix,
                        MOST_STATES);

        assertThat(result.violation().map(v -> v + " " + result.schedule().orElseThrow().text()))
                .isEmpty();
        assertThat(result.depth()).isPositive();
        assertThat(result.states()).isGreaterThan(MOST_STATES);
    }
}
