package dev.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void nothingIsLeftWhenTheOwnerOfAStackIsKilled() throws Exception {
        // Given
        var owner =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                StackHolder.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        var output =
                new BufferedReader(
                        new InputStreamReader(owner.getInputStream(), StandardCharsets.UTF_8));
        var greeting = output.readLine();
        assertThat(greeting).startsWith("up, pods at ");
        var block = greeting.substring("up, pods at ".length());
        var processes = owner.descendants().toList();
        assertThat(processes).hasSizeGreaterThan(16); // eight programs, their guards and workers

        // When
        owner.destroyForcibly();

        // Then
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(processes).noneMatch(ProcessHandle::isAlive));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(localRoutes()).doesNotContain(block));
    }

    private static String localRoutes() {
        return Commands.run(
                        Path.of("."), Map.of(), List.of("ip", "route", "show", "table", "local"))
                .output();
    }

    @Test
    void grandchildrenGoWithTheirParent(@TempDir Path folder) {
        // Given
        var process =
                GuardedProcess.start(
                        GuardedProcess.Spec.of(
                                "parent",
                                List.of("sh", "-c", "sleep 600 & echo $!; wait"),
                                folder));
        await().atMost(LIMIT).until(() -> process.tail(1).strip().matches("[0-9]+"));
        var grandchild = ProcessHandle.of(Long.parseLong(process.tail(1).strip())).orElseThrow();

        // When
        process.kill9();

        // Then
        assertThat(process.isAlive()).isFalse();
        await().atMost(LIMIT).untilAsserted(() -> assertThat(grandchild.isAlive()).isFalse());
    }

    @Test
    void politeProgramsEndOnTheirOwnTerms(@TempDir Path folder) throws Exception {
        // Given
        var process =
                GuardedProcess.start(
                        GuardedProcess.Spec.of(
                                "polite",
                                List.of(
                                        "sh",
                                        "-c",
                                        "trap 'echo bye; exit 0' TERM; echo hello; while :; do sleep 0.1; done"),
                                folder));
        await().atMost(LIMIT).until(() -> process.tail(1).contains("hello"));

        // When
        process.stop(LIMIT);

        // Then
        assertThat(process.log()).content().contains("bye");
    }
}
