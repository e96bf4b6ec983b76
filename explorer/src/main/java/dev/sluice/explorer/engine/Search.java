package dev.sluice.explorer.engine;

import dev.sluice.explorer.check.Violation;
import dev.sluice.explorer.drive.Breakage;
import dev.sluice.explorer.drive.StateText;
import dev.sluice.explorer.drive.World;
import dev.sluice.explorer.scenario.Scenario;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// Everything that can happen, breadth first, at small scope: states that have the same future are
/// visited once. The first violation found is therefore as short as one can be.
///
/// The bound is honest: it says how deep every state was expanded, not how deep one was seen.
public final class Search {
    private static final long PRIME = 0x100000001B3L;
    private static final int FAIR_END_EVERY = 64;

    private final Scenario scenario;
    private final Breakage breakage;
    private final Alphabet alphabet;
    private final List<Integer> choices;

    private Search(Scenario scenario, Breakage breakage, List<String> names) {
        this.scenario = scenario;
        this.breakage = breakage;
        this.alphabet = Alphabet.of(scenario);
        this.choices = names.stream().map(alphabet::find).flatMap(Optional::stream).toList();
    }

    private record Node(World world, Optional<Node> parent, int action, int depth) {
        List<Integer> path() {
            List<Integer> path = new ArrayList<>();
            Node at = this;
            while (at.parent().isPresent()) {
                path.add(at.action());
                at = at.parent().get();
            }
            Collections.reverse(path);
            return path;
        }
    }

    /// What was covered.
    ///
    /// @param depth every state that takes so many actions or fewer was expanded
    /// @param complete nothing was left to expand
    public record Result(
            long states,
            long steps,
            int depth,
            boolean complete,
            Optional<Violation> violation,
            Optional<Schedule> schedule) {}

    /// Expands at most so many states, from `prefix` on.
    ///
    /// @param names what may happen
    /// @param prefix a schedule of the same scenario that is played first
    public static Result run(
            Scenario scenario,
            Breakage breakage,
            List<String> names,
            Schedule prefix,
            int mostStates) {
        return new Search(scenario, breakage, names).run(prefix, mostStates);
    }

    private Result run(Schedule prefix, int mostStates) {
        World start = Play.start(scenario, prefix.fresh(), breakage);
        prefix.actions().forEach(id -> Play.step(start, alphabet.get(id)));
        States seen = new States();
        Deque<Node> open = new ArrayDeque<>();
        open.add(new Node(start, Optional.empty(), 0, 0));
        seen.add(fingerprint(start));
        long steps = 0;
        long expanded = 0;
        while (!open.isEmpty() && expanded < mostStates) {
            Node node = open.removeFirst();
            expanded++;
            for (int id : choices) {
                World next = node.world().copy();
                steps++;
                if (!Play.step(next, alphabet.get(id))) {
                    continue;
                }
                Node child = new Node(next, Optional.of(node), id, node.depth() + 1);
                boolean isNew = seen.add(fingerprint(next));
                if (isNew && seen.size() % FAIR_END_EVERY == 0) {
                    World end = next.copy();
                    steps += Fair.settle(end);
                    end.judge()
                            .violation()
                            .ifPresent(v -> next.judge().report(v.number(), v.message()));
                }
                if (next.judge().violation().isPresent()) {
                    return result(seen, steps, node.depth(), false, child, prefix);
                }
                if (isNew) {
                    open.addLast(child);
                }
            }
        }
        int depth = open.isEmpty() ? Integer.MAX_VALUE : open.getFirst().depth() - 1;
        return new Result(
                seen.size(), steps, depth, open.isEmpty(), Optional.empty(), Optional.empty());
    }

    private Result result(
            States seen, long steps, int depth, boolean complete, Node at, Schedule prefix) {
        List<Integer> actions = new ArrayList<>(prefix.actions());
        actions.addAll(at.path());
        return new Result(
                seen.size(),
                steps,
                depth,
                complete,
                at.world().judge().violation(),
                Optional.of(prefix.with(actions)));
    }

    private static long fingerprint(World world) {
        String text = StateText.of(world);
        long value = 0xCBF29CE484222325L;
        for (int i = 0; i < text.length(); i++) {
            value = (value ^ text.charAt(i)) * PRIME;
        }
        return value;
    }
}
