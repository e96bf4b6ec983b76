package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.testkit.Part;
import dev.sluice.testkit.Projects;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A JVM that cannot use the cache of loaded classes says nothing and starts three times as slowly
/// in a hundred MiB more.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
class StartE2E {
    @Test
    void aPackagedServiceStartsFromItsCacheOfLoadedClasses(StackSession session)
            throws IOException {
        Path cache = Projects.root().resolve("rollout-service/target/quarkus-app/app.aot");
        assumeTrue(Files.exists(cache), "packaged without a cache");
        assumeTrue(Files.exists(Path.of("/proc/self/maps")), "no list of mapped files here");
        try (ServiceProcess service =
                ServiceProcess.start(
                        "rollout-service",
                        session.stack(),
                        Map.of("SLUICE_NAMESPACE", session.createNamespace("start")))) {
            assertThat(Files.readAllLines(Path.of("/proc/%d/maps".formatted(service.pid()))))
                    .anyMatch(line -> line.endsWith(cache.toString()));
        }
    }
}
