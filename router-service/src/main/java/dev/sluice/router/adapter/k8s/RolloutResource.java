package dev.sluice.router.adapter.k8s;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.runtime.PackedJson;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/// A Rollout in the informer's cache: only what says whether there is a plan to carry out, and
/// which Services it refers to, packed (C11). One object with an unparsable value must not break
/// the list of the others.
@Group("argoproj.io")
@Version("v1alpha1")
@Kind("Rollout")
public final class RolloutResource extends CustomResource<ObjectNode, ObjectNode>
        implements Namespaced {

    private @Nullable PackedJson packedSpec;
    private @Nullable PackedJson packedStatus;

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
    public @Nullable ObjectNode getSpec() {
        return packedSpec == null ? null : packedSpec.tree();
    }

    @Override
    public void setSpec(@Nullable ObjectNode spec) {
        packedSpec = spec == null ? null : new PackedJson(spec.retain("strategy"));
    }

    @Override
    public @Nullable ObjectNode getStatus() {
        return packedStatus == null ? null : packedStatus.tree();
    }

    @Override
    public void setStatus(@Nullable ObjectNode status) {
        packedStatus = status == null ? null : new PackedJson(status.retain("trafficPlan"));
    }
}
