package dev.sluice.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A block of addresses for pods, which this machine answers itself for as long as this is open.
///
/// They come from 198.19.0.0/16, which is set aside for benchmarks (RFC 2544) and routed nowhere;
/// loopback addresses would do without any rights, but Kubernetes refuses them as endpoints. The
/// route belongs to a guarded process: when this JVM is killed, it goes too. A route that was left
/// behind all the same goes when the next block is claimed.
final class PodAddresses implements AutoCloseable {
    private static final int BLOCKS = 64;
    private static final int SIZE = 1024;
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String GUARD =
            """
            trap 'ip route del local "$1" dev lo' EXIT
            trap 'exit 0' TERM INT HUP
            ip route replace local "$1" dev lo || exit 1
            sleep infinity &
            wait
            """;

    /// Lock files of this JVM, which must not be opened again: see [Ports].
    private static final Set<Path> TAKEN = ConcurrentHashMap.newKeySet();

    private final int block;
    private final Path lockFile;
    private final FileChannel lock;
    private final GuardedProcess route;
    private final AtomicInteger next = new AtomicInteger();

    private PodAddresses(int block, Path lockFile, FileChannel lock, GuardedProcess route) {
        this.block = block;
        this.lockFile = lockFile;
        this.lock = lock;
        this.route = route;
    }

    /// Why this machine cannot do it, if so.
    static Optional<String> obstacle() {
        if (Commands.onPath("ip").isEmpty()) {
            return Optional.of("the program 'ip' is missing (apt-get install iproute2)");
        }
        var probe = "local 198.18.255.255/32 dev lo";
        var result =
                Commands.run(
                        Path.of("."),
                        Map.of(),
                        List.of(
                                "bash",
                                "-c",
                                "ip route replace %1$s && ip route del %1$s".formatted(probe)));
        return result.code() == 0
                ? Optional.empty()
                : Optional.of(
                        "it takes the right to set routes, which root has: "
                                + result.output().strip());
    }

    /// @param folder of the stack, for the log
    static PodAddresses claim(Path folder) {
        var locks =
                Folders.create(
                        Path.of(System.getProperty("java.io.tmpdir"))
                                .resolve("sluice-pods-" + System.getProperty("user.name")));
        removeLeftovers(locks);
        for (int block = 0; block < BLOCKS; block++) {
            var file = lockFile(locks, block);
            var lock = lock(file);
            if (lock.isPresent()) {
                return open(block, file, lock.get(), folder);
            }
        }
        throw new StackException("all blocks of pod addresses are in use: " + locks);
    }

    private static Path lockFile(Path locks, int block) {
        return locks.resolve(Integer.toString(block));
    }

    private static void removeLeftovers(Path locks) {
        var routes =
                Commands.run(
                        Path.of("."),
                        Map.of(),
                        List.of("ip", "route", "show", "table", "local", "root", "198.19.0.0/16"));
        for (int block = 0; block < BLOCKS; block++) {
            if (routes.output().contains(cidr(block))) {
                var file = lockFile(locks, block);
                int left = block;
                lock(file)
                        .ifPresent(
                                lock -> {
                                    remove(left);
                                    release(file, lock);
                                });
            }
        }
    }

    private static PodAddresses open(int block, Path file, FileChannel lock, Path folder) {
        var route =
                GuardedProcess.start(
                        GuardedProcess.Spec.of(
                                        "pod-route",
                                        List.of("bash", "-c", GUARD, "pod-route", cidr(block)),
                                        folder)
                                .withLastSignal("TERM"));
        var addresses = new PodAddresses(block, file, lock, route);
        if (!Await.ready(route, LIMIT, addresses::areAnswered)) {
            addresses.close();
            throw new StackException("no route for pods: " + route.tail(5));
        }
        return addresses;
    }

    private boolean areAnswered() throws IOException {
        try (var _ = new ServerSocket(0, 1, InetAddress.getByName(address(block, SIZE - 2)))) {
            return true;
        }
    }

    private static Optional<FileChannel> lock(Path file) {
        if (!TAKEN.add(file)) {
            return Optional.empty();
        }
        try {
            var channel =
                    FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (channel.tryLock() != null) {
                return Optional.of(channel);
            }
            channel.close();
        } catch (OverlappingFileLockException e) {
            Progress.say("%s is locked by this process: %s", file, e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot lock " + file, e);
        }
        TAKEN.remove(file);
        return Optional.empty();
    }

    private static void release(Path file, FileChannel lock) {
        try {
            lock.close();
        } catch (IOException e) {
            Progress.say("lock of pod addresses not released: %s", e);
        }
        TAKEN.remove(file);
    }

    private static void remove(int block) {
        Commands.run(
                Path.of("."),
                Map.of(),
                List.of("ip", "route", "del", "local", cidr(block), "dev", "lo"));
    }

    private static String cidr(int block) {
        return "198.19.%d.0/22".formatted(block * SIZE / 256);
    }

    private static String address(int block, int number) {
        return "198.19.%d.%d".formatted(block * SIZE / 256 + number / 256, number % 256);
    }

    /// The next one, round and round.
    String next() {
        return address(block, 1 + next.getAndIncrement() % (SIZE - 2));
    }

    String cidr() {
        return cidr(block);
    }

    @Override
    public void close() {
        route.stop(Duration.ofSeconds(5));
        release(lockFile, lock);
    }
}
