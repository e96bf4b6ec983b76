package dev.sluice.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.sluice.testkit.Projects;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// One service owns each kind of state; the granted rights say the same.
class RbacTest {

    private static final Set<String> READING = Set.of("get", "list", "watch");

    private record Grant(String role, String resource, String verb) {}

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sluice-sync-service     | applications appprojects events",
                "sluice-rollout-service  | analysisruns deployments/scale events experiments"
                        + " experiments/finalizers pods pods/eviction replicasets rollouts"
                        + " rollouts/finalizers rollouts/status services",
                "sluice-analysis-service | analysisruns analysisruns/finalizers events jobs",
                "sluice-router-service   | ambassadormappings apisixroutes destinationrules events"
                        + " grpcroutes httproutes ingresses mappings rollouts/finalizers services"
                        + " tcproutes tlsroutes traefikservices trafficsplits virtualservices",
                "sluice-analysis-secrets | ''",
            })
    void aServiceWritesWhatItOwnsAndNothingElse(String role, String resources) {
        // When
        var written = new TreeSet<String>();
        grants().stream()
                .filter(grant -> grant.role().equals(role) && !READING.contains(grant.verb()))
                .forEach(grant -> written.add(grant.resource()));

        // Then
        assertThat(String.join(" ", written)).isEqualTo(resources);
    }

    @Test
    void nobodyMayListOrWatchSecrets() {
        // When
        var onSecrets =
                grants().stream()
                        .filter(grant -> grant.resource().equals("secrets"))
                        .map(Grant::verb)
                        .distinct()
                        .toList();

        // Then
        assertThat(onSecrets).contains("get").doesNotContain("list", "watch", "deletecollection");
    }

    @Test
    void noRoleUsesAWildcard() {
        assertThat(grants())
                .isNotEmpty()
                .noneMatch(grant -> grant.resource().contains("*") || grant.verb().equals("*"));
    }

    private static List<Grant> grants() {
        var grants = new ArrayList<Grant>();
        for (JsonNode role : documents()) {
            for (JsonNode rule : role.path("rules")) {
                for (JsonNode resource : rule.path("resources")) {
                    for (JsonNode verb : rule.path("verbs")) {
                        var name = role.at("/metadata/name").asText();
                        grants.add(new Grant(name, resource.asText(), verb.asText()));
                    }
                }
            }
        }
        return grants;
    }

    private static List<JsonNode> documents() {
        var yaml = new YAMLFactory();
        var documents = new ArrayList<JsonNode>();
        try (var files = Files.list(Projects.root().resolve("k8s/rbac"))) {
            for (Path file : files.sorted().toList()) {
                try (var parser = yaml.createParser(file.toFile())) {
                    new ObjectMapper(yaml)
                            .readerFor(JsonNode.class)
                            .<JsonNode>readValues(parser)
                            .forEachRemaining(documents::add);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return documents;
    }
}
