package dev.sluice.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// One PostgreSQL server; can be stopped, killed and started again on the same port and data.
public final class Postgres implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(45);
    private static final int PORT_ATTEMPTS = 3;
    private static final String USER = "sluice";

    private final Path folder;
    private final int port;
    private GuardedProcess process;

    private Postgres(Path folder, int port, GuardedProcess process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    static Postgres start(Path folder, Ports ports) {
        Folders.create(folder);
        initialise(folder);
        for (int attempt = 1; ; attempt++) {
            int port = ports.reserve();
            var process = launch(folder, port);
            if (awaitReady(process, port)) {
                return new Postgres(folder, port, process);
            }
            if (attempt == PORT_ATTEMPTS) {
                throw new StackException("PostgreSQL did not start: " + process.tail(10));
            }
        }
    }

    private static void initialise(Path folder) {
        var result =
                Commands.run(
                        folder,
                        Map.of(),
                        asOrdinaryUser(
                                PostgresArchive.unpacked().resolve("bin/initdb").toString(),
                                "--pgdata=" + folder.resolve("data"),
                                "--username=" + USER,
                                "--auth=trust",
                                "--encoding=UTF-8",
                                "--locale=C",
                                "--no-sync"));
        if (result.code() != 0) {
            throw new StackException("PostgreSQL's initdb failed:%n%s".formatted(result.output()));
        }
    }

    /// PostgreSQL refuses to run as root; in a user namespace of its own it does not know that it
    /// does.
    private static List<String> asOrdinaryUser(String... command) {
        var words = new ArrayList<String>();
        if ("root".equals(System.getProperty("user.name"))) {
            words.addAll(List.of("unshare", "--user"));
        }
        words.addAll(List.of(command));
        return words;
    }

    private static GuardedProcess launch(Path folder, int port) {
        // A postmaster that was killed leaves its pid behind, which may belong to somebody else by
        // now.
        deletePidFile(folder);
        var command =
                asOrdinaryUser(
                        PostgresArchive.unpacked().resolve("bin/postgres").toString(),
                        "-D",
                        folder.resolve("data").toString(),
                        "-p",
                        Integer.toString(port),
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        "unix_socket_directories=",
                        "-c",
                        "fsync=off",
                        "-c",
                        "synchronous_commit=off",
                        "-c",
                        "full_page_writes=off",
                        "-c",
                        "max_connections=300",
                        "-c",
                        "shared_buffers=64MB");
        return GuardedProcess.start(
                GuardedProcess.Spec.of("postgres", command, folder).withLastSignal("QUIT"));
    }

    private static void deletePidFile(Path folder) {
        try {
            Files.deleteIfExists(folder.resolve("data").resolve("postmaster.pid"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot clear PostgreSQL's pid file in " + folder, e);
        }
    }

    private static boolean awaitReady(GuardedProcess process, int port) {
        return Await.ready(
                process,
                LIMIT,
                () -> {
                    try (var connection = connect(port);
                            var statement = connection.createStatement()) {
                        return statement.execute("select 1");
                    }
                });
    }

    private static Connection connect(int port) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/postgres?connectTimeout=3".formatted(port),
                USER,
                "");
    }

    public String user() {
        return USER;
    }

    /// Never asked for (`trust`), but clients want to send one.
    public String password() {
        return "sluice";
    }

    public String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(port);
    }

    /// The URL as the reactive client of the services wants it.
    public String reactiveUrl() {
        return "postgresql://127.0.0.1:%d/postgres".formatted(port);
    }

    /// A new connection, to be closed by the caller.
    public Connection connect() throws SQLException {
        return connect(port);
    }

    /// Ends the server without warning, its sessions with it.
    public void kill9() {
        process.kill9();
    }

    /// Ends the server in order: sessions are cut off, data is saved.
    public void stop() {
        // INT is PostgreSQL's "fast" shutdown; TERM would wait for every client to leave.
        Commands.run(folder, Map.of(), List.of("kill", "-INT", Long.toString(process.pid())));
        long start = System.nanoTime();
        while (process.isAlive() && Progress.since(start).toSeconds() < 15) {
            Await.pause();
        }
        process.kill9();
    }

    /// Starts it again on the same port and data, after [#kill9()] or [#stop()].
    public void restart() {
        if (process.isAlive()) {
            stop();
        }
        process = launch(folder, port);
        if (!awaitReady(process, port)) {
            throw new StackException("PostgreSQL did not start again: " + process.tail(10));
        }
    }

    GuardedProcess process() {
        return process;
    }

    @Override
    public void close() {
        // QUIT ends the sessions too and frees the shared memory; KILL would leave that behind.
        Commands.run(folder, Map.of(), List.of("kill", "-QUIT", Long.toString(process.pid())));
        process.stop(Duration.ofSeconds(5));
    }
}
