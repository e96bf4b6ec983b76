package dev.sluice.testkit;

import java.nio.file.Files;
import java.nio.file.Path;

/// Where this checkout of Sluice lies.
public final class Projects {
    private Projects() {}

    /// The folder with the parent `pom.xml`: `-Dsluice.root`, or the next one above the working
    /// folder.
    public static Path root() {
        var configured = System.getProperty("sluice.root");
        if (configured != null) {
            return Path.of(configured);
        }
        for (var folder = Path.of("").toAbsolutePath();
                folder != null;
                folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("k8s/crds"))
                    && Files.isDirectory(folder.resolve("rollout-service"))) {
                return folder;
            }
        }
        throw new StackException(
                "not inside a checkout of Sluice: change into one, or set -Dsluice.root");
    }

    /// The folder of our CustomResourceDefinitions.
    public static Path crds() {
        return root().resolve("k8s/crds");
    }
}
