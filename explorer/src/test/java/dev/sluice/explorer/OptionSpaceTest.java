package dev.sluice.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.explorer.drive.Breakage;
import dev.sluice.explorer.engine.Walks;
import dev.sluice.explorer.engine.Walks.Summary;
import dev.sluice.explorer.scenario.OptionSpace;
import dev.sluice.explorer.scenario.Scenario;
import dev.sluice.explorer.scenario.Scenarios;
import dev.sluice.rollout.core.ParseResult;
import dev.sluice.rollout.core.RolloutParser;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The product of the options: every point is one that rollout-service accepts, and a sample is
/// walked.
class OptionSpaceTest {
    private static final int EVERY = 97;
    private static final long STEPS = 20_000;

    @BeforeAll
    static void quiet() {
        Exploration.quiet();
    }

    @Test
    void everyPointIsAValidRolloutWithANameThatFindsIt() {
        List<Scenario> points = OptionSpace.beginningWith("");

        assertThat(points).hasSizeGreaterThan(2_000);
        assertThat(points).extracting(Scenario::name).doesNotHaveDuplicates();
        for (Scenario point : points) {
            assertThat(RolloutParser.parse(point.rollout()))
                    .as(point.name())
                    .isInstanceOf(ParseResult.Valid.class);
            assertThat(Scenarios.named(point.name()).map(Scenario::rollout))
                    .contains(point.rollout());
        }
    }

    @Test
    void aPrefixStandsForEverythingBelowIt() {
        assertThat(Scenarios.matching("canary.pingpong.n3")).isNotEmpty();
        assertThat(Scenarios.matching("canary.pingpong.n3"))
                .allSatisfy(p -> assertThat(p.name()).startsWith("canary.pingpong.n3."));
        assertThat(Scenarios.matching("canary.pingpong.n")).isEmpty();
    }

    @Test
    void aSampleOfTheSpaceBreaksNoInvariant() {
        List<Scenario> points = OptionSpace.beginningWith("");
        List<String> sample =
                IntStream.range(0, points.size())
                        .filter(i -> i % EVERY == 0)
                        .mapToObj(i -> points.get(i).name())
                        .toList();

        Summary summary =
                new Walks(sample, Breakage.NONE, 1, 2, InstantSource.system()).run(STEPS, _ -> {});

        assertThat(summary.failure().map(f -> f.violation() + " " + f.schedule().text())).isEmpty();
        assertThat(summary.steps()).isGreaterThanOrEqualTo(STEPS);
    }
}
