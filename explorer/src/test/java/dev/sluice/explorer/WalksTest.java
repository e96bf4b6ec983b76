package dev.sluice.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.explorer.drive.Breakage;
import dev.sluice.explorer.engine.Play;
import dev.sluice.explorer.engine.Schedule;
import dev.sluice.explorer.engine.Shrinker;
import dev.sluice.explorer.engine.Walks;
import dev.sluice.explorer.engine.Walks.Failure;
import dev.sluice.explorer.engine.Walks.Summary;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A bounded run of the walks, and the proof that they find something where a rule is left out.
class WalksTest {
    private static final long STEPS = 60_000;
    private static final long STEPS_UNTIL_FOUND = 150_000;

    @BeforeAll
    static void quiet() {
        Exploration.quiet();
    }

    @Test
    void noScheduleOfTheBoundedRunBreaksAnInvariant() {
        Summary summary = walks(List.of(), Breakage.NONE).run(STEPS, _ -> {});

        assertThat(summary.failure().map(f -> f.violation() + " " + f.schedule().text())).isEmpty();
        assertThat(summary.steps()).isGreaterThanOrEqualTo(STEPS);
        assertThat(summary.requests()).isPositive();
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "NO_LIVE",
                "EARLY_EVIDENCE",
                "UNCONDITIONAL",
                "NO_PLAN_STAMP",
                "STALE_CAPACITY",
                "REMEMBERS",
                "NO_DEADLINES",
                "UNJUDGED"
            })
    void aRuleThatIsLeftOutIsMissed(Breakage breakage) {
        Summary summary =
                walks(List.of("canary-dynamic", "canary-gateway", "bluegreen"), breakage)
                        .run(STEPS_UNTIL_FOUND, _ -> {});

        assertThat(summary.failure()).isPresent();
    }

    /// C8: a status field that the API server drops is written again with every look.
    @Test
    void whoNeverComesToRestIsFound() {
        String turn = "rollout0.sees-all rollout0.look rollout0.write*3 ";
        Schedule schedule = Schedule.parse("canary-nginx@fresh: " + turn.repeat(15));

        assertThat(Play.play(schedule, Breakage.PRUNED).violation())
                .hasValueSatisfying(v -> assertThat(v.number()).isEqualTo("C8"));
        assertThat(Play.play(schedule, Breakage.NONE).violation()).isEmpty();
    }

    /// G9: a run was created, its creator died, and it ended before anybody recorded it.
    @Test
    void aMeasurementThatBeginsTwiceIsFound() {
        String look = "rollout1.sees-all rollout1.look rollout1.write ";
        Schedule schedule =
                Schedule.parse(
                        "bluegreen-analysis: image1 turn*3 time11000 "
                                + look
                                + "rollout1.crash run-Successful "
                                + look);

        assertThat(Play.play(schedule, Breakage.UNLABELLED).violation())
                .hasValueSatisfying(v -> assertThat(v.number()).isEqualTo("G9"));
        assertThat(Play.play(schedule, Breakage.NONE).violation()).isEmpty();
    }

    @Test
    void aFailingScheduleIsMadeShortAndStillFails() {
        Failure failure =
                walks(List.of("canary-gateway"), Breakage.EARLY_EVIDENCE)
                        .run(STEPS_UNTIL_FOUND, _ -> {})
                        .failure()
                        .orElseThrow();

        Schedule shorter =
                Shrinker.shrink(
                        failure.schedule(),
                        failure.violation(),
                        Breakage.EARLY_EVIDENCE,
                        Duration.ofSeconds(5),
                        InstantSource.system());

        Schedule again = Schedule.parse(shorter.text());
        assertThat(again.actions().size()).isLessThan(failure.schedule().actions().size());
        assertThat(Play.play(again, Breakage.EARLY_EVIDENCE).violation())
                .hasValueSatisfying(
                        v -> assertThat(v.number()).isEqualTo(failure.violation().number()));
    }

    private static Walks walks(List<String> scenarios, Breakage breakage) {
        return new Walks(scenarios, breakage, 1, 2, InstantSource.system());
    }
}
