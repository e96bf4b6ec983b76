package dev.sluice.explorer.engine;

import dev.sluice.explorer.check.Violation;
import dev.sluice.explorer.drive.Breakage;
import dev.sluice.explorer.drive.World;
import dev.sluice.explorer.engine.Action.Kind;
import dev.sluice.explorer.scenario.Scenario;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/// One random walk: a start, some hundred to some thousand actions, a fair end. Everything follows
/// from the seed. Each walk has its own mood, in which some things happen often and others never.
public final class Walk {
    private static final Map<String, Alphabet> ALPHABETS = new ConcurrentHashMap<>();
    private static final int MOST_ALPHABETS = 200;
    private static final int SHORTEST = 40;
    private static final int LONGEST = 2_000;
    private static final int MOST_TRIES = 200;

    private final Scenario scenario;
    private final Breakage breakage;
    private final SplittableRandom random;
    private final Alphabet alphabet;
    private final int[] upTo;

    private Walk(Scenario scenario, Breakage breakage, long seed) {
        this.scenario = scenario;
        this.breakage = breakage;
        this.random = new SplittableRandom(seed);
        if (ALPHABETS.size() > MOST_ALPHABETS) {
            ALPHABETS.clear();
        }
        this.alphabet = ALPHABETS.computeIfAbsent(scenario.name(), _ -> Alphabet.of(scenario));
        this.upTo = new int[alphabet.actions().size()];
        int sum = 0;
        for (int i = 0; i < upTo.length; i++) {
            sum += mood(alphabet.get(i));
            upTo[i] = sum;
        }
    }

    /// How a walk ended.
    public record Result(
            Schedule schedule,
            Optional<Violation> violation,
            long steps,
            long passes,
            long writes,
            long requests,
            long excused) {}

    private int mood(Action action) {
        int draw = random.nextInt(8);
        if (action.kind() == Kind.OURS) {
            return action.weight() * (draw == 0 ? 4 : draw < 3 ? 2 : 1);
        }
        if (action.kind() == Kind.TIME || action.kind() == Kind.CLUSTER) {
            return draw == 0 ? 0 : action.weight() * (draw == 1 ? 3 : 1);
        }
        return draw < 3 ? 0 : action.weight() * (draw == 3 ? 4 : 1);
    }

    static Result run(Scenario scenario, Breakage breakage, long seed, States states) {
        return new Walk(scenario, breakage, seed).run(states);
    }

    private Result run(States states) {
        // the take-over from a Deployment is the first deployment
        boolean fresh =
                scenario.workload().isPresent() ? random.nextInt(4) > 0 : random.nextInt(10) == 0;
        World world = Play.start(scenario, fresh, breakage);
        int length = random.nextInt(SHORTEST, random.nextInt(SHORTEST, LONGEST) + 1);
        List<Integer> played = new ArrayList<>(length);
        long steps = 0;
        while (played.size() < length && world.judge().violation().isEmpty()) {
            Optional<Integer> next = step(world);
            if (next.isEmpty()) {
                break;
            }
            played.add(next.get());
            steps++;
            states.add(Fingerprint.of(world));
        }
        if (world.judge().violation().isEmpty()) {
            steps += Fair.settle(world);
        }
        return new Result(
                new Schedule(scenario, fresh, played),
                world.judge().violation(),
                steps,
                world.judge().passes(),
                world.judge().writes(),
                world.judge().requests(),
                world.judge().excused());
    }

    private Optional<Integer> step(World world) {
        for (int i = 0; i < MOST_TRIES; i++) {
            int id = pick();
            if (Play.step(world, alphabet.get(id))) {
                return Optional.of(id);
            }
        }
        return Optional.empty();
    }

    private int pick() {
        int at = random.nextInt(upTo[upTo.length - 1]);
        int low = 0;
        int high = upTo.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (upTo[middle] > at) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
