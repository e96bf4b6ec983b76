package dev.sluice.testkit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Random test data that can be had again: every sample carries the seed that made it.
///
/// `-Dsluice.seed=<n>` replays from that seed; without it each run starts elsewhere and prints it.
public final class Seeded {
    private final long seed;
    private final Random random;

    private Seeded(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
    }

    public static Seeded of(long seed) {
        return new Seeded(seed);
    }

    /// That many generators with different seeds, for `@MethodSource`.
    public static Stream<Seeded> samples(int count) {
        long first = Long.getLong("sluice.seed", System.nanoTime());
        System.err.println("· property samples start at -Dsluice.seed=" + first);
        return IntStream.range(0, count).mapToObj(i -> new Seeded(first + i));
    }

    public long seed() {
        return seed;
    }

    /// From `low` to `high`, both included.
    public int between(int low, int high) {
        return random.nextInt(low, high + 1);
    }

    public boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    public <T> T oneOf(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    public <T> List<T> shuffled(List<T> items) {
        var copy = new ArrayList<>(items);
        Collections.shuffle(copy, random);
        return copy;
    }

    public <T> List<T> listOf(int low, int high, Function<Seeded, T> element) {
        return Stream.generate(() -> element.apply(this)).limit(between(low, high)).toList();
    }

    @Override
    public String toString() {
        return "seed " + seed;
    }
}
