package dev.sluice.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.sluice.testkit.Caches;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What `up` leaves for `status`, `kubectl` and `down`: one file per running stack.
///
/// @param owner pid of the process that keeps the stack up
/// @param ownerStarted start time of that process, as pids are used again
/// @param parts in the order of starting
record StackState(
        String name,
        long owner,
        long ownerStarted,
        String kubeconfig,
        String folder,
        List<RunningPart> parts) {
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /// @param health URL that answers 200 when all is well; empty where a living process is enough
    record RunningPart(String name, long pid, String address, String health) {}

    StackState {
        parts = List.copyOf(parts);
    }

    static Path folder(String name) {
        return Caches.root().resolve("run").resolve(name);
    }

    private static Path file(String name) {
        return folder(name).resolve("stack.json");
    }

    /// The stack of this name whose owner still runs.
    static Optional<StackState> running(String name) {
        return read(name).filter(StackState::isOwnerAlive);
    }

    static Optional<StackState> read(String name) {
        var file = file(name);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(file.toFile(), StackState.class));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot read " + file + " (remove it if it is damaged)", e);
        }
    }

    void write() {
        var file = file(name);
        var fresh = file.resolveSibling("stack.json." + ProcessHandle.current().pid());
        try {
            Files.createDirectories(file.getParent());
            JSON.writeValue(fresh.toFile(), this);
            Files.move(
                    fresh,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    static void remove(String name) {
        try {
            Files.deleteIfExists(file(name));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + file(name), e);
        }
    }

    Optional<ProcessHandle> ownerProcess() {
        return ProcessHandle.of(owner).filter(handle -> startOf(handle) == ownerStarted);
    }

    private boolean isOwnerAlive() {
        return ownerProcess().filter(ProcessHandle::isAlive).isPresent();
    }

    static long startOf(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }
}
