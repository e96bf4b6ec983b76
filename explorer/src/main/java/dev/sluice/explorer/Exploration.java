package dev.sluice.explorer;

import dev.sluice.explorer.check.Violation;
import dev.sluice.explorer.drive.Breakage;
import dev.sluice.explorer.engine.Play;
import dev.sluice.explorer.engine.Schedule;
import dev.sluice.explorer.engine.Search;
import dev.sluice.explorer.engine.Shrinker;
import dev.sluice.explorer.engine.SmallScope;
import dev.sluice.explorer.engine.Trace;
import dev.sluice.explorer.engine.Walks;
import dev.sluice.explorer.engine.Walks.Failure;
import dev.sluice.explorer.engine.Walks.Summary;
import dev.sluice.explorer.scenario.Scenario;
import dev.sluice.explorer.scenario.Scenarios;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;

/// The door for the command line and for tests: random walks with progress and a summary, and
/// replays. True means that every invariant held.
public final class Exploration {
    /// Kept here, for a logger that nobody holds forgets its level.
    private static final Logger SERVICES = Logger.getLogger("dev.sluice");

    private static final Duration SHRINKING = Duration.ofSeconds(60);

    private final PrintStream out;
    private final InstantSource clock;

    public Exploration(PrintStream out, InstantSource clock) {
        this.out = out;
        this.clock = clock;
        quiet();
    }

    /// The services' own log lines would drown everything.
    public static void quiet() {
        SERVICES.setLevel(Level.OFF);
    }

    /// Random walks until `steps` steps are made.
    ///
    /// @param scenarios names; empty for all
    public boolean walk(
            List<String> scenarios, Breakage breakage, long steps, long seed, int threads) {
        out.printf(
                Locale.ROOT,
                "exploring %s, %,d steps, seed %d, %d threads%n",
                scenarios.isEmpty() ? "every scenario" : String.join(", ", scenarios),
                steps,
                seed,
                threads);
        Summary summary =
                new Walks(scenarios, breakage, seed, threads, clock).run(steps, this::progress);
        summarize(summary);
        summary.failure().ifPresent(f -> explain(f, breakage));
        return summary.failure().isEmpty();
    }

    /// Breadth first around the moments of a release, in each of the scenarios.
    ///
    /// @param mostStates how many states are expanded around each moment
    public boolean search(List<String> names, Breakage breakage, int mostStates) {
        List<Scenario> scenarios =
                names.isEmpty()
                        ? Scenarios.all()
                        : names.stream().flatMap(n -> Scenarios.matching(n).stream()).toList();
        Instant start = clock.instant();
        long states = 0;
        long steps = 0;
        int shallowest = Integer.MAX_VALUE;
        for (Scenario scenario : scenarios) {
            for (Schedule moment : SmallScope.moments(scenario)) {
                Search.Result result = SmallScope.search(moment, breakage, mostStates);
                states += result.states();
                steps += result.steps();
                shallowest = Math.min(shallowest, result.depth());
                if (result.violation().isPresent()) {
                    Violation found = result.violation().get();
                    out.println("VIOLATION " + found.number() + ": " + found.message());
                    out.println(
                            "replay it with --replay '"
                                    + result.schedule().orElseThrow().text()
                                    + "'");
                    return false;
                }
            }
        }
        out.printf(
                Locale.ROOT,
                "searched %,d scenarios in %d s: %,d states, %,d steps, at least %d actions deep%n"
                        + "every invariant held%n",
                scenarios.size(),
                Duration.between(start, clock.instant()).toSeconds(),
                states,
                steps,
                shallowest);
        return true;
    }

    private void progress(Summary so) {
        out.printf(
                Locale.ROOT,
                "%6d s  %,12d steps  %,10d states  %,9d steps/s%n",
                so.time().toSeconds(),
                so.steps(),
                so.states(),
                rate(so));
    }

    private static long rate(Summary so) {
        return so.steps() * 1000 / Math.max(1, so.time().toMillis());
    }

    private void summarize(Summary all) {
        out.printf(
                Locale.ROOT,
                "%,d steps in %d s (%,d/s): %,d walks, %,d different states, %,d passes, %,d"
                        + " writes, %,d requests, %d lost by us (%,d lost to faults from outside)%n",
                all.steps(),
                all.time().toSeconds(),
                rate(all),
                all.walks(),
                all.states(),
                all.passes(),
                all.writes(),
                all.requests(),
                all.failure().map(f -> f.violation().number().equals("request") ? 1 : 0).orElse(0),
                all.excused());
        if (all.failure().isEmpty()) {
            out.println("every invariant held");
        }
    }

    private void explain(Failure failure, Breakage breakage) {
        Violation found = failure.violation();
        out.println("VIOLATION " + found.number() + ": " + found.message());
        out.printf(
                "found in walk %d after %d actions; making it shorter …%n",
                failure.walk(), failure.schedule().actions().size());
        Schedule shortest = Shrinker.shrink(failure.schedule(), found, breakage, SHRINKING, clock);
        var _ = Trace.print(shortest, breakage, out);
        out.println("replay it with --replay '" + shortest.text() + "'");
    }

    /// Plays one schedule again and shows every step.
    public boolean replay(String schedule, Breakage breakage) {
        Play.Ending ending = Trace.print(Schedule.parse(schedule), breakage, out);
        if (ending.violation().isEmpty()) {
            out.println("every invariant held");
        }
        return ending.violation().isEmpty();
    }
}
