package dev.sluice.bench;

import dev.sluice.testkit.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `./sluice bench fleet`.
@Command(
        name = "fleet",
        mixinStandardHelpOptions = true,
        description =
                "Takes N rollouts through one release at once, after one that warms up, and prints"
                        + " latencies, requests, CPU and memory.")
public final class FleetCommand implements Callable<Integer> {
    @Mixin Shape shape = new Shape();

    @Option(
            names = "--no-warm-up",
            description =
                    "Measures the first release: half the time, and what the compiler does counts.")
    boolean isCold;

    @Override
    public Integer call() {
        if (shape.problem() != null) {
            System.err.println(shape.problem());
            return ExitCode.USAGE;
        }
        try (Testbed testbed = new Testbed("fleet", shape)) {
            return isWarm(testbed) && isReleased(testbed, System.out)
                    ? ExitCode.OK
                    : ExitCode.SOFTWARE;
        }
    }

    private boolean isWarm(Testbed testbed) {
        if (testbed.create()) {
            testbed.settle();
            if (isCold) {
                return true;
            }
            Progress.say("one release to warm up");
            try (Observations seen = new Observations(testbed.client(), Testbed.NAMESPACE)) {
                if (testbed.release("v2", seen) == 0) {
                    testbed.settle();
                    return true;
                }
            }
        }
        System.out.println("not all rollouts became healthy beforehand; nothing was measured");
        return false;
    }

    private boolean isReleased(Testbed testbed, PrintStream out) {
        try (Observations seen = new Observations(testbed.client(), Testbed.NAMESPACE)) {
            Progress.say("releasing all of them");
            Consumption used = new Consumption(testbed.services());
            long missing = testbed.release("v3", seen);
            Duration wall = used.time();
            // The last scale-downs and events belong to the release too.
            Testbed.pause(Duration.ofSeconds(3));
            out.printf("fleet: %s%s%n", shape, isCold ? ", not warmed up" : "");
            out.printf(
                    "  released            %d of %d%n", shape.rollouts - missing, shape.rollouts);
            out.printf("  first step          %s%n", seen.firstStep);
            seen.handshakes.print(out);
            out.printf(
                    "  wall                %.1f s, strategy's floor %.1f s, ratio %.2f%n",
                    wall.toMillis() / 1000.0,
                    shape.floor().toMillis() / 1000.0,
                    wall.toMillis() / (double) Math.max(1, shape.floor().toMillis()));
            used.printPerRelease(out, shape.rollouts);
            return missing == 0;
        }
    }
}
