package dev.sluice.testkit;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

/// Waits for a server to answer, and gives up early when its process has ended.
final class Await {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private Await() {}

    /// True when ready; false when the process ended first.
    ///
    /// @throws StackException when neither happened in time
    static boolean ready(GuardedProcess process, Duration limit, Callable<Boolean> probe) {
        long start = System.nanoTime();
        Optional<Exception> last = Optional.empty();
        while (Progress.since(start).compareTo(limit) < 0) {
            if (!process.isAlive()) {
                return false;
            }
            try {
                if (probe.call()) {
                    return true;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StackException("interrupted while waiting for " + process.name(), e);
            } catch (Exception e) {
                last = Optional.of(e);
            }
            pause();
        }
        throw new StackException(
                "%s was not ready after %s%s%n%s"
                        .formatted(
                                process.name(),
                                Progress.elapsed(limit),
                                last.map(e -> " (" + e.getMessage() + ")").orElse(""),
                                process.tail(15)));
    }

    static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StackException("interrupted", e);
        }
    }
}
