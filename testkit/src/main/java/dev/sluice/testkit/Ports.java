package dev.sluice.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/// TCP ports of one stack, kept for it as long as it runs.
///
/// Ports are taken below the range that kernels hand out to outgoing connections, and each one is
/// held by a lock file, so that stacks on one machine never race for a port and a server can be
/// stopped and started again on its own. A foreign program may still come first: whoever starts a
/// server tries again with another port when it ends at once.
final class Ports implements AutoCloseable {
    private static final int FIRST = 20_000;
    private static final int LAST = 32_000;

    /// Lock files that this JVM holds. They are not opened again: closing one gives up every lock
    /// that the process has on it.
    private static final Set<Path> TAKEN = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final Map<Path, FileChannel> held = new HashMap<>();

    Ports() {
        this(
                Path.of(System.getProperty("java.io.tmpdir"))
                        .resolve("sluice-ports-" + System.getProperty("user.name")));
    }

    Ports(Path folder) {
        this.folder = Folders.create(folder);
    }

    synchronized int reserve() {
        for (int attempt = 0; attempt < 2_000; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            if (lock(port)) {
                return port;
            }
        }
        throw new StackException("no free TCP port between %d and %d".formatted(FIRST, LAST));
    }

    private boolean lock(int port) {
        Path file = folder.resolve(Integer.toString(port));
        if (!TAKEN.add(file)) {
            return false;
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (channel.tryLock() != null && isBindable(port)) {
                held.put(file, channel);
                return true;
            }
        } catch (OverlappingFileLockException | IOException e) {
            Progress.say("port %d is left alone: %s", port, e);
        }
        closeQuietly(channel);
        TAKEN.remove(file);
        return false;
    }

    private static void closeQuietly(@org.jspecify.annotations.Nullable FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                Progress.say("port lock not released: %s", e);
            }
        }
    }

    static boolean isBindable(int port) {
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public synchronized void close() {
        held.forEach(
                (file, channel) -> {
                    closeQuietly(channel);
                    TAKEN.remove(file);
                });
        held.clear();
    }
}
