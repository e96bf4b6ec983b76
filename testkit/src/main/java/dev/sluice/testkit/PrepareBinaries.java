package dev.sluice.testkit;

import java.util.List;

/// Builds whatever program of the stack is missing, so that no test has to wait for it.
final class PrepareBinaries {
    private PrepareBinaries() {}

    public static void main(String[] arguments) {
        try {
            var binaries = Binaries.standard();
            binaries.prepare(List.of(Tool.values()));
            Progress.say("Prometheus: %s", binaries.prometheus());
            EnvoyGateway.obstacle(binaries)
                    .ifPresent(why -> Progress.say("no tests with real traffic: %s", why));
        } catch (StackException e) {
            System.err.println("error: " + e.getMessage());
            System.exit(1);
        }
    }
}
