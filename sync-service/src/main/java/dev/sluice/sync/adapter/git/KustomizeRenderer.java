package dev.sluice.sync.adapter.git;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.sync.config.SyncConfig;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.KubeObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Runs the real kustomize on a private copy of the tree: its own process, a bare environment, no
/// network, bounded in time, memory and output. Overrides go into an overlay beside the user's
/// files, never into them.
final class KustomizeRenderer {
    private static final List<String> NAMES =
            List.of("kustomization.yaml", "kustomization.yml", "Kustomization");
    /// Nothing listens there: whatever tries to download fails at once.
    private static final String NOWHERE = "http://127.0.0.1:9";

    private final SyncConfig config;
    private final ManifestParser parser;

    KustomizeRenderer(SyncConfig config, ManifestParser parser) {
        this.config = config;
        this.parser = parser;
    }

    static boolean isIn(SourceTree tree, String path) {
        return NAMES.stream()
                .anyMatch(name -> tree.hasFile(path.isEmpty() ? name : path + "/" + name));
    }

    List<KubeObject> render(
            ScratchFolder scratch, SourceTree tree, String path, Optional<JsonNode> overrides)
            throws IOException, SourceTree.RefusedException, ManifestParser.MalformedException {
        Path workspace = scratch.create("render-");
        try {
            Path root = Files.createDirectory(workspace.resolve("tree"));
            tree.writeTo(root, config.limits().workspace());
            Path base = root.resolve(path);
            Path built = overrides.isEmpty() ? base : overlay(root, base, overrides.get());
            return parser.parse("kustomize build " + path, run(workspace, built));
        } finally {
            ScratchFolder.delete(workspace);
        }
    }

    private static Path overlay(Path root, Path base, JsonNode overrides)
            throws IOException, SourceTree.RefusedException {
        Path overlay = Files.createTempDirectory(root, ".overlay-");
        ObjectNode file = JsonTrees.object();
        file.put("apiVersion", "kustomize.config.k8s.io/v1beta1").put("kind", "Kustomization");
        file.putArray("resources").add(overlay.relativize(base).toString());
        for (String field :
                List.of(
                        "namePrefix",
                        "nameSuffix",
                        "namespace",
                        "commonAnnotations",
                        "replicas",
                        "patches")) {
            if (overrides.has(field)) {
                file.set(field, overrides.get(field));
            }
        }
        for (String field : List.of("components", "version")) {
            if (overrides.has(field)) {
                throw new SourceTree.RefusedException(
                        "spec.source.kustomize." + field + ": is not supported");
            }
        }
        if (overrides.path("commonLabels").isObject()) {
            ObjectNode label = file.putArray("labels").addObject();
            label.set("pairs", overrides.get("commonLabels"));
            label.put("includeSelectors", !JsonTrees.flag(overrides, "labelWithoutSelector"));
            label.put("includeTemplates", JsonTrees.flag(overrides, "labelIncludeTemplates"));
        }
        if (overrides.has("images")) {
            ArrayNode images = file.putArray("images");
            JsonTrees.texts(overrides, "images").forEach(image -> images.add(image(image)));
        }
        Files.writeString(overlay.resolve("kustomization.yaml"), file.toString());
        return overlay;
    }

    /// `[old=]name[:tag|@digest]`.
    static ObjectNode image(String text) {
        int equals = text.indexOf('=');
        String now = text.substring(equals + 1);
        int at = now.indexOf('@');
        int colon = now.lastIndexOf(':') > now.lastIndexOf('/') ? now.lastIndexOf(':') : -1;
        int end = at >= 0 ? at : colon >= 0 ? colon : now.length();
        ObjectNode image = JsonTrees.object();
        image.put("name", equals > 0 ? text.substring(0, equals) : now.substring(0, end));
        image.put("newName", now.substring(0, end));
        if (at >= 0) {
            image.put("digest", now.substring(at + 1));
        } else if (colon >= 0) {
            image.put("newTag", now.substring(colon + 1));
        }
        return image;
    }

    private String run(Path workspace, Path directory)
            throws IOException, SourceTree.RefusedException {
        Path errors = workspace.resolve("stderr");
        long kilobytes = config.kustomize().memoryMegabytes() * 1024L;
        ProcessBuilder builder =
                new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        "ulimit -v " + kilobytes + "; exec \"$0\" build \"$1\"",
                        program(),
                        directory.toString());
        builder.directory(workspace.toFile());
        builder.environment().clear();
        builder.environment()
                .putAll(
                        Map.of(
                                "PATH",
                                "/nonexistent",
                                "HOME",
                                workspace.toString(),
                                "TMPDIR",
                                workspace.toString(),
                                "HTTP_PROXY",
                                NOWHERE,
                                "HTTPS_PROXY",
                                NOWHERE,
                                "GOMAXPROCS",
                                "2"));
        builder.redirectError(errors.toFile());
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new SourceTree.RefusedException("kustomize can't be started: " + e.getMessage());
        }
        Thread watchdog = Thread.ofVirtual().start(() -> stopWhenLate(process));
        try (InputStream output = process.getInputStream()) {
            byte[] text = output.readNBytes((int) config.limits().manifests() + 1);
            if (text.length > config.limits().manifests()) {
                throw new SourceTree.RefusedException(
                        "kustomize build of '"
                                + directory.getFileName()
                                + "' gives more than "
                                + config.limits().manifests()
                                + " bytes");
            }
            int code = process.waitFor();
            if (code != 0) {
                throw new SourceTree.RefusedException(
                        "kustomize build failed with exit code "
                                + code
                                + ": "
                                + reason(errors, workspace));
            }
            return new String(text, StandardCharsets.UTF_8);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SourceTree.RefusedException("kustomize build was interrupted");
        } finally {
            process.destroyForcibly();
            watchdog.interrupt();
        }
    }

    private String program() throws SourceTree.RefusedException {
        String name = config.kustomize().path();
        if (name.contains("/")) {
            return name;
        }
        List<Path> candidates = new ArrayList<>();
        for (String directory :
                Optional.ofNullable(System.getenv("PATH")).orElse("").split(":", -1)) {
            candidates.add(Path.of(directory.isEmpty() ? "." : directory, name));
        }
        return candidates.stream()
                .filter(Files::isExecutable)
                .findFirst()
                .map(Path::toString)
                .orElseThrow(
                        () ->
                                new SourceTree.RefusedException(
                                        "kustomize is not installed: program '"
                                                + name
                                                + "' is not on the PATH; set"
                                                + " sluice.sync.kustomize.path"));
    }

    private void stopWhenLate(Process process) {
        try {
            if (!process.waitFor(config.kustomize().timeout().toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String reason(Path errors, Path workspace) throws IOException {
        String text =
                Files.readString(errors).replace(workspace.resolve("tree").toString(), "").strip();
        return text.length() > 600 ? text.substring(0, 600) + "…" : text;
    }
}
