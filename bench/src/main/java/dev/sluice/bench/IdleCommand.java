package dev.sluice.bench;

import dev.sluice.testkit.Progress;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `./sluice bench idle`.
@Command(
        name = "idle",
        mixinStandardHelpOptions = true,
        description =
                "Memory, CPU and requests of N rollouts with which nothing happens. Mind"
                        + " --replicas: with 10,000 rollouts every pod counts for the rest of the"
                        + " machine.")
public final class IdleCommand implements Callable<Integer> {
    @Mixin Shape shape = new Shape();

    @Option(
            names = "--seconds",
            defaultValue = "60",
            description = "How long to measure (default: ${DEFAULT-VALUE}).")
    int seconds = 60;

    @Option(
            names = "--restart",
            description = "Afterwards do what `bench restart` does, with the same rollouts.")
    boolean isToRestart;

    @Override
    public Integer call() {
        if (shape.problem() != null) {
            System.err.println(shape.problem());
            return ExitCode.USAGE;
        }
        try (Testbed testbed = new Testbed("idle", shape)) {
            if (!testbed.create()) {
                System.out.println("not all rollouts became healthy; nothing was measured");
                return ExitCode.SOFTWARE;
            }
            // The last events are written, and what creation left in the young generation is gone.
            testbed.settle();
            testbed.settle();
            Progress.say("measuring %d s", seconds);
            Consumption used = new Consumption(testbed.services());
            Testbed.pause(Duration.ofSeconds(seconds));
            System.out.printf("idle: %s%n", shape);
            used.printIdle(System.out);
            boolean isFine = !isToRestart || new Restart(testbed, shape).run(System.out);
            return isFine ? ExitCode.OK : ExitCode.SOFTWARE;
        }
    }
}
