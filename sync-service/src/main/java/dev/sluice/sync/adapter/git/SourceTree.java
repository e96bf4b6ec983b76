package dev.sluice.sync.adapter.git;

import dev.sluice.sync.core.PathRules;
import dev.sluice.sync.core.PathRules.Cleaned;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevTree;
import org.eclipse.jgit.treewalk.TreeWalk;

/// The files of one commit, read from the object database. Symbolic links are data: they are
/// followed only inside the repository, and one that leads out of it refuses the whole tree (Y8).
final class SourceTree {
    /// The tree can't be used; the message says why.
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;

        RefusedException(String message) {
            super(message);
        }
    }

    private record Entry(ObjectId blob, boolean link) {}

    private static final int MAX_ENTRIES = 200_000;
    private static final int MAX_LINKS = 10;
    private final Repository repository;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private SourceTree(Repository repository) {
        this.repository = repository;
    }

    static SourceTree of(Repository repository, RevTree tree) throws IOException, RefusedException {
        SourceTree found = new SourceTree(repository);
        try (TreeWalk walk = new TreeWalk(repository)) {
            walk.addTree(tree);
            walk.setRecursive(true);
            while (walk.next()) {
                boolean link = walk.getFileMode(0).equals(FileMode.SYMLINK);
                if (walk.getFileMode(0).equals(FileMode.GITLINK)) {
                    continue;
                }
                found.entries.put(walk.getPathString(), new Entry(walk.getObjectId(0), link));
                if (found.entries.size() > MAX_ENTRIES) {
                    throw new RefusedException(
                            "the repository has more than " + MAX_ENTRIES + " files");
                }
            }
        }
        found.checkLinks();
        return found;
    }

    private void checkLinks() throws IOException, RefusedException {
        for (Map.Entry<String, Entry> entry : entries.entrySet()) {
            if (entry.getValue().link()
                    && PathRules.link(parent(entry.getKey()), linkTarget(entry.getValue()))
                            instanceof Cleaned.Refused) {
                throw new RefusedException(
                        "repository contains out-of-bounds symlinks. file: " + entry.getKey());
            }
        }
    }

    /// Paths of the files below a directory, in order; empty when it does not exist.
    Map<String, ObjectId> below(String directory) throws IOException, RefusedException {
        String prefix = directory.isEmpty() ? "" : directory + "/";
        Map<String, ObjectId> found = new java.util.TreeMap<>();
        for (Map.Entry<String, Entry> entry : entries.entrySet()) {
            if (entry.getKey().startsWith(prefix)) {
                Optional<ObjectId> blob = follow(entry.getKey());
                blob.ifPresent(id -> found.put(entry.getKey().substring(prefix.length()), id));
            }
        }
        return found;
    }

    boolean hasFile(String path) {
        return entries.containsKey(path);
    }

    boolean hasDirectory(String path) {
        String prefix = path.isEmpty() ? "" : path + "/";
        return entries.keySet().stream().anyMatch(name -> name.startsWith(prefix));
    }

    private Optional<ObjectId> follow(String path) throws IOException, RefusedException {
        String current = path;
        for (int i = 0; i <= MAX_LINKS; i++) {
            Entry entry = entries.get(current);
            if (entry == null) {
                return Optional.empty();
            }
            if (!entry.link()) {
                return Optional.of(entry.blob());
            }
            current =
                    switch (PathRules.link(parent(current), linkTarget(entry))) {
                        case Cleaned.Inside inside -> inside.path();
                        case Cleaned.Refused refused ->
                                throw new RefusedException(refused.message());
                    };
        }
        return Optional.empty();
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    private String linkTarget(Entry entry) throws IOException, RefusedException {
        return text(entry.blob(), 4096);
    }

    long size(ObjectId blob) throws IOException {
        return repository.open(blob).getSize();
    }

    String text(ObjectId blob, long limit) throws IOException, RefusedException {
        ObjectLoader loader = repository.open(blob);
        if (loader.getSize() > limit) {
            throw new RefusedException(
                    "a file has " + loader.getSize() + " bytes, more than the limit of " + limit);
        }
        return new String(
                loader.getBytes((int) Math.min(limit, Integer.MAX_VALUE - 8)),
                StandardCharsets.UTF_8);
    }

    /// Writes the tree into an empty private directory; links become copies of what they name.
    void writeTo(Path directory, long limit) throws IOException, RefusedException {
        long total = 0;
        for (Map.Entry<String, ObjectId> file : below("").entrySet()) {
            ObjectLoader loader = repository.open(file.getValue());
            total += loader.getSize();
            if (total > limit) {
                throw new RefusedException(
                        "the repository has more than "
                                + limit
                                + " bytes, too many for one rendering");
            }
            Path target = directory.resolve(file.getKey()).normalize();
            if (!target.startsWith(directory)) {
                throw new RefusedException(
                        "file " + file.getKey() + " is outside of repository root");
            }
            Files.createDirectories(java.util.Objects.requireNonNull(target.getParent()));
            Files.write(target, loader.getBytes((int) Math.min(limit, Integer.MAX_VALUE - 8)));
        }
    }
}
