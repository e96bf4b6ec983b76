package dev.sluice.router.adapter.k8s;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/// A Rollout in the informer's cache: only what says whether there is a plan to carry out, and
/// which Services it refers to. One object with an unparsable value must not break the list of the
/// others.
@Group("argoproj.io")
@Version("v1alpha1")
@Kind("Rollout")
public final class RolloutResource extends CustomResource<ObjectNode, ObjectNode>
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
        super.setSpec(spec == null ? null : spec.retain("strategy"));
    }

    @Override
    public void setStatus(@Nullable ObjectNode status) {
        super.setStatus(status == null ? null : status.retain("trafficPlan"));
    }
}
