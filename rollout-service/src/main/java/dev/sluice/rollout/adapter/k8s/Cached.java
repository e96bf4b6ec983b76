package dev.sluice.rollout.adapter.k8s;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.runtime.PackedJson;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.CustomResource;
import org.jspecify.annotations.Nullable;

/// An object in an informer's cache. Its spec and status are plain JSON: pod templates must survive
/// untouched, and one object with an unparsable value must not break the list of all the others.
/// They are kept packed, for looks are rare and objects are many (C11).
abstract class Cached extends CustomResource<ObjectNode, ObjectNode> {
    private @Nullable PackedJson packedSpec;
    private @Nullable PackedJson packedStatus;

    @Override
    protected @Nullable ObjectNode initSpec() {
        return null;
    }

    @Override
    protected @Nullable ObjectNode initStatus() {
        return null;
    }

    @Override
    public final void setMetadata(ObjectMeta metadata) {
        super.setMetadata(Slim.metadata(metadata));
    }

    @Override
    public final @Nullable ObjectNode getSpec() {
        return packedSpec == null ? null : packedSpec.tree();
    }

    @Override
    public final void setSpec(@Nullable ObjectNode spec) {
        packedSpec = spec == null ? null : new PackedJson(spec);
    }

    @Override
    public final @Nullable ObjectNode getStatus() {
        return packedStatus == null ? null : packedStatus.tree();
    }

    @Override
    public final void setStatus(@Nullable ObjectNode status) {
        packedStatus = status == null ? null : new PackedJson(status);
    }
}
