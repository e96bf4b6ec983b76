package dev.sluice.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Files that projects publish inside their Go modules, such as CustomResourceDefinitions.
public final class GoSources {
    private GoSources() {}

    /// The unpacked module in Go's own cache; read-only.
    ///
    /// @param module with its version, such as `istio.io/api@v1.28.0`
    public static Path folder(String module) {
        var result =
                Commands.run(
                        Folders.create(Caches.root()), // a folder without a go.mod
                        Map.of("GOFLAGS", "-mod=mod", "GOWORK", "off"),
                        List.of("go", "mod", "download", "-json", module));
        var output = result.output();
        try {
            var answer =
                    new ObjectMapper().readTree(output.substring(Math.max(0, output.indexOf('{'))));
            if (answer.hasNonNull("Dir")) {
                return Path.of(answer.path("Dir").asText());
            }
        } catch (JsonProcessingException e) {
            throw new StackException("go mod download answered: " + output, e);
        }
        throw new StackException("go mod download answered: " + output);
    }
}
