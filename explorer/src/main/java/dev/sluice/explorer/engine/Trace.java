package dev.sluice.explorer.engine;

import dev.sluice.explorer.check.EndRules;
import dev.sluice.explorer.drive.Breakage;
import dev.sluice.explorer.drive.World;
import java.io.PrintStream;

/// Shows a schedule step by step.
public final class Trace {
    private Trace() {}

    public static Play.Ending print(Schedule schedule, Breakage breakage, PrintStream out) {
        Alphabet alphabet = Alphabet.of(schedule.scenario());
        World world = Play.start(schedule.scenario(), schedule.fresh(), breakage);
        String last = state(world);
        out.println(last);
        int at = 0;
        for (int id : schedule.actions()) {
            at++;
            boolean did = Play.step(world, alphabet.get(id));
            String now = state(world);
            out.printf(
                    "%4d %7d ms  %s%s%n",
                    at,
                    world.cluster().millis(),
                    alphabet.get(id).name(),
                    did ? "" : "  (nothing)");
            if (!now.equals(last)) {
                out.println(changes(last, now));
            }
            last = now;
            if (world.judge().violation().isPresent()) {
                break;
            }
        }
        if (world.judge().violation().isEmpty()) {
            var _ = Fair.settle(world);
            out.println("     the fair end:");
            out.println(changes(last, state(world)));
        }
        world.judge()
                .violation()
                .ifPresent(v -> out.println("VIOLATION " + v.number() + ": " + v.message()));
        return new Play.Ending(world, world.judge().violation(), at);
    }

    private static String state(World world) {
        return EndRules.describe(world.cluster());
    }

    /// The lines that are new.
    private static String changes(String before, String after) {
        java.util.Set<String> known = java.util.Set.copyOf(before.lines().toList());
        return after.lines()
                .filter(l -> !known.contains(l))
                .map(l -> "            " + l)
                .collect(java.util.stream.Collectors.joining("\n"));
    }
}
