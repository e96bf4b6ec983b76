package dev.sluice.analysis.adapter.k8s;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/// An AnalysisRun with spec and status as plain JSON: a field that this version does not know costs
/// nothing, and a value of the wrong kind is this run's fault alone (C7).
@Group("argoproj.io")
@Version("v1alpha1")
@Kind("AnalysisRun")
@Plural("analysisruns")
@Singular("analysisrun")
// Without this the kind is looked up in the client's registry, which does not know it, and copies
// become generic resources.
@JsonDeserialize(using = JsonDeserializer.None.class)
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public class AnalysisRunResource implements HasMetadata, Namespaced {
    private static final long serialVersionUID = 1L;

    private String apiVersion = "argoproj.io/v1alpha1";
    private ObjectMeta metadata = new ObjectMeta();
    private @Nullable JsonNode spec;
    private @Nullable JsonNode status;

    @Override
    public String getApiVersion() {
        return apiVersion;
    }

    @Override
    public void setApiVersion(String version) {
        this.apiVersion = version;
    }

    @Override
    public String getKind() {
        return "AnalysisRun";
    }

    /// The kind is fixed; the property is accepted so that every document can be read.
    public void setKind(String kind) {}

    @Override
    public ObjectMeta getMetadata() {
        return metadata;
    }

    @Override
    public void setMetadata(ObjectMeta metadata) {
        this.metadata = metadata;
    }

    public @Nullable JsonNode getSpec() {
        return spec;
    }

    public void setSpec(@Nullable JsonNode spec) {
        this.spec = spec;
    }

    public @Nullable JsonNode getStatus() {
        return status;
    }

    public void setStatus(@Nullable JsonNode status) {
        this.status = status;
    }

    JsonNode specOrMissing() {
        return spec == null ? MissingNode.getInstance() : spec;
    }

    JsonNode statusOrMissing() {
        return status == null ? MissingNode.getInstance() : status;
    }
}
