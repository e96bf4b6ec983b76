package dev.sluice.testkit.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.junit.jupiter.api.Test;

class ContainerStackIT {
    @Test
    void everyPartAnswers() throws Exception {
        try (var stack = ContainerStack.start();
                var client =
                        new KubernetesClientBuilder()
                                .withConfig(Config.fromKubeconfig(stack.kubeconfig().toFile()))
                                .build();
                var admin =
                        Admin.create(
                                Map.<String, Object>of(
                                        AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                                        stack.bootstrapServers()))) {
            assertThat(client.nodes().list().getItems()).isNotEmpty();
            assertThat(admin.describeCluster().nodes().get(30, TimeUnit.SECONDS)).hasSize(1);
            assertThat(stack.serviceEnvironment())
                    .containsKeys("KUBECONFIG", "QUARKUS_DATASOURCE_REACTIVE_URL");
        }
    }
}
