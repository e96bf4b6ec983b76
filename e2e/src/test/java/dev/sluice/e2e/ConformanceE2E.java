package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testkit.Part;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;

/// The same user does the same with the original controller and with Sluice, side by side: after
/// each act both show the same.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
class ConformanceE2E {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Test
    void bothShowTheSame(StackSession session) throws Exception {
        Workspace theirs = new Workspace(session.stack(), session.createNamespace("original"));
        Workspace ours = new Workspace(session.stack(), session.createNamespace("sluice"));
        List<String> differences = new ArrayList<>();
        try (Keeper _ = Keeper.original(theirs);
                Keeper _ = Keeper.sluice(session, ours, "conformance.");
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<String>>> parts =
                    Scenario.all().stream()
                            .map(s -> executor.submit(() -> play(s, theirs, ours)))
                            .toList();
            for (Future<List<String>> part : parts) {
                differences.addAll(part.get());
            }
        }
        assertThat(differences).filteredOn(d -> !Difference.isKnown(d)).isEmpty();
    }

    /// What Sluice does differently on purpose.
    private enum Difference {
        /// `status.duration` came after the version that is compared with.
        NEWER("\\w+ after [^:]+: status\\.duration\\..*"),

        /// R5: the original has no way to verify a weight at NGINX.
        R5("\\w+ after [^:]+: status\\.canary\\.weights\\.verified: - \\| true"),

        /// A8: after an abort the original points the canary Service to and fro at every look.
        A8("routedback after abort: service routedback-canary: .*");

        private final Pattern pattern;

        Difference(String pattern) {
            this.pattern = Pattern.compile(pattern);
        }

        static boolean isKnown(String difference) {
            return Stream.of(values()).anyMatch(d -> d.pattern.matcher(difference).matches());
        }
    }

    private static List<String> play(Scenario scenario, Workspace theirs, Workspace ours) {
        List<String> differences = new ArrayList<>();
        String name = scenario.name();
        for (Scenario.Act act : scenario.acts()) {
            for (Workspace place : List.of(theirs, ours)) {
                act.does().play(place, name);
            }
            for (Workspace place : List.of(theirs, ours)) {
                try {
                    act.comesTo().play(place, name);
                } catch (ConditionTimeoutException e) {
                    differences.add(
                            "%s after %s in %s: %s"
                                    .formatted(
                                            name, act.title(), place.namespace(), e.getMessage()));
                    return differences;
                }
            }
            try {
                await().atMost(PATIENCE)
                        .until(
                                () ->
                                        differences(act, theirs, ours, name).stream()
                                                .allMatch(Difference::isKnown));
            } catch (ConditionTimeoutException e) {
                differences.addAll(differences(act, theirs, ours, name));
            }
        }
        return differences;
    }

    private static List<String> differences(
            Scenario.Act act, Workspace theirs, Workspace ours, String name) {
        return Posture.of(theirs, name).differences(Posture.of(ours, name)).stream()
                .map(d -> "%s after %s: %s".formatted(name, act.title(), d))
                .toList();
    }
}
