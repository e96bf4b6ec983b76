package dev.sluice.bench;

import dev.sluice.testkit.Progress;
import dev.sluice.testkit.ServiceProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `./sluice bench soak`.
@Command(
        name = "soak",
        mixinStandardHelpOptions = true,
        description =
                "Releases the same N rollouts again and again for M minutes, and fits a line to the"
                        + " heap in use after each full collection.")
public final class SoakCommand implements Callable<Integer> {
    private static final Duration BETWEEN_SAMPLES = Duration.ofSeconds(20);

    /// After so many releases the history of revisions and every cache are full.
    private static final int FULL = 3;

    @Mixin Shape shape = new Shape();

    @Option(
            names = "--minutes",
            defaultValue = "20",
            description = "How long to measure (default: ${DEFAULT-VALUE}).")
    int minutes = 20;

    @Override
    public Integer call() {
        if (shape.problem() != null) {
            System.err.println(shape.problem());
            return ExitCode.USAGE;
        }
        try (Testbed testbed = new Testbed("soak", shape)) {
            if (!testbed.create()) {
                System.out.println("not all rollouts became healthy; nothing was measured");
                return ExitCode.SOFTWARE;
            }
            return soak(testbed) ? ExitCode.OK : ExitCode.SOFTWARE;
        }
    }

    private boolean soak(Testbed testbed) {
        Map<String, Line> lines = new TreeMap<>();
        try (Observations seen = new Observations(testbed.client(), Testbed.NAMESPACE)) {
            int releases = 0;
            for (; releases < FULL; releases++) {
                if (testbed.release("warm-" + releases, seen) > 0) {
                    System.out.println("not all rollouts came through the warm-up");
                    return false;
                }
            }
            Instant start = Instant.now();
            Instant end = start.plus(Duration.ofMinutes(minutes));
            Instant next = start;
            for (; Instant.now().isBefore(end); releases++) {
                long missing = testbed.release("soak-" + releases, seen);
                if (missing > 0) {
                    System.out.printf("%d rollouts did not come through%n", missing);
                    return false;
                }
                if (!Instant.now().isBefore(next)) {
                    next = Instant.now().plus(BETWEEN_SAMPLES);
                    sample(testbed.services(), start, lines);
                }
            }
            print(releases - FULL, lines);
            return true;
        }
    }

    private static void sample(
            List<ServiceProcess> services, Instant start, Map<String, Line> lines) {
        double hours = Duration.between(start, Instant.now()).toMillis() / 3_600_000.0;
        for (ServiceProcess service : services) {
            collectGarbage(service.pid());
            double mib =
                    Metrics.of(service)
                                    .by("jvm_memory_used_bytes", "area")
                                    .getOrDefault("heap", 0.0)
                            / (1 << 20);
            lines.computeIfAbsent(service.name(), _ -> new Line()).add(hours, mib);
            Progress.say("%s: %.1f MiB of heap after %.0f s", service.name(), mib, hours * 3600);
        }
    }

    private static void collectGarbage(long pid) {
        String tool = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        try {
            new ProcessBuilder(tool, Long.toString(pid), "GC.run")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException("jcmd of this JDK does not run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void print(int releases, Map<String, Line> lines) {
        System.out.printf("soak: %s, %d min, %d releases of each%n", shape, minutes, releases);
        lines.forEach(
                (name, line) ->
                        System.out.printf(
                                "  %-18s  heap %.1f MiB at first, %.1f at last; slope %+.2f ± %.2f"
                                        + " MiB/h (n = %d)%n",
                                name,
                                line.first(),
                                line.last(),
                                line.slope(),
                                line.slopeError(),
                                line.count()));
    }
}
