package dev.sluice.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/// One Kafka broker in a JVM of its own; survives `kill -9` on the same port with its data.
public final class KafkaBroker implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int PORT_ATTEMPTS = 3;

    private final Path folder;
    private final int port;
    private GuardedProcess process;

    private KafkaBroker(Path folder, int port, GuardedProcess process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    static KafkaBroker start(Path folder, Ports ports) {
        for (int attempt = 1; ; attempt++) {
            int port = ports.reserve();
            configure(Folders.create(folder), port, ports.reserve());
            var process = launch(folder);
            if (awaitReady(process, port)) {
                return new KafkaBroker(folder, port, process);
            }
            if (attempt == PORT_ATTEMPTS) {
                throw new StackException("Kafka did not start: " + process.tail(20));
            }
            Folders.delete(folder.resolve("data"));
        }
    }

    private static void configure(Path folder, int port, int controllerPort) {
        var properties =
                """
                process.roles=broker,controller
                node.id=1
                controller.quorum.voters=1@127.0.0.1:%2$d
                listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
                advertised.listeners=PLAINTEXT://127.0.0.1:%1$d
                listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
                controller.listener.names=CONTROLLER
                inter.broker.listener.name=PLAINTEXT
                log.dirs=%3$s
                num.partitions=12
                default.replication.factor=1
                offsets.topic.replication.factor=1
                offsets.topic.num.partitions=1
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                transaction.state.log.num.partitions=1
                share.coordinator.state.topic.replication.factor=1
                share.coordinator.state.topic.min.isr=1
                group.initial.rebalance.delay.ms=0
                auto.create.topics.enable=true
                log.cleaner.enable=true
                log.cleaner.dedupe.buffer.size=4194304
                num.network.threads=2
                num.io.threads=4
                broker.session.timeout.ms=4000
                broker.heartbeat.interval.ms=500
                """
                        .formatted(port, controllerPort, folder.resolve("data"));
        try {
            Files.writeString(folder.resolve("server.properties"), properties);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write Kafka's configuration", e);
        }
    }

    private static GuardedProcess launch(Path folder) {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return GuardedProcess.start(
                GuardedProcess.Spec.of(
                        "kafka",
                        List.of(
                                java,
                                "-Xmx384m",
                                "-Xms128m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Xshare:auto",
                                "-cp",
                                absoluteClassPath(),
                                KafkaNode.class.getName(),
                                folder.resolve("server.properties").toString()),
                        folder));
    }

    /// Our own class path, as seen from any folder.
    private static String absoluteClassPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static boolean awaitReady(GuardedProcess process, int port) {
        // A cheap look first: the admin client is slow to notice that nobody listens yet.
        if (!Await.ready(process, LIMIT, () -> !Ports.isBindable(port))) {
            return false;
        }
        Map<String, Object> config =
                Map.of(
                        AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                        "127.0.0.1:" + port,
                        AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        5_000,
                        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                        5_000);
        try (var admin = Admin.create(config)) {
            return Await.ready(
                    process,
                    LIMIT,
                    () -> !admin.describeCluster().nodes().get(5, TimeUnit.SECONDS).isEmpty());
        }
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /// Ends the broker without warning.
    public void kill9() {
        process.kill9();
    }

    /// Ends the broker in order.
    public void stop() {
        process.stop(Duration.ofSeconds(15));
    }

    /// Starts it again on the same port and data, after [#kill9()] or [#stop()].
    public void restart() {
        if (process.isAlive()) {
            stop();
        }
        process = launch(folder);
        if (!awaitReady(process, port)) {
            throw new StackException("Kafka did not start again: " + process.tail(20));
        }
    }

    GuardedProcess process() {
        return process;
    }

    @Override
    public void close() {
        process.kill9();
    }
}
