package dev.sluice.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A namespace in which a user works with kubectl, whoever looks after the Rollouts there.
public record Workspace(LocalStack stack, String namespace) {
    private static final String API = "argoproj.io/v1alpha1";
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Shared by everybody; do not close it.
    public KubernetesClient client() {
        return stack.controlPlane().client();
    }

    /// Creates objects or brings them to what is written here.
    ///
    /// @param manifests one or more YAML documents; what names no namespace goes into this one
    public void apply(String manifests) {
        var stream = new ByteArrayInputStream(manifests.getBytes(StandardCharsets.UTF_8));
        for (HasMetadata object : client().load(stream).items()) {
            if (object.getMetadata().getNamespace() == null) {
                object.getMetadata().setNamespace(namespace);
            }
            client().resource(object).forceConflicts().serverSideApply();
        }
    }

    /// Runs `kubectl argo rollouts` and answers what it prints.
    ///
    /// @throws StackException when it fails
    public String plugin(String... arguments) {
        var command = new ArrayList<String>();
        command.add(stack.binaries().path(Tool.ARGO_ROLLOUTS_PLUGIN).toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("--namespace", namespace, "--kubeconfig"));
        command.add(stack.controlPlane().kubeconfig().toString());
        var result = Commands.run(Path.of("."), Map.of(), command);
        if (result.code() != 0) {
            throw new StackException(
                    "kubectl argo rollouts %s failed: %s"
                            .formatted(String.join(" ", arguments), result.output()));
        }
        return result.output();
    }

    /// Objects of a kind of Argo's API group, such as `Rollout`.
    public Resource<GenericKubernetesResource> resource(String kind, String name) {
        return client().genericKubernetesResources(API, kind).inNamespace(namespace).withName(name);
    }

    /// @throws StackException when there is no such object
    public JsonNode object(String kind, String name) {
        var found = resource(kind, name).get();
        if (found == null) {
            throw new StackException("there is no %s %s in %s".formatted(kind, name, namespace));
        }
        return JSON.valueToTree(found);
    }

    public JsonNode rollout(String name) {
        return object("Rollout", name);
    }

    /// The phase, once it is about the present spec.
    public String phase(String rollout) {
        var object = rollout(rollout);
        boolean isObserved =
                object.at("/status/observedGeneration")
                        .asText()
                        .equals(object.at("/metadata/generation").asText());
        return isObserved ? object.at("/status/phase").asText() : "not observed";
    }

    /// Changes an object by a JSON merge patch.
    public void merge(String kind, String name, String patch) {
        resource(kind, name).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    /// Releases another image of a Rollout's first container.
    public void setImage(String rollout, String image) {
        resource("Rollout", rollout)
                .patch(
                        PatchContext.of(PatchType.JSON),
                        "[{\"op\":\"replace\",\"path\":\"/spec/template/spec/containers/0/image\","
                                + "\"value\":\"%s\"}]".formatted(image));
    }
}
