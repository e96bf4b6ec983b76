package dev.sluice.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// The folder of one running stack, and the removal of those whose owner was killed.
final class StackFolder implements AutoCloseable {
    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final boolean KEEP = Boolean.getBoolean("sluice.keep");

    /// Those of this JVM. Nobody may even look at their lock files: whoever closes a file gives up
    /// every lock that the process has on it, and others would take the folder for an orphan.
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel lock;

    private StackFolder(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    static StackFolder create(String name) {
        var parent =
                Folders.create(
                        Path.of(System.getProperty("java.io.tmpdir"))
                                .resolve("sluice-stacks-" + System.getProperty("user.name")));
        return Caches.locked(
                parent.resolve("folders.lock"),
                () -> {
                    removeOrphans(parent);
                    var path =
                            parent.resolve(
                                    "%s-%d-%d"
                                            .formatted(
                                                    name,
                                                    ProcessHandle.current().pid(),
                                                    NEXT.incrementAndGet()));
                    return claim(Folders.create(path));
                });
    }

    private static StackFolder claim(Path path) {
        try {
            var channel =
                    FileChannel.open(
                            path.resolve("owner.lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            channel.lock();
            OWN.add(path);
            return new StackFolder(path, channel);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot claim " + path, e);
        }
    }

    private static void removeOrphans(Path parent) {
        for (var folder : folders(parent)) {
            if (!KEEP && isOrphan(folder)) {
                Folders.delete(folder);
            }
        }
    }

    private static List<Path> folders(Path parent) {
        try (var entries = Files.list(parent)) {
            return entries.filter(Files::isDirectory).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + parent, e);
        }
    }

    private static boolean isOrphan(Path folder) {
        if (OWN.contains(folder)) {
            return false;
        }
        var file = folder.resolve("owner.lock");
        if (!Files.exists(file)) {
            return true;
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException | IOException e) {
            return false;
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        if (!KEEP) {
            Folders.delete(path);
        }
        try {
            lock.close();
        } catch (IOException e) {
            Progress.say("folder lock not released: %s", e);
        }
        OWN.remove(path);
    }
}
