package dev.sluice.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/// The user's cache folder: built tools, unpacked servers, the state of running stacks.
public final class Caches {
    private static final ConcurrentHashMap<Path, ReentrantLock> LOCKS = new ConcurrentHashMap<>();

    private Caches() {}

    /// `$XDG_CACHE_HOME/sluice`, or `~/.cache/sluice`.
    public static Path root() {
        var configured = System.getenv("XDG_CACHE_HOME");
        var base =
                configured == null || configured.isBlank()
                        ? Path.of(System.getProperty("user.home"), ".cache")
                        : Path.of(configured);
        return base.resolve("sluice");
    }

    /// Operating system and processor, as cached programs differ by them: `linux-amd64`.
    public static String platform() {
        var os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        var arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return (os.contains("mac") ? "darwin" : os.contains("linux") ? "linux" : os)
                + "-"
                + ("x86_64".equals(arch) ? "amd64" : "aarch64".equals(arch) ? "arm64" : arch);
    }

    /// Runs the action while no other thread or process holds the lock file.
    static <T> T locked(Path lockFile, Supplier<T> action) {
        var lock = LOCKS.computeIfAbsent(lockFile.toAbsolutePath(), _ -> new ReentrantLock());
        lock.lock();
        try {
            Files.createDirectories(Folders.parentOf(lockFile));
            try (var channel =
                            FileChannel.open(
                                    lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var _ = channel.lock()) {
                return action.get();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot lock " + lockFile, e);
        } finally {
            lock.unlock();
        }
    }
}
