package dev.sluice.testkit;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// CustomResourceDefinitions of other projects, in the files that they publish.
final class ForeignDefinitions {
    private ForeignDefinitions() {}

    /// Installs all that are in the file, or in the `.yaml` files of the folder.
    static void install(ControlPlane plane, Path source) {
        try {
            for (var file : files(source)) {
                for (var document : Files.readString(file).split("(?m)^---.*$", -1)) {
                    if (document.contains("\nkind: CustomResourceDefinition\n")) {
                        var definition =
                                plane.client()
                                        .getKubernetesSerialization()
                                        .unmarshal(document, CustomResourceDefinition.class);
                        definition.setStatus(null);
                        plane.install(definition);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read definitions in " + source, e);
        }
    }

    private static List<Path> files(Path source) throws IOException {
        if (Files.isRegularFile(source)) {
            return List.of(source);
        }
        try (var files = Files.list(source)) {
            return files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList();
        }
    }
}
