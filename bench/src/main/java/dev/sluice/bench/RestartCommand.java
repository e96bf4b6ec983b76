package dev.sluice.bench;

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
            return new Restart(testbed, shape).run(System.out) ? ExitCode.OK : ExitCode.SOFTWARE;
        }
    }
}
