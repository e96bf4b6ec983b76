package dev.sluice.bench;

import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/// `./sluice bench fleet`.
@Command(
        name = "fleet",
        mixinStandardHelpOptions = true,
        description =
                "Takes N rollouts (half of them plain canaries, half with an NGINX router) through one "
                        + "release at once, and prints latencies, API writes, CPU and memory.")
public final class FleetCommand implements Callable<Integer> {

    @Option(
            names = "--rollouts",
            defaultValue = "50",
            description = "Number of rollouts (default: ${DEFAULT-VALUE}).")
    int rollouts;

    @Option(
            names = "--replicas",
            defaultValue = "2",
            description = "Replicas of each rollout (default: ${DEFAULT-VALUE}).")
    int replicas;

    @Option(
            names = "--pause",
            defaultValue = "2",
            description = "Seconds of each of the four pauses (default: ${DEFAULT-VALUE}).")
    int pauseSeconds;

    @Option(
            names = "--routers",
            defaultValue = "50",
            description = "Percentage of rollouts with a router (default: ${DEFAULT-VALUE}).")
    int routerPercent;

    @Override
    public Integer call() {
        if (rollouts < 1 || replicas < 1 || pauseSeconds < 0 || routerPercent < 0) {
            System.err.println(
                    "--rollouts and --replicas must be at least 1, --pause and --routers at least 0");
            return ExitCode.USAGE;
        }
        Fleet fleet =
                new Fleet(rollouts, replicas, Duration.ofSeconds(pauseSeconds), routerPercent);
        return fleet.run(System.out) ? ExitCode.OK : ExitCode.SOFTWARE;
    }
}
