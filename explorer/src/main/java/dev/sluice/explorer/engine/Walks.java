package dev.sluice.explorer.engine;

import dev.sluice.explorer.check.Violation;
import dev.sluice.explorer.drive.Breakage;
import dev.sluice.explorer.engine.Walk.Result;
import dev.sluice.explorer.scenario.Scenario;
import dev.sluice.explorer.scenario.Scenarios;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Many random walks, until enough steps were made or an invariant broke. Walk number i of a seed
/// is
/// the same whatever else runs beside it.
public final class Walks {
    private static final Duration TELL_EVERY = Duration.ofSeconds(2);
    private static final long STRIDE = 0x9E3779B97F4A7C15L;

    private final List<Scenario> scenarios;
    private final Breakage breakage;
    private final long seed;
    private final int threads;
    private final InstantSource clock;
    private final AtomicLong next = new AtomicLong();
    private final Totals totals = new Totals();

    public Walks(
            List<String> names, Breakage breakage, long seed, int threads, InstantSource clock) {
        this.scenarios =
                names.isEmpty()
                        ? Scenarios.all()
                        : names.stream().flatMap(n -> Walks.named(n).stream()).toList();
        this.breakage = breakage;
        this.seed = seed;
        this.threads = threads;
        this.clock = clock;
    }

    private static List<Scenario> named(String name) {
        List<Scenario> found = Scenarios.matching(name);
        if (found.isEmpty()) {
            throw new IllegalArgumentException("no scenario '" + name + "'");
        }
        return found;
    }

    /// A walk that broke an invariant.
    public record Failure(Schedule schedule, Violation violation, long walk) {}

    /// What was done.
    ///
    /// @param states different states, as far as they were counted
    public record Summary(
            long walks,
            long steps,
            long states,
            long passes,
            long writes,
            long requests,
            long excused,
            Duration time,
            Optional<Failure> failure) {}

    private static final class Totals {
        private long walks;
        private long steps;
        private long states;
        private long passes;
        private long writes;
        private long requests;
        private long excused;
        private Optional<Failure> failure = Optional.empty();
        private Optional<RuntimeException> fault = Optional.empty();

        synchronized void add(Result result, long walk, long newStates) {
            walks++;
            steps += result.steps();
            states += newStates;
            passes += result.passes();
            writes += result.writes();
            requests += result.requests();
            excused += result.excused();
            if (result.violation().isPresent() && failure.map(f -> walk < f.walk()).orElse(true)) {
                failure =
                        Optional.of(new Failure(result.schedule(), result.violation().get(), walk));
            }
        }

        /// The explorer itself is at fault.
        synchronized void stop(RuntimeException e) {
            fault = Optional.of(e);
        }

        synchronized boolean isOver(long limit) {
            return failure.isPresent() || fault.isPresent() || steps >= limit;
        }

        synchronized Summary summary(Duration time) {
            return new Summary(
                    walks, steps, states, passes, writes, requests, excused, time, failure);
        }
    }

    /// Walks until `steps` are made or something is found.
    ///
    /// @throws IllegalStateException when the explorer itself fails
    /// @param progress gets a summary every two seconds
    public Summary run(long steps, Consumer<Summary> progress) {
        Instant start = clock.instant();
        List<Thread> workers =
                java.util.stream.IntStream.range(0, threads)
                        .mapToObj(
                                i -> Thread.ofPlatform().name("walk-" + i).start(() -> work(steps)))
                        .toList();
        try {
            for (Thread worker : workers) {
                while (!worker.join(TELL_EVERY)) {
                    progress.accept(totals.summary(Duration.between(start, clock.instant())));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        totals.fault.ifPresent(
                e -> {
                    throw e;
                });
        return totals.summary(Duration.between(start, clock.instant()));
    }

    private void work(long limit) {
        States states = new States();
        while (!totals.isOver(limit)) {
            long walk = next.getAndIncrement();
            int known = states.size();
            Scenario scenario = scenarios.get((int) (walk % scenarios.size()));
            try {
                Result result = Walk.run(scenario, breakage, seed + walk * STRIDE, states);
                totals.add(result, walk, states.size() - known);
            } catch (RuntimeException | LinkageError e) {
                totals.stop(
                        new IllegalStateException("walk " + walk + " of " + scenario.name(), e));
            }
        }
    }
}
