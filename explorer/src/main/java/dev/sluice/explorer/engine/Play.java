package dev.sluice.explorer.engine;

import dev.sluice.explorer.check.Violation;
import dev.sluice.explorer.drive.Breakage;
import dev.sluice.explorer.drive.World;
import dev.sluice.explorer.scenario.Scenario;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// Plays schedules.
public final class Play {
    private static final int MOST_SETTLED = 200;
    private static final Map<String, World> SETTLED = new ConcurrentHashMap<>();

    private Play() {}

    /// How a schedule ended.
    ///
    /// @param at how many of its actions were played; all of them and the fair end otherwise
    public record Ending(World world, Optional<Violation> violation, int at) {}

    /// The first deployment is done and everything is at rest, or nothing was done yet.
    public static World start(Scenario scenario, boolean fresh, Breakage breakage) {
        if (fresh) {
            World world = new World(scenario, breakage);
            // No proxy has a route that its controller has not taken over yet.
            var _ = world.nature().acknowledge();
            return world;
        }
        if (SETTLED.size() > MOST_SETTLED) {
            SETTLED.clear();
        }
        return SETTLED.computeIfAbsent(
                        scenario.name() + "/" + breakage,
                        _ -> {
                            World world = new World(scenario, breakage);
                            Fair.settle(world);
                            return world;
                        })
                .copy();
    }

    /// One action, and what must hold after it; a core that throws breaks its promise to be total.
    public static boolean step(World world, Action action) {
        boolean did;
        try {
            did = action.effect().on(world);
        } catch (RuntimeException e) {
            world.judge().report("C7", action.name() + " throws " + e);
            return true;
        }
        if (did) {
            world.judge().request(world.cluster());
            world.heal();
        }
        return did;
    }

    /// The world after the actions of a schedule, without the fair end.
    public static World before(Schedule schedule, Breakage breakage) {
        Alphabet alphabet = Alphabet.of(schedule.scenario());
        World world = start(schedule.scenario(), schedule.fresh(), breakage);
        schedule.actions().forEach(id -> step(world, alphabet.get(id)));
        return world;
    }

    public static Ending play(Schedule schedule, Breakage breakage) {
        return play(schedule, breakage, _ -> {});
    }

    /// Plays a schedule and the fair end after it.
    ///
    /// @param onlooker sees the world before the first action and after each
    public static Ending play(Schedule schedule, Breakage breakage, Consumer<World> onlooker) {
        Alphabet alphabet = Alphabet.of(schedule.scenario());
        World world = start(schedule.scenario(), schedule.fresh(), breakage);
        int at = 0;
        onlooker.accept(world);
        for (int id : schedule.actions()) {
            at++;
            var _ = step(world, alphabet.get(id));
            onlooker.accept(world);
            if (world.judge().violation().isPresent()) {
                return new Ending(world, world.judge().violation(), at);
            }
        }
        var _ = Fair.settle(world);
        return new Ending(world, world.judge().violation(), at);
    }
}
