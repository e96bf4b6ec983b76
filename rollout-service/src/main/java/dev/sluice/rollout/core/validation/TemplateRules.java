package dev.sluice.rollout.core.validation;

import static dev.sluice.rollout.core.validation.FieldError.duplicate;
import static dev.sluice.rollout.core.validation.FieldError.invalid;
import static dev.sluice.rollout.core.validation.FieldError.notFound;
import static dev.sluice.rollout.core.validation.FieldError.required;
import static dev.sluice.rollout.core.validation.FieldError.unsupportedValue;
import static dev.sluice.rollout.core.validation.SpecRules.first;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.LabelSelectors;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The rules for pod templates of ReplicaSets that people do break, in the API server's words. What
/// only the API server knows is told by the creation that it refuses.
final class TemplateRules {
    private static final String PATH = "spec.template.spec";
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final int HIGHEST_PORT = 65_535;
    private static final String NO_LABEL =
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-',"
                    + " and must start and end with an alphanumeric character (e.g. 'my-name',  or"
                    + " '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private TemplateRules() {}

    static Optional<String> firstError(JsonNode spec) {
        JsonNode pod = spec.path("template").path("spec");
        return first(
                List.of(
                        () -> labels(spec),
                        () -> restartPolicy(pod),
                        () -> volumes(pod),
                        () -> presence(pod.path("containers")),
                        () -> containers(pod, "containers"),
                        () -> containers(pod, "initContainers")));
    }

    private static Optional<String> labels(JsonNode spec) {
        JsonNode labels = spec.path("template").path("metadata").path("labels");
        Map<String, String> map = new TreeMap<>();
        labels.properties().forEach(e -> map.put(e.getKey(), e.getValue().asText("")));
        return LabelSelectors.matches(spec.path("selector"), map)
                ? Optional.empty()
                : Optional.of(
                        invalid(
                                "spec.template.metadata.labels",
                                labels,
                                "`selector` does not match template `labels`"));
    }

    private static Optional<String> restartPolicy(JsonNode pod) {
        JsonNode policy = pod.path("restartPolicy");
        return policy.asText("").isEmpty() || policy.asText().equals("Always")
                ? Optional.empty()
                : Optional.of(unsupportedValue(PATH + ".restartPolicy", policy, List.of("Always")));
    }

    private static Optional<String> presence(JsonNode containers) {
        return containers.isArray() && !containers.isEmpty()
                ? Optional.empty()
                : Optional.of(required(PATH + ".containers", ""));
    }

    private static Optional<String> volumes(JsonNode pod) {
        return names(pod.path("volumes"), PATH + ".volumes");
    }

    private static Optional<String> containers(JsonNode pod, String list) {
        String path = PATH + "." + list;
        Optional<String> error = names(pod.path(list), path);
        Set<String> volumes = new HashSet<>();
        pod.path("volumes").forEach(v -> volumes.add(v.path("name").asText("")));
        for (int i = 0; error.isEmpty() && i < pod.path(list).size(); i++) {
            error = container(pod.path(list).get(i), path + "[" + i + "]", volumes);
        }
        return error;
    }

    /// Every item has a name that is a DNS label, and no two have the same.
    private static Optional<String> names(JsonNode items, String path) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < items.size(); i++) {
            JsonNode name = items.get(i).path("name");
            String at = path + "[" + i + "].name";
            if (name.asText("").isEmpty()) {
                return Optional.of(required(at, ""));
            }
            if (!LABEL.matcher(name.asText()).matches()) {
                return Optional.of(invalid(at, name, NO_LABEL));
            }
            if (!seen.add(name.asText())) {
                return Optional.of(duplicate(at, name));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> container(JsonNode c, String path, Set<String> volumes) {
        if (c.path("image").asText("").isEmpty()) {
            return Optional.of(required(path + ".image", ""));
        }
        for (int i = 0; i < c.path("ports").size(); i++) {
            JsonNode port = c.path("ports").get(i).path("containerPort");
            if (port.asLong(0) < 1 || port.asLong(0) > HIGHEST_PORT) {
                return Optional.of(
                        invalid(
                                path + ".ports[" + i + "].containerPort",
                                port,
                                "must be between 1 and 65535, inclusive"));
            }
        }
        for (int i = 0; i < c.path("volumeMounts").size(); i++) {
            JsonNode mount = c.path("volumeMounts").get(i);
            String at = path + ".volumeMounts[" + i + "]";
            if (!volumes.contains(mount.path("name").asText(""))) {
                return Optional.of(notFound(at + ".name", mount.path("name")));
            }
            if (mount.path("mountPath").asText("").isEmpty()) {
                return Optional.of(required(at + ".mountPath", ""));
            }
        }
        return Optional.empty();
    }
}
