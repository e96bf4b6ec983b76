package dev.sluice.router.adapter.k8s;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/// A ReplicaSet in the informer's cache: its sizes only, for they say when to look again.
@Group("apps")
@Version("v1")
@Kind("ReplicaSet")
public final class ReplicaSetResource extends CustomResource<ObjectNode, ObjectNode>
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
        super.setSpec(spec == null ? null : spec.retain("replicas"));
    }

    @Override
    public void setStatus(@Nullable ObjectNode status) {
        super.setStatus(status == null ? null : status.retain("availableReplicas"));
    }

    /// Whether it neither has nor wants pods.
    boolean isEmpty() {
        return getSpec() != null
                && getSpec().path("replicas").asInt(1) == 0
                && (getStatus() == null || getStatus().path("availableReplicas").asInt(0) == 0);
    }

    /// Wanted and available pods, as far as they make a difference to somebody who waits for them.
    String sizes() {
        return (getSpec() == null ? "" : getSpec().toString())
                + (getStatus() == null ? "" : getStatus().toString());
    }
}
