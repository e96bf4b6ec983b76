package dev.sluice.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A child process that cannot outlive this JVM, not even when the JVM is killed with `-9`.
///
/// Between us and the child sits a small shell. It starts the child in a process group of its own
/// (so that Ctrl-C in a terminal reaches only us, and we stop things in order) and holds the other
/// end of a pipe from us. The kernel closes that pipe when we are gone; then the shell ends the
/// whole group. `PR_SET_PDEATHSIG` would not do: it fires when the starting *thread* ends.
public final class GuardedProcess {
    /// Bash, because `set -m` (process groups) needs a terminal in other shells.
    private static final String GUARD =
            """
            log=$1 signal=$2; shift 2
            set -m
            trap : INT HUP
            "$@" </dev/null >>"$log" 2>&1 &
            child=$!
            {
              cat >/dev/null
              kill -"$signal" -- "-$child"
              for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
                kill -0 "$child" || break
                sleep 0.2
              done
              kill -KILL -- "-$child"
            } <&0 >/dev/null 2>&1 &
            watch=$!
            echo "$child"
            exec >/dev/null
            while :; do
              wait "$child"; code=$?
              kill -0 "$child" 2>/dev/null || break
            done
            kill -KILL -- "-$watch" 2>/dev/null
            kill -KILL -- "-$child" 2>/dev/null
            exit "$code"
            """;

    /// What to run.
    ///
    /// @param name for messages
    /// @param lastSignal sent to the process group when this JVM is gone, a moment before `KILL`
    public record Spec(
            String name,
            List<String> command,
            Map<String, String> environment,
            Path folder,
            Path log,
            String lastSignal) {
        public Spec {
            command = List.copyOf(command);
            environment = Map.copyOf(environment);
        }

        public static Spec of(String name, List<String> command, Path folder) {
            return new Spec(name, command, Map.of(), folder, folder.resolve(name + ".log"), "KILL");
        }

        public Spec withEnvironment(Map<String, String> environment) {
            return new Spec(name, command, environment, folder, log, lastSignal);
        }

        public Spec withLog(Path log) {
            return new Spec(name, command, environment, folder, log, lastSignal);
        }

        public Spec withLastSignal(String lastSignal) {
            return new Spec(name, command, environment, folder, log, lastSignal);
        }
    }

    private final Spec spec;
    private final Process guard;
    private final ProcessHandle child;

    private GuardedProcess(Spec spec, Process guard, ProcessHandle child) {
        this.spec = spec;
        this.guard = guard;
        this.child = child;
    }

    public static GuardedProcess start(Spec spec) {
        var command = new ArrayList<>(List.of("bash", "-c", GUARD, "guard"));
        command.add(spec.log().toString());
        command.add(spec.lastSignal());
        command.addAll(spec.command());
        var builder =
                new ProcessBuilder(command)
                        .directory(spec.folder().toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(spec.environment());
        try {
            var guard = builder.start();
            var output =
                    new BufferedReader(
                            new InputStreamReader(guard.getInputStream(), StandardCharsets.UTF_8));
            var pid = output.readLine();
            if (pid == null) {
                throw new StackException(
                        "%s did not start: bash failed (is bash installed?)"
                                .formatted(spec.name()));
            }
            var handle =
                    ProcessHandle.of(Long.parseLong(pid.strip()))
                            .orElseThrow(
                                    () ->
                                            new StackException(
                                                    "%s ended at once: %s"
                                                            .formatted(
                                                                    spec.name(),
                                                                    tail(spec.log(), 5))));
            return new GuardedProcess(spec, guard, handle);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + spec.name(), e);
        }
    }

    public String name() {
        return spec.name();
    }

    /// The process id of the program itself, not of its guard.
    public long pid() {
        return child.pid();
    }

    public boolean isAlive() {
        return guard.isAlive() && child.isAlive();
    }

    public Path log() {
        return spec.log();
    }

    /// Ends the program without warning and waits until it and its group are gone.
    public void kill9() {
        child.destroyForcibly();
        awaitEnd(Duration.ofSeconds(10));
    }

    /// Asks the program to end (`TERM`), and kills its process group when it has not in time.
    public void stop(Duration grace) {
        child.destroy();
        awaitEnd(grace);
    }

    /// The end of the log, for messages about a failure.
    public String tail(int lines) {
        return tail(spec.log(), lines);
    }

    static String tail(Path log, int lines) {
        try {
            var all = Files.readString(log, StandardCharsets.UTF_8).lines().toList();
            return String.join(
                    System.lineSeparator(),
                    all.subList(Math.max(0, all.size() - lines), all.size()));
        } catch (IOException e) {
            return "(no log at %s)".formatted(log);
        }
    }

    private void awaitEnd(Duration grace) {
        try {
            if (!guard.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
                guard.getOutputStream().close(); // the guard's signal to end the group
                if (!guard.waitFor(10, TimeUnit.SECONDS)) {
                    guard.destroyForcibly();
                }
            }
        } catch (IOException e) {
            guard.destroyForcibly();
        } catch (InterruptedException e) {
            guard.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
