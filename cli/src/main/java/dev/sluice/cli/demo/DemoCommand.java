package dev.sluice.cli.demo;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;

/// `./sluice demo`.
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "The main job on embedded defaults: starts a real control plane, Kafka, PostgreSQL, "
                    + "Prometheus, a Git server and the four services; then releases a good version, "
                    + "a bad one and a blue-green one, live in the terminal.",
            "Ends with exit code 0, or with 1 and the reason if anything went otherwise than it must."
        })
public final class DemoCommand implements Callable<Integer> {

    @Override
    public Integer call() {
        try {
            Demo.run(System.out);
            return ExitCode.OK;
        } catch (DemoFailure e) {
            System.out.println();
            System.out.println("DEMO FAILED: " + e.getMessage());
            return ExitCode.SOFTWARE;
        }
    }
}
