package dev.sluice.bench;

import java.time.Duration;
import picocli.CommandLine.Option;

/// What the rollouts of a benchmark look like; options that its commands share.
final class Shape {
    @Option(
            names = "--rollouts",
            defaultValue = "50",
            description = "Number of rollouts (default: ${DEFAULT-VALUE}).")
    int rollouts = 50;

    @Option(
            names = "--replicas",
            defaultValue = "2",
            description = "Replicas of each rollout (default: ${DEFAULT-VALUE}).")
    int replicas = 2;

    @Option(
            names = "--weights",
            defaultValue = "4",
            description = "Number of weight steps, a pause after each (default: ${DEFAULT-VALUE}).")
    int weights = 4;

    @Option(
            names = "--pause",
            defaultValue = "2",
            description = "Seconds of each pause (default: ${DEFAULT-VALUE}).")
    int pauseSeconds = 2;

    @Option(
            names = "--routers",
            defaultValue = "50",
            description =
                    "Percentage of rollouts with an NGINX router; the others are plain"
                            + " (default: ${DEFAULT-VALUE}).")
    int routerPercent = 50;

    /// Complains about what makes no sense; null when all is well.
    @org.jspecify.annotations.Nullable
    String problem() {
        if (rollouts < 1 || weights < 1) {
            return "--rollouts and --weights must be at least 1";
        }
        return replicas < 0 || pauseSeconds < 0 || routerPercent < 0
                ? "--replicas, --pause and --routers must be at least 0"
                : null;
    }

    int routed() {
        return rollouts * Math.min(100, routerPercent) / 100;
    }

    boolean isRouted(int number) {
        return number < routed();
    }

    /// The time that the strategy itself takes.
    Duration floor() {
        return Duration.ofSeconds((long) pauseSeconds * weights);
    }

    /// A few more nodes for a big fleet; one has room for ten thousand pods.
    int nodes() {
        return Math.clamp(2L * rollouts * replicas / 1000 + 2, 2, 100);
    }

    @Override
    public String toString() {
        return "%d rollouts (%d with a router), %d replicas, %d weight steps with %d s pauses"
                .formatted(rollouts, routed(), replicas, weights, pauseSeconds);
    }
}
