package dev.sluice.cli;

import dev.sluice.bench.BenchCommand;
import dev.sluice.cli.demo.DemoCommand;
import dev.sluice.testkit.StackException;
import java.io.UncheckedIOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The one entrance; every subcommand is a class of its own, listed here.
@Command(
        name = "sluice",
        description = "Progressive delivery for Kubernetes: the whole loop on this machine.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Further commands of the launcher: build, quick, fmt, test, e2e (./sluice help).",
            "QUIET=1 silences progress."
        },
        subcommands = {
            DemoCommand.class,
            Up.class,
            Down.class,
            Status.class,
            Kubectl.class,
            BenchCommand.class,
            Explore.class
        })
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        if (arguments.length > 0 && arguments[0].equals("kubectl")) {
            return Failures.shown(
                    () -> Kubectl.pass(arguments)); // its options are not ours to parse
        }
        var line = commandLine();
        if (arguments.length == 0) {
            line.usage(System.out);
            return 0;
        }
        return line.execute(arguments);
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setExecutionExceptionHandler(
                        (failure, command, _) -> Failures.show(failure, command.getErr()));
    }

    /// How failures reach the user: what happened and what to do, without a stack trace.
    private static final class Failures {
        private Failures() {}

        static int shown(java.util.concurrent.Callable<Integer> command) {
            try {
                return command.call();
            } catch (Exception e) {
                return show(
                        e,
                        new java.io.PrintWriter(
                                System.err, true, java.nio.charset.StandardCharsets.UTF_8));
            }
        }

        static int show(Exception failure, java.io.PrintWriter error) {
            switch (failure) {
                case StackException known -> error.println("error: " + known.getMessage());
                case UncheckedIOException broken ->
                        error.println("error: " + broken.getMessage() + ": " + broken.getCause());
                default -> {
                    error.println("error: unexpected failure, please report it");
                    failure.printStackTrace(error);
                }
            }
            return 1;
        }
    }
}
