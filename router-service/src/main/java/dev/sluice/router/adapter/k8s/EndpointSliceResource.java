package dev.sluice.router.adapter.k8s;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/// An EndpointSlice in the informer's cache: which Service it belongs to. Its endpoints are read
/// from the API server.
@JsonIgnoreProperties(ignoreUnknown = true)
@Group("discovery.k8s.io")
@Version("v1")
@Kind("EndpointSlice")
public final class EndpointSliceResource extends CustomResource<Void, Void> implements Namespaced {

    @Override
    protected @Nullable Void initSpec() {
        return null;
    }

    @Override
    protected @Nullable Void initStatus() {
        return null;
    }

    @Override
    public void setMetadata(ObjectMeta metadata) {
        super.setMetadata(Slim.metadata(metadata));
    }

    /// The Service that it belongs to; empty when none.
    String service() {
        return getMetadata().getLabels() == null
                ? ""
                : getMetadata().getLabels().getOrDefault(Whereabouts.SERVICE_NAME, "");
    }
}
