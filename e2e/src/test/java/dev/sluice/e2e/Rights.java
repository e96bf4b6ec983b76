package dev.sluice.e2e;

import dev.sluice.testkit.Projects;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Lets each service act as its own ServiceAccount with exactly the rights of `k8s/rbac`, so that a
/// right that is missing there fails a test.
final class Rights {
    private static final String NAMESPACE = "sluice-system";
    private static final long HOUR = 3600;

    private final KubernetesClient client;

    private Rights(KubernetesClient client) {
        this.client = client;
    }

    /// Applies the roles and their bindings, again if they are there already.
    static Rights granted(KubernetesClient client) {
        client.resource(
                        new NamespaceBuilder()
                                .withNewMetadata()
                                .withName(NAMESPACE)
                                .endMetadata()
                                .build())
                .serverSideApply();
        for (String file :
                List.of(
                        "sync-service.yaml",
                        "sync-managed.yaml",
                        "rollout-service.yaml",
                        "router-service.yaml",
                        "analysis-service.yaml")) {
            try (InputStream yaml =
                    Files.newInputStream(Projects.root().resolve("k8s/rbac").resolve(file))) {
                for (HasMetadata role : client.load(yaml).items()) {
                    client.resource(role).serverSideApply();
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read the roles", e);
            }
        }
        return new Rights(client);
    }

    /// A kubeconfig with nothing but the service's own token.
    Path kubeconfig(String service) {
        client.resource(
                        new ServiceAccountBuilder()
                                .withNewMetadata()
                                .withName(service)
                                .withNamespace(NAMESPACE)
                                .endMetadata()
                                .build())
                .serverSideApply();
        String token =
                client.serviceAccounts()
                        .inNamespace(NAMESPACE)
                        .withName(service)
                        .tokenRequest(
                                new TokenRequestBuilder()
                                        .withNewSpec()
                                        .withExpirationSeconds(HOUR)
                                        .endSpec()
                                        .build())
                        .getStatus()
                        .getToken();
        Config config = client.getConfiguration();
        String authority =
                config.getCaCertData() != null
                        ? "certificate-authority-data: " + config.getCaCertData()
                        : "certificate-authority: " + config.getCaCertFile();
        String text =
                """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: "%s", %s}}]
                users: [{name: u, user: {token: "%s"}}]
                contexts: [{name: c, context: {cluster: c, user: u}}]
                current-context: c
                """
                        .formatted(config.getMasterUrl(), authority, token);
        try {
            Path file = Files.createTempFile("sluice-" + service, ".kubeconfig");
            file.toFile().deleteOnExit();
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a kubeconfig", e);
        }
    }
}
