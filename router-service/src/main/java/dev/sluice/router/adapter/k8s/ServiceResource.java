package dev.sluice.router.adapter.k8s;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.core.Keys;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A Service in the informer's cache: its selector only.
@Group("")
@Version("v1")
@Kind("Service")
public final class ServiceResource extends CustomResource<ObjectNode, ObjectNode>
        implements Namespaced {

    @Override
    public void setMetadata(ObjectMeta metadata) {
        super.setMetadata(Slim.metadata(metadata));
    }

    @Override
    protected @Nullable ObjectNode initSpec() {
        return null;
    }

    @Override
    protected @Nullable ObjectNode initStatus() {
        return null;
    }

    @Override
    public void setSpec(@Nullable ObjectNode spec) {
        super.setSpec(spec == null ? null : spec.retain("selector"));
    }

    @Override
    public void setStatus(@Nullable ObjectNode status) {
        super.setStatus(null);
    }

    /// The revision that it selects, empty when none.
    String hash() {
        return getSpec() == null ? "" : getSpec().path("selector").path(Keys.HASH).asText("");
    }

    /// The Rollout that its owner annotation names.
    Optional<String> managedBy() {
        return getMetadata().getAnnotations() == null
                ? Optional.empty()
                : Optional.ofNullable(getMetadata().getAnnotations().get(Keys.MANAGED_BY));
    }
}
