package dev.sluice.explorer.engine;

import dev.sluice.explorer.check.Violation;
import dev.sluice.explorer.drive.Breakage;
import dev.sluice.explorer.engine.Play.Ending;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// Makes a failing schedule short: leaves out ever smaller parts as long as the same invariant is
/// broken.
public final class Shrinker {
    private final Breakage breakage;
    private final String number;
    private final Instant deadline;
    private final InstantSource clock;

    private Shrinker(Breakage breakage, String number, Duration limit, InstantSource clock) {
        this.breakage = breakage;
        this.number = number;
        this.clock = clock;
        this.deadline = clock.instant().plus(limit);
    }

    public static Schedule shrink(
            Schedule failing,
            Violation violation,
            Breakage breakage,
            Duration limit,
            InstantSource clock) {
        Shrinker shrinker = new Shrinker(breakage, violation.number(), limit, clock);
        Ending ending = Play.play(failing, breakage);
        List<Integer> actions = new ArrayList<>(failing.actions().subList(0, ending.at()));
        return failing.with(shrinker.reduce(failing, actions));
    }

    private List<Integer> reduce(Schedule origin, List<Integer> actions) {
        List<Integer> best = actions;
        int chunk = Math.max(1, best.size() / 2);
        while (true) {
            boolean reduced = false;
            for (int from = 0; from < best.size(); ) {
                if (clock.instant().isAfter(deadline)) {
                    return best;
                }
                List<Integer> without = new ArrayList<>(best.subList(0, from));
                without.addAll(best.subList(Math.min(best.size(), from + chunk), best.size()));
                Ending ending = Play.play(origin.with(without), breakage);
                if (ending.violation().map(Violation::number).filter(number::equals).isPresent()) {
                    best =
                            new ArrayList<>(
                                    without.subList(0, Math.min(ending.at(), without.size())));
                    reduced = true;
                } else {
                    from += chunk;
                }
            }
            if (chunk == 1 && !reduced) {
                return best;
            }
            chunk = Math.max(1, chunk / 2);
        }
    }
}
