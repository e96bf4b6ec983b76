package dev.sluice.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.Projects;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Gives every manifest of `k8s/` and the CRD cases to a real API server.
@SluiceStack(Part.API)
class ManifestsIT {

    private static final Path CASES = Path.of("src/test/resources/crds");

    @ParameterizedTest
    @ValueSource(strings = {"base", "overlays/small", "overlays/external"})
    void theApiServerAcceptsTheInstallation(String folder, StackSession session) {
        // Given
        var kubectl = Kubectl.of(session.stack());
        session.client()
                .resource(
                        new NamespaceBuilder()
                                .withNewMetadata()
                                .withName("sluice-system")
                                .endMetadata()
                                .build())
                .serverSideApply();

        // When
        var result =
                kubectl.run(
                        "apply",
                        "--server-side",
                        "--force-conflicts",
                        "--dry-run=server",
                        "--kustomize=" + Projects.root().resolve("k8s").resolve(folder));

        // Then
        assertThat(result.output()).doesNotContain("Error").contains("deployment.apps/");
        assertThat(result.exitCode()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo/base", "demo/overlay"})
    void theApiServerAcceptsTheDemo(String folder, StackSession session) {
        // When
        var result =
                Kubectl.of(session.stack())
                        .run(
                                "apply",
                                "--server-side",
                                "--dry-run=server",
                                "--namespace=" + session.namespace(),
                                "--kustomize=" + samples().resolve(folder));

        // Then
        assertThat(result.output()).contains("rollout.argoproj.io/checkout");
        assertThat(result.exitCode()).as(result.output()).isZero();
    }

    @ParameterizedTest
    @MethodSource("singleSamples")
    void theApiServerAcceptsTheSample(Path sample, StackSession session) throws IOException {
        // Given
        var own = Files.createTempFile("sample", ".yaml");
        Files.writeString(
                own,
                Files.readString(sample)
                        .replace(
                                "namespace: argocd\nspec",
                                "namespace: " + session.namespace() + "\nspec"));

        // When
        var result = create(session, own);

        // Then
        assertThat(result.exitCode()).as(result.output()).isZero();
        Files.delete(own);
    }

    @ParameterizedTest
    @MethodSource("validCases")
    void theCrdAccepts(Path valid, StackSession session) {
        // When
        var result = create(session, valid);

        // Then
        assertThat(result.exitCode()).as(result.output()).isZero();
    }

    @ParameterizedTest
    @MethodSource("invalidCases")
    void theCrdRefusesAndNamesTheField(Path invalid, StackSession session) throws IOException {
        // Given
        String expected = Files.readAllLines(invalid).getFirst().replace("# expect: ", "");

        // When
        var result = create(session, invalid);

        // Then
        assertThat(result.output()).contains(expected);
        assertThat(result.exitCode()).isNotZero();
    }

    @Test
    void theSelectorOfARolloutCannotBeChanged(StackSession session) {
        // Given
        var kubectl = Kubectl.of(session.stack());
        kubectl.run(
                "create",
                "--namespace=" + session.namespace(),
                "--filename=" + samples().resolve("canary.yaml"));

        // When
        var result =
                kubectl.run(
                        "patch",
                        "rollout",
                        "hello",
                        "--namespace=" + session.namespace(),
                        "--type=merge",
                        "--patch={\"spec\":{\"selector\":{\"matchLabels\":{\"app\":\"other\"}}}}");

        // Then
        assertThat(result.output()).contains(".spec.selector is immutable");
        assertThat(result.exitCode()).isNotZero();
    }

    @Test
    void aPodTemplateIsStoredAsGivenExceptForTheProtocolOfItsPorts(StackSession session)
            throws IOException {
        // Given
        var kubectl = Kubectl.of(session.stack());
        var file = Path.of("src/test/resources/roundtrip/rollout-opaque-parts.yaml");
        JsonNode given = Crds.yaml("/roundtrip/rollout-opaque-parts.yaml").at("/spec/template");

        // When
        var result =
                kubectl.run(
                        "create",
                        "--dry-run=server",
                        "--validate=ignore",
                        "--output=json",
                        "--filename=" + inNamespace(file, session));

        // Then
        assertThat(Serialization.unmarshal(result.output(), JsonNode.class).at("/spec/template"))
                .isEqualTo(Serialization.unmarshal(given.toString(), JsonNode.class));
    }

    private static Kubectl.Result create(StackSession session, Path file) {
        return Kubectl.of(session.stack())
                .run(
                        "create",
                        "--dry-run=server",
                        "--namespace=" + session.namespace(),
                        "--filename=" + file);
    }

    private static Path inNamespace(Path file, StackSession session) throws IOException {
        var own = Files.createTempFile("rollout", ".yaml");
        own.toFile().deleteOnExit();
        return Files.writeString(
                own,
                Files.readString(file)
                        .replace("namespace: shop", "namespace: " + session.namespace()));
    }

    static List<Path> singleSamples() throws IOException {
        return yaml(samples(), "");
    }

    static List<Path> validCases() throws IOException {
        return yaml(CASES, "valid-");
    }

    static List<Path> invalidCases() throws IOException {
        return yaml(CASES, "invalid-");
    }

    private static Path samples() {
        return Projects.root().resolve("k8s/samples");
    }

    private static List<Path> yaml(Path folder, String prefix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }
}
