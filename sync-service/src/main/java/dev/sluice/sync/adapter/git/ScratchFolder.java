package dev.sluice.sync.adapter.git;

import dev.sluice.sync.app.SyncLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/// A private folder under an unguessable name, below which everything temporary of this process
/// lives. A lock says that it is in use; folders whose owner was killed are removed by the next
/// process that starts.
final class ScratchFolder implements AutoCloseable {
    private static final String PREFIX = "sluice-sync-";
    private static final String LOCK = "lock";
    /// A folder this young may be about to be locked.
    private static final Duration YOUNG = Duration.ofMinutes(1);

    private final Path folder;
    private final FileChannel lock;

    private ScratchFolder(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    static ScratchFolder below(Path base, Instant now) throws IOException {
        Files.createDirectories(base);
        sweep(base, now);
        Path folder = Files.createTempDirectory(base, PREFIX).toRealPath();
        FileChannel channel = open(folder);
        FileLock held = channel.tryLock();
        if (held == null) {
            channel.close();
            throw new IOException(folder + " is in use already");
        }
        return new ScratchFolder(folder, channel);
    }

    private static FileChannel open(Path folder) throws IOException {
        return FileChannel.open(
                folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private static void sweep(Path base, Instant now) throws IOException {
        List<Path> folders;
        try (Stream<Path> entries = Files.list(base)) {
            folders =
                    entries.filter(entry -> String.valueOf(entry.getFileName()).startsWith(PREFIX))
                            .toList();
        }
        for (Path folder : folders) {
            removeWhenAbandoned(folder, now);
        }
    }

    /// What belongs to another user, or vanishes meanwhile, is not ours to remove.
    private static void removeWhenAbandoned(Path folder, Instant now) {
        try {
            boolean young = Files.getLastModifiedTime(folder).toInstant().isAfter(now.minus(YOUNG));
            if (young || !Files.isRegularFile(folder.resolve(LOCK))) {
                return;
            }
            try (FileChannel channel = open(folder);
                    FileLock held = channel.tryLock()) {
                if (held != null) {
                    delete(folder);
                }
            }
        } catch (IOException | UncheckedIOException | OverlappingFileLockException e) {
            SyncLog.LOG.notRemoved(folder.toString(), String.valueOf(e.getMessage()));
        }
    }

    Path create(String prefix) throws IOException {
        return Files.createTempDirectory(folder, prefix);
    }

    static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Override
    public void close() throws IOException {
        delete(folder);
        lock.close();
    }
}
