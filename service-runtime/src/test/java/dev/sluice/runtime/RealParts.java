package dev.sluice.runtime;

import io.kroxylicious.testing.kafka.api.KafkaCluster;
import io.kroxylicious.testing.kafka.common.KafkaClusterConfig;
import io.kroxylicious.testing.kafka.common.KafkaClusterExecutionMode;
import io.kroxylicious.testing.kafka.common.KafkaClusterFactory;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A real broker and a real database, whose cable can be pulled.
public final class RealParts implements QuarkusTestResourceLifecycleManager {

    static @Nullable KafkaCluster kafka;
    static @Nullable Cable cable;
    private @Nullable EmbeddedPostgres postgres;

    @Override
    public Map<String, String> start() {
        try {
            EmbeddedPostgres database = EmbeddedPostgres.builder().start();
            postgres = database;
            Cable wire = new Cable(database.getPort());
            cable = wire;
            KafkaCluster cluster =
                    KafkaClusterFactory.create(
                            KafkaClusterConfig.builder()
                                    .execMode(KafkaClusterExecutionMode.IN_VM)
                                    .kraftMode(true)
                                    .brokersNum(1)
                                    .brokerConfig("auto.create.topics.enable", "true")
                                    .build());
            cluster.start();
            kafka = cluster;
            return Map.of(
                    "kafka.bootstrap.servers",
                    cluster.getBootstrapServers(),
                    "quarkus.datasource.reactive.url",
                    "postgresql://localhost:" + wire.port() + "/postgres",
                    "quarkus.datasource.username",
                    "postgres",
                    "quarkus.datasource.password",
                    "postgres");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {
        try {
            if (kafka != null) {
                kafka.close();
            }
            if (cable != null) {
                cable.close();
            }
            if (postgres != null) {
                postgres.close();
            }
        } catch (Exception e) {
            throw new IllegalStateException("the test's parts did not stop", e);
        }
    }
}
