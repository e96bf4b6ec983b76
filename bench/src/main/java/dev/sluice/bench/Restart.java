package dev.sluice.bench;

import dev.sluice.testkit.Progress;
import dev.sluice.testkit.ServiceProcess;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;

/// Kills each service and starts it again over the fleet as it is.
final class Restart {
    private static final Duration LIMIT = Duration.ofMinutes(10);

    /// A look at a metrics page with a few series for each of many rollouts costs the service
    /// something itself.
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    /// Rollouts, ReplicaSets, Services and EndpointSlices.
    private static final int ROUTER_CACHES = 4;

    private final Testbed testbed;
    private final Shape shape;

    Restart(Testbed testbed, Shape shape) {
        this.testbed = testbed;
        this.shape = shape;
    }

    /// Answers whether every rollout was looked at again in time.
    boolean run(PrintStream out) {
        out.printf("restart: %s%n", shape);
        boolean isWhole = true;
        for (ServiceProcess service : testbed.services()) {
            isWhole &= isBack(service, out);
        }
        return isWhole;
    }

    private boolean isBack(ServiceProcess service, PrintStream out) {
        Progress.say("restarting %s", service.name());
        service.kill9();
        Instant start = Instant.now();
        service.restart();
        Duration ready = Duration.between(start, Instant.now());
        boolean looks = service.name().equals("rollout-service");
        long seen = looks ? awaitLooks(service, start) : awaitWatches(service, start);
        Duration all = Duration.between(start, Instant.now());
        ServiceProcess.Usage usage = service.usage();
        out.printf(
                "  %-18s  ready after %.1f s, %s after %.1f s, CPU %.1f s, resident %d MiB%n",
                service.name(),
                ready.toMillis() / 1000.0,
                looks ? seen + " looked at" : seen + " caches filled",
                all.toMillis() / 1000.0,
                usage.cpu().toMillis() / 1000.0,
                usage.residentBytes() >> 20);
        Metrics.of(service)
                .by("sluice_api_requests_total", "verb", "resource")
                .forEach((name, count) -> out.printf("      %-40s %8.0f%n", name, count));
        return seen >= (looks ? shape.rollouts : ROUTER_CACHES);
    }

    /// router-service looks at a Rollout when its plan changes or is to be read back; from when its
    /// caches are filled it sees every change.
    private static long awaitWatches(ServiceProcess service, Instant start) {
        long watches = 0;
        while (watches < ROUTER_CACHES && start.plus(LIMIT).isAfter(Instant.now())) {
            Testbed.pause(BETWEEN_LOOKS);
            watches =
                    Metrics.of(service)
                            .by("sluice_api_requests_total", "verb", "resource")
                            .keySet()
                            .stream()
                            .filter(name -> name.startsWith("watch "))
                            .count();
        }
        return watches;
    }

    private long awaitLooks(ServiceProcess service, Instant start) {
        long seen = 0;
        while (seen < shape.rollouts && start.plus(LIMIT).isAfter(Instant.now())) {
            Testbed.pause(BETWEEN_LOOKS);
            seen = Metrics.of(service).series("rollout_reconcile_count");
        }
        return seen;
    }
}
