package dev.sluice.analysis.adapter.k8s;

import dev.sluice.analysis.app.Secrets;
import dev.sluice.analysis.core.AnalysisRun;
import dev.sluice.analysis.core.InvalidRunException;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/// One named `get` per secret and measurement; no list, no watch, no cache.
@ApplicationScoped
class ClusterSecrets implements Secrets {
    private static final int FORBIDDEN = 403;

    private final KubernetesClient client;

    ClusterSecrets(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public Optional<String> value(String namespace, AnalysisRun.SecretKey key) {
        try {
            Secret secret = client.secrets().inNamespace(namespace).withName(key.name()).get();
            Map<String, String> data =
                    secret == null || secret.getData() == null ? Map.of() : secret.getData();
            return Optional.ofNullable(data.get(key.key()))
                    .map(
                            encoded ->
                                    new String(
                                            Base64.getDecoder().decode(encoded),
                                            StandardCharsets.UTF_8));
        } catch (KubernetesClientException e) {
            if (e.getCode() == FORBIDDEN) {
                throw new InvalidRunException(
                        "secret '" + key.name() + "' may not be read by analysis-service");
            }
            throw e;
        }
    }
}
