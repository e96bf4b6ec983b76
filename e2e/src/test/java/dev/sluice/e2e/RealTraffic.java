package dev.sluice.e2e;

import dev.sluice.testkit.AnsweringNode;
import dev.sluice.testkit.Edge;
import dev.sluice.testkit.StackSession;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;

/// Releases of pods that really answer, behind real proxies. All run side by side, each under its
/// own load, and none may lose a request.
///
/// The services run with the delays that they are shipped with.
final class RealTraffic implements AutoCloseable {
    /// What happens to one Rollout while the load goes on.
    @FunctionalInterface
    interface Course {
        void run(Journey journey) throws Exception;
    }

    /// What the journeys need; ends in the opposite order.
    private final List<AutoCloseable> open = new ArrayList<>();
    private final Map<String, FutureTask<Void>> courses = new LinkedHashMap<>();
    private final AnsweringNode node;
    private final Installation sluice;

    private RealTraffic(StackSession session, Edge... edges) {
        open.addAll(List.of(edges));
        node = opened(AnsweringNode.start(session.stack()));
        sluice =
                opened(
                        Installation.startAsShipped(
                                session, "rollout-service", "router-service", "analysis-service"));
    }

    private <T extends AutoCloseable> T opened(T part) {
        open.add(part);
        return part;
    }

    /// Skips the tests, loudly, on a machine that cannot run them.
    static void skipUnlessPossible(Optional<String> obstacle) {
        if (obstacle.isPresent()) {
            System.err.println("SKIPPED: tests with real traffic: " + obstacle.get());
            Assumptions.abort(obstacle.get());
        }
    }

    /// @param edges closed at the end
    static RealTraffic start(StackSession session, Edge... edges) {
        return new RealTraffic(session, edges);
    }

    Installation sluice() {
        return sluice;
    }

    /// A canary release that halts at 20 % and at 60 %.
    void canary(String name, TrafficRouter router, Course course) {
        canary(name, router, Courses.TWO_HALTS, "", Courses.AT_ONCE, course);
    }

    void canary(
            String name,
            TrafficRouter router,
            String steps,
            String specFields,
            String strategyFields,
            Course course) {
        add(
                name,
                before ->
                        before.canary(
                                router, Journey.GRACE_SECONDS, steps, specFields, strategyFields),
                course);
    }

    void add(String name, Function<Journey.Start, Journey> start, Course course) {
        courses.put(
                name,
                new FutureTask<>(
                        () -> {
                            try (Journey journey =
                                    start.apply(new Journey.Start(sluice, node, name))) {
                                try {
                                    course.run(journey);
                                } finally {
                                    journey.assertNothingLost();
                                }
                            }
                            return null;
                        }));
    }

    /// Starts all and tells of each how it ended.
    Stream<DynamicTest> run() {
        courses.forEach((name, task) -> Thread.ofVirtual().name(name).start(task));
        return courses.entrySet().stream()
                .map(one -> DynamicTest.dynamicTest(one.getKey(), () -> one.getValue().get()));
    }

    @Override
    public void close() {
        for (AutoCloseable part : open.reversed()) {
            try {
                part.close();
            } catch (Exception e) {
                throw new IllegalStateException("cannot close " + part, e);
            }
        }
    }
}
