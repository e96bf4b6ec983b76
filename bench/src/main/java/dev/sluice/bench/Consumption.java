package dev.sluice.bench;

import dev.sluice.testkit.ServiceProcess;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What services used from one moment on: CPU, memory, requests to the API server, looks at
/// rollouts.
final class Consumption {
    private record Reading(ServiceProcess.Usage usage, Metrics metrics) {
        static Reading of(ServiceProcess service) {
            return new Reading(service.usage(), Metrics.of(service));
        }
    }

    private final List<ServiceProcess> services;
    private final Map<String, Reading> before = new HashMap<>();
    private final Map<String, Duration> othersBefore = others();
    private final Instant start = Instant.now();

    Consumption(List<ServiceProcess> services) {
        this.services = List.copyOf(services);
        services.forEach(service -> before.put(service.name(), Reading.of(service)));
    }

    Duration time() {
        return Duration.between(start, Instant.now());
    }

    /// Prints everything per release.
    void printPerRelease(PrintStream out, int releases) {
        Duration both = Duration.ZERO;
        for (ServiceProcess service : services) {
            Reading was = was(service);
            Reading is = Reading.of(service);
            Duration cpu = is.usage().cpu().minus(was.usage().cpu());
            both = both.plus(cpu);
            out.printf(
                    "  %-18s  CPU %.1f s (%.0f ms per release), resident %d MiB, peak %d MiB%n",
                    service.name(),
                    cpu.toMillis() / 1000.0,
                    cpu.toMillis() / (double) releases,
                    is.usage().residentBytes() >> 20,
                    is.usage().peakResidentBytes() >> 20);
            double looks =
                    is.metrics().sum("rollout_reconcile_count")
                            - was.metrics().sum("rollout_reconcile_count");
            if (looks > 0) {
                out.printf("    looks             %.1f per release%n", looks / releases);
            }
            table(out, "API writes", "sluice_api_writes_total", WRITE, was, is, releases);
            table(out, "API requests", "sluice_api_requests_total", REQUEST, was, is, releases);
        }
        out.printf(
                "  together            %.0f ms CPU per release%n",
                both.toMillis() / (double) releases);
        printOthers(out);
    }

    /// Prints CPU as a share of one core, memory, and requests.
    void printIdle(PrintStream out) {
        Duration time = time();
        for (ServiceProcess service : services) {
            Reading was = was(service);
            Reading is = Reading.of(service);
            Duration cpu = is.usage().cpu().minus(was.usage().cpu());
            out.printf(
                    "  %-18s  resident %d MiB (peak %d MiB), CPU %.2f %% of a core over %d s%n",
                    service.name(),
                    is.usage().residentBytes() >> 20,
                    is.usage().peakResidentBytes() >> 20,
                    100.0 * cpu.toMillis() / Math.max(1, time.toMillis()),
                    time.toSeconds());
            table(out, "API requests", "sluice_api_requests_total", REQUEST, was, is, 1);
        }
        printOthers(out);
    }

    private static final String[] WRITE = {"resource", "verb", "result"};
    private static final String[] REQUEST = {"verb", "resource"};

    private static void table(
            PrintStream out,
            String title,
            String metric,
            String[] labels,
            Reading was,
            Reading is,
            int releases) {
        Map<String, Long> added =
                Metrics.added(was.metrics().by(metric, labels), is.metrics().by(metric, labels));
        long total = added.values().stream().mapToLong(Long::longValue).sum();
        out.printf(
                "    %-16s  %s%n",
                title,
                releases == 1
                        ? Long.toString(total)
                        : "%.1f per release".formatted(total / (double) releases));
        added.forEach((name, count) -> out.printf("      %-40s %8d%n", name, count));
    }

    /// The rest of the machine's work, to see what limits.
    private void printOthers(PrintStream out) {
        out.printf("  CPU of the rest in %d s:", time().toSeconds());
        others().forEach(
                        (name, cpu) -> {
                            Duration used =
                                    cpu.minus(othersBefore.getOrDefault(name, Duration.ZERO));
                            if (used.toMillis() >= 500) {
                                out.printf(" %s %.1f s", name, used.toMillis() / 1000.0);
                            }
                        });
        out.println();
    }

    private static Map<String, Duration> others() {
        Map<String, Duration> all = new java.util.TreeMap<>();
        ProcessHandle self = ProcessHandle.current();
        self.info().totalCpuDuration().ifPresent(cpu -> all.put("bench", cpu));
        self.descendants()
                .forEach(
                        process ->
                                process.info()
                                        .totalCpuDuration()
                                        .ifPresent(
                                                cpu ->
                                                        all.merge(
                                                                program(process),
                                                                cpu,
                                                                Duration::plus)));
        all.remove("java");
        return all;
    }

    private static String program(ProcessHandle process) {
        String command = process.info().command().orElse("?");
        return command.substring(command.lastIndexOf('/') + 1);
    }

    private Reading was(ServiceProcess service) {
        Reading reading = before.get(service.name());
        if (reading == null) {
            throw new IllegalStateException(service.name() + " was not read before");
        }
        return reading;
    }
}
