package dev.sluice.cli;

import dev.sluice.testkit.Progress;
import dev.sluice.testkit.Projects;
import dev.sluice.testkit.StackException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Starts a second JVM that keeps the stack up after this one has ended.
final class Background {
    /// In a process group of its own and deaf to hang-ups, so that closing the terminal ends
    /// nothing.
    private static final String LAUNCH =
            """
            log=$1; shift
            set -m
            nohup "$@" </dev/null >"$log" 2>&1 &
            echo $!
            """;

    private Background() {}

    static int start(String name, List<String> arguments) throws InterruptedException {
        var log = StackState.folder(name).resolve("up.log");
        var owner = launch(log, arguments);
        int shown = 0;
        while (StackState.running(name).isEmpty()) {
            shown = show(log, shown);
            if (!owner.isAlive()) {
                show(log, shown);
                throw new StackException("the stack did not come up; the log is " + log);
            }
            Thread.sleep(200);
        }
        show(log, shown);
        Progress.say("running in the background (pid %d); the log is %s", owner.pid(), log);
        return 0;
    }

    private static ProcessHandle launch(Path log, List<String> arguments) {
        var command = new ArrayList<>(List.of("bash", "-c", LAUNCH, "launch", log.toString()));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-Dsluice.root=" + Projects.root(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName()));
        command.addAll(arguments);
        try {
            Files.createDirectories(log.getParent());
            var shell =
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            var output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return ProcessHandle.of(Long.parseLong(output.strip()))
                    .orElseThrow(() -> new StackException("ended at once; the log is " + log));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a background process", e);
        }
    }

    /// Prints what is new in the log; answers how many lines have been seen.
    private static int show(Path log, int seen) {
        try {
            var lines = Files.readAllLines(log);
            lines.stream()
                    .skip(seen)
                    .filter(line -> !line.startsWith("WARNING:"))
                    .forEach(System.err::println);
            return lines.size();
        } catch (IOException e) {
            return seen; // not there yet
        }
    }
}
