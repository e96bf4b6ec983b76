package dev.sluice.router.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.router.RouterMessages;
import dev.sluice.router.app.Cluster;
import dev.sluice.router.core.ObjectRef;
import dev.sluice.router.core.RolloutReader;
import dev.sluice.router.core.provider.ServiceSelectors;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Optional;

/// Gives Services back that no Rollout refers to any more: without the revision in their selector
/// they lead to all pods of the application again.
///
/// The cache only says where to look. Whether a Service is abandoned is read live, for the Rollout
/// that owns it may belong to another installation, which this one's cache does not see.
final class ServiceCleaner {

    private final RolloutController controller;
    private final Cluster cluster;
    private final KubernetesClient client;

    ServiceCleaner(RolloutController controller, Cluster cluster, KubernetesClient client) {
        this.controller = controller;
        this.cluster = cluster;
        this.client = client;
    }

    void clean() {
        for (ServiceResource service : controller.selectingServices()) {
            String namespace = service.getMetadata().getNamespace();
            String name = service.getMetadata().getName();
            if (!controller.isReferenced(namespace, name)) {
                cleanIfAbandoned(ObjectRef.service(namespace, name));
            }
        }
        controller.forgetGone();
    }

    private void cleanIfAbandoned(ObjectRef ref) {
        Optional<JsonNode> service = cluster.read(ref);
        if (service.isEmpty() || ServiceSelectors.selectedHash(service.get()).isEmpty()) {
            return;
        }
        Optional<String> owner = ServiceSelectors.managedBy(service.get());
        boolean referenced =
                owner.isPresent()
                        ? cluster.rollout(ref.namespace(), owner.get())
                                .map(r -> refers(r, ref.name()))
                                .orElse(false)
                        : rollouts(ref.namespace()).stream().anyMatch(r -> refers(r, ref.name()));
        if (!referenced && cluster.write(ServiceSelectors.clean(ref, service.get())).isApplied()) {
            RouterMessages.LOG.cleaned(ref.namespace(), ref.name());
        }
    }

    private static boolean refers(JsonNode rollout, String service) {
        return RolloutReader.read(rollout).referencedServices().contains(service);
    }

    private List<JsonNode> rollouts(String namespace) {
        return client
                .genericKubernetesResources("argoproj.io/v1alpha1", "Rollout")
                .inNamespace(namespace)
                .list()
                .getItems()
                .stream()
                .map(this::json)
                .toList();
    }

    private JsonNode json(GenericKubernetesResource resource) {
        return client.getKubernetesSerialization().convertValue(resource, JsonNode.class);
    }
}
