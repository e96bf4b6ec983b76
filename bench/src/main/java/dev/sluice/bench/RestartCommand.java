package dev.sluice.bench;

import dev.sluice.testkit.Progress;
import dev.sluice.testkit.ServiceProcess;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/// `./sluice bench restart`.
@Command(
        name = "restart",
        mixinStandardHelpOptions = true,
        description =
                "Kills the services with N idle rollouts and starts them again: time until ready"
                        + " and until every rollout was looked at, and the requests that took.")
public final class RestartCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    @Mixin Shape shape = new Shape();

    @Override
    public Integer call() {
        if (shape.problem() != null) {
            System.err.println(shape.problem());
            return ExitCode.USAGE;
        }
        try (Testbed testbed = new Testbed("restart", shape)) {
            if (!testbed.create()) {
                System.out.println("not all rollouts became healthy; nothing was measured");
                return ExitCode.SOFTWARE;
            }
            testbed.settle();
            System.out.printf("restart: %s%n", shape);
            boolean isWhole = true;
            for (ServiceProcess service : testbed.services()) {
                isWhole &= isBack(service);
            }
            return isWhole ? ExitCode.OK : ExitCode.SOFTWARE;
        }
    }

    private boolean isBack(ServiceProcess service) {
        Progress.say("restarting %s", service.name());
        service.kill9();
        Instant start = Instant.now();
        service.restart();
        Duration ready = Duration.between(start, Instant.now());
        boolean looks = service.name().equals("rollout-service");
        long seen = looks ? awaitLooks(service, start) : shape.rollouts;
        Duration all = Duration.between(start, Instant.now());
        Metrics metrics = Metrics.of(service);
        ServiceProcess.Usage usage = service.usage();
        System.out.printf("  %-18s  ready after %.1f s", service.name(), ready.toMillis() / 1000.0);
        if (looks) {
            System.out.printf(
                    ", %d of %d looked at after %.1f s",
                    seen, shape.rollouts, all.toMillis() / 1000.0);
        }
        System.out.printf(
                ", CPU %.1f s, resident %d MiB%n",
                usage.cpu().toMillis() / 1000.0, usage.residentBytes() >> 20);
        metrics.by("sluice_api_requests_total", "verb", "resource")
                .forEach((name, count) -> System.out.printf("      %-40s %8.0f%n", name, count));
        return seen >= shape.rollouts;
    }

    private long awaitLooks(ServiceProcess service, Instant start) {
        long seen = 0;
        while (seen < shape.rollouts && start.plus(LIMIT).isAfter(Instant.now())) {
            seen = Metrics.of(service).series("rollout_reconcile_count");
            Testbed.pause(Duration.ofMillis(500));
        }
        return seen;
    }
}
