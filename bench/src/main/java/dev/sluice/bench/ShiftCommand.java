package dev.sluice.bench;

import dev.sluice.testkit.Binaries;
import dev.sluice.testkit.EnvoyGateway;
import dev.sluice.testkit.Load;
import dev.sluice.testkit.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/// `./sluice bench shift`.
@Command(
        name = "shift",
        mixinStandardHelpOptions = true,
        description =
                "Takes N rollouts through R releases behind a real proxy, Envoy by the Gateway API:"
                        + " how long a share takes from the Rollout's status to the route, to the"
                        + " controller's word and to the first request; and the requests lost.")
public final class ShiftCommand implements Callable<Integer> {
    /// More would take the proxy's own time, and the machine's.
    private static final int LOADED = 2;

    private static final Duration PACE = Duration.ofMillis(20);
    private static final int REQUESTS_PER_SECOND = 200;

    /// What the addresses of one stack are enough for, with two revisions at a time.
    private static final int MOST_PODS = 400;

    @Option(
            names = "--rollouts",
            defaultValue = "1",
            description = "Number of rollouts (default: ${DEFAULT-VALUE}).")
    int rollouts = 1;

    @Option(
            names = "--replicas",
            defaultValue = "2",
            description = "Replicas of each rollout (default: ${DEFAULT-VALUE}).")
    int replicas = 2;

    @Option(
            names = "--weights",
            defaultValue = "4",
            description = "Number of weight steps, a pause after each (default: ${DEFAULT-VALUE}).")
    int weights = 4;

    @Option(
            names = "--pause",
            defaultValue = "2",
            description = "Seconds of each pause (default: ${DEFAULT-VALUE}).")
    int pauseSeconds = 2;

    @Option(
            names = "--releases",
            defaultValue = "3",
            description = "Releases, one after the other (default: ${DEFAULT-VALUE}).")
    int releases = 3;

    @Override
    public Integer call() {
        if (rollouts < 1 || replicas < 1 || weights < 1 || releases < 1 || pauseSeconds < 0) {
            System.err.println("every number must be at least 1, --pause at least 0");
            return ExitCode.USAGE;
        }
        if (rollouts * replicas > MOST_PODS) {
            System.err.printf("at most %d pods: fewer --rollouts or --replicas%n", MOST_PODS);
            return ExitCode.USAGE;
        }
        Optional<String> obstacle = EnvoyGateway.obstacle(Binaries.standard());
        if (obstacle.isPresent()) {
            System.err.println("no real traffic on this machine: " + obstacle.get());
            return ExitCode.SOFTWARE;
        }
        try (Testbed testbed = new Testbed("shift", shape(), true)) {
            if (!testbed.create()) {
                System.out.println("not all rollouts became healthy; nothing was measured");
                return ExitCode.SOFTWARE;
            }
            testbed.settle();
            return measure(testbed, System.out) ? ExitCode.OK : ExitCode.SOFTWARE;
        }
    }

    private Shape shape() {
        Shape shape = new Shape();
        shape.rollouts = rollouts;
        shape.replicas = replicas;
        shape.weights = weights;
        shape.pauseSeconds = pauseSeconds;
        shape.routerPercent = 100;
        return shape;
    }

    private boolean measure(Testbed testbed, PrintStream out) {
        Map<String, Load> loads = new LinkedHashMap<>();
        try (Observations seen = new Observations(testbed.client(), Testbed.NAMESPACE);
                Shifts shifts = new Shifts(testbed.client(), Testbed.NAMESPACE)) {
            for (int i = 0; i < Math.min(LOADED, rollouts); i++) {
                String name = Testbed.name(i);
                loads.put(name, Load.start(testbed.proxyPort(), name + ".example.test", PACE));
            }
            for (int i = 0; i < releases; i++) {
                Progress.say("release %d of %d", i + 1, releases);
                long missing = testbed.release("shift-" + i, seen);
                if (missing > 0) {
                    out.printf("%d rollouts did not come through%n", missing);
                    return false;
                }
                testbed.settle();
            }
            loads.values().forEach(Load::close);
            out.printf("shift: %s, %d releases%n", shape(), releases);
            seen.handshakes.print(out);
            shifts.print(out, loads, REQUESTS_PER_SECOND);
            return true;
        } finally {
            loads.values().forEach(Load::close);
        }
    }
}
