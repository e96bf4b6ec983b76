package dev.sluice.testkit.containers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.testcontainers.k3s.K3sContainer;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/// Kafka, PostgreSQL and K3s from their official images.
///
/// What a service needs is in [#serviceEnvironment()], under the same names as with a local stack.
public final class ContainerStack implements AutoCloseable {
    private final KafkaContainer kafka =
            new KafkaContainer(DockerImageName.parse("apache/kafka:4.1.1"));
    private final PostgreSQLContainer postgres =
            new PostgreSQLContainer(DockerImageName.parse("postgres:17"));
    private final K3sContainer cluster =
            new K3sContainer(DockerImageName.parse("rancher/k3s:v1.34.1-k3s1"));
    private final Path kubeconfig;

    private ContainerStack() {
        try {
            Startables.deepStart(kafka, postgres, cluster).join();
            kubeconfig = Files.createTempFile("sluice-containers-", ".kubeconfig");
            Files.writeString(kubeconfig, cluster.getKubeConfigYaml());
        } catch (IOException e) {
            stopAll();
            throw new UncheckedIOException("cannot write the cluster's kubeconfig", e);
        } catch (RuntimeException e) {
            stopAll();
            throw e;
        }
    }

    /// Starts all three at the same time and waits for them.
    public static ContainerStack start() {
        return new ContainerStack();
    }

    public Path kubeconfig() {
        return kubeconfig;
    }

    public String bootstrapServers() {
        return kafka.getBootstrapServers();
    }

    public String jdbcUrl() {
        return postgres.getJdbcUrl();
    }

    /// The environment that points a service at these containers.
    public Map<String, String> serviceEnvironment() {
        var environment = new LinkedHashMap<String, String>();
        environment.put("KUBECONFIG", kubeconfig.toString());
        environment.put("KAFKA_BOOTSTRAP_SERVERS", bootstrapServers());
        environment.put(
                "QUARKUS_DATASOURCE_REACTIVE_URL",
                "postgresql://%s:%d/%s"
                        .formatted(
                                postgres.getHost(),
                                postgres.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT),
                                postgres.getDatabaseName()));
        environment.put("QUARKUS_DATASOURCE_USERNAME", postgres.getUsername());
        environment.put("QUARKUS_DATASOURCE_PASSWORD", postgres.getPassword());
        return environment;
    }

    private void stopAll() {
        cluster.stop();
        kafka.stop();
        postgres.stop();
    }

    @Override
    public void close() {
        stopAll();
        try {
            Files.deleteIfExists(kubeconfig);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + kubeconfig, e);
        }
    }
}
