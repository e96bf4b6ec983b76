package dev.sluice.explorer.engine;

import dev.sluice.explorer.drive.Breakage;
import dev.sluice.explorer.engine.Action.Kind;
import dev.sluice.explorer.scenario.Scenario;
import java.util.List;
import java.util.Set;

/// The breadth-first search around the moments of a release that matter, for any scenario: at rest,
/// when the new revision gets its first pods, in mid-release, and in an abort.
public final class SmallScope {
    private static final List<String> MOMENTS =
            List.of(
                    "",
                    "image1 turn*3",
                    "image1 turn*6 time11000 turn*6",
                    "image1 turn*6 time11000 turn*4 abort turn*2");

    /// People and faults that are let in; everything of ours and of the cluster is.
    private static final Set<String> FROM_OUTSIDE =
            Set.of("abort", "image2", "scale1", "die1", "rollout0.crash", "freeze", "time11000");

    /// Steps that only split others further.
    private static final Set<String> FINE =
            Set.of(
                    "sees-rollout",
                    "sees-sets",
                    "sees-objects",
                    "sees-runs",
                    "sees-experiments",
                    "sees-workload",
                    "reads-rollout",
                    "reads-objects");

    private SmallScope() {}

    /// The schedules after which it searches.
    public static List<Schedule> moments(Scenario scenario) {
        return MOMENTS.stream().map(m -> Schedule.parse(scenario.name() + ": " + m)).toList();
    }

    /// What may happen in it.
    public static List<String> choices(Scenario scenario) {
        return Alphabet.of(scenario).actions().stream()
                .filter(SmallScope::isChoice)
                .map(Action::name)
                .toList();
    }

    private static boolean isChoice(Action action) {
        String name = action.name();
        boolean isFine = FINE.contains(name.substring(name.indexOf('.') + 1));
        boolean isInside = action.kind() == Kind.OURS || action.kind() == Kind.CLUSTER;
        return FROM_OUTSIDE.contains(name) || (isInside && action.weight() > 0 && !isFine);
    }

    /// Searches around one moment, as far as so many states.
    public static Search.Result search(Schedule moment, Breakage breakage, int mostStates) {
        return Search.run(
                moment.scenario(), breakage, choices(moment.scenario()), moment, mostStates);
    }
}
