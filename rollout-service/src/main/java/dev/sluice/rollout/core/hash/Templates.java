package dev.sluice.rollout.core.hash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Names;
import java.util.List;

/// Whether two pod templates mean the same: an API server fills in defaults, and `undo` writes
/// a defaulted template back.
public final class Templates {
    private static final int FILE_MODE = 420;
    private static final List<String> PROBES =
            List.of("livenessProbe", "readinessProbe", "startupProbe");

    private Templates() {}

    public static boolean same(JsonNode live, JsonNode desired) {
        return normal(live).equals(normal(desired));
    }

    private static String normal(JsonNode template) {
        if (!template.isObject()) {
            return "";
        }
        ObjectNode copy = template.deepCopy();
        if (copy.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove("creationTimestamp");
            if (metadata.path("labels") instanceof ObjectNode labels) {
                labels.remove(Names.HASH);
            }
        }
        dropEmptyAffinity(copy);
        if (copy.path("spec") instanceof ObjectNode spec) {
            podDefaults(spec);
        }
        return PodHash.bytes(copy);
    }

    /// What is left of an affinity when the term that we added is gone must equal none at all.
    private static void dropEmptyAffinity(ObjectNode template) {
        if (!(template.path("spec").path("affinity") instanceof ObjectNode affinity)) {
            return;
        }
        for (String kind : List.of("nodeAffinity", "podAffinity", "podAntiAffinity")) {
            if (affinity.path(kind).isObject() && affinity.path(kind).isEmpty()) {
                affinity.remove(kind);
            }
        }
        if (affinity.isEmpty()) {
            ((ObjectNode) template.path("spec")).remove("affinity");
        }
    }

    private static void podDefaults(ObjectNode spec) {
        spec.remove("serviceAccount");
        set(spec, "restartPolicy", "Always");
        set(spec, "dnsPolicy", "ClusterFirst");
        set(spec, "schedulerName", "default-scheduler");
        set(spec, "terminationGracePeriodSeconds", 30);
        if (!spec.path("securityContext").isObject()) {
            spec.putObject("securityContext");
        }
        boolean hostNetwork = spec.path("hostNetwork").asBoolean(false);
        for (String list : List.of("initContainers", "containers")) {
            for (JsonNode container : spec.path(list)) {
                if (container instanceof ObjectNode c) {
                    containerDefaults(c, hostNetwork);
                }
            }
        }
        for (JsonNode volume : spec.path("volumes")) {
            if (volume instanceof ObjectNode v) {
                volumeDefaults(v);
            }
        }
    }

    private static void containerDefaults(ObjectNode container, boolean hostNetwork) {
        set(container, "terminationMessagePath", "/dev/termination-log");
        set(container, "terminationMessagePolicy", "File");
        set(
                container,
                "imagePullPolicy",
                isLatest(container.path("image").asText("")) ? "Always" : "IfNotPresent");
        for (JsonNode port : container.path("ports")) {
            if (port instanceof ObjectNode p) {
                set(p, "protocol", "TCP");
                if (hostNetwork && p.path("hostPort").asInt(0) == 0) {
                    p.set("hostPort", p.path("containerPort"));
                }
            }
        }
        for (JsonNode env : container.path("env")) {
            fieldRefDefaults(env.path("valueFrom").path("fieldRef"));
        }
        for (String name : PROBES) {
            if (container.path(name) instanceof ObjectNode probe) {
                set(probe, "timeoutSeconds", 1);
                set(probe, "periodSeconds", 10);
                set(probe, "successThreshold", 1);
                set(probe, "failureThreshold", 3);
                httpDefaults(probe.path("httpGet"));
                if (probe.path("grpc") instanceof ObjectNode grpc && !grpc.hasNonNull("service")) {
                    grpc.put("service", "");
                }
            }
        }
        httpDefaults(container.path("lifecycle").path("postStart").path("httpGet"));
        httpDefaults(container.path("lifecycle").path("preStop").path("httpGet"));
    }

    private static void httpDefaults(JsonNode httpGet) {
        if (httpGet instanceof ObjectNode http) {
            set(http, "path", "/");
            set(http, "scheme", "HTTP");
        }
    }

    private static void fieldRefDefaults(JsonNode fieldRef) {
        if (fieldRef instanceof ObjectNode ref) {
            set(ref, "apiVersion", "v1");
        }
    }

    private static void volumeDefaults(ObjectNode volume) {
        boolean sourceless =
                volume.properties().stream()
                        .noneMatch(e -> !e.getKey().equals("name") && e.getValue().isObject());
        if (sourceless) {
            volume.putObject("emptyDir");
        }
        for (String name : List.of("secret", "configMap", "downwardAPI", "projected")) {
            if (volume.path(name) instanceof ObjectNode source) {
                set(source, "defaultMode", FILE_MODE);
            }
        }
        if (volume.path("hostPath") instanceof ObjectNode hostPath
                && !hostPath.hasNonNull("type")) {
            hostPath.put("type", "");
        }
        volume.path("downwardAPI").path("items").forEach(i -> fieldRefDefaults(i.path("fieldRef")));
        for (JsonNode source : volume.path("projected").path("sources")) {
            if (source.path("serviceAccountToken") instanceof ObjectNode token) {
                set(token, "expirationSeconds", 3600);
            }
            source.path("downwardAPI")
                    .path("items")
                    .forEach(i -> fieldRefDefaults(i.path("fieldRef")));
        }
        if (volume.path("ephemeral").path("volumeClaimTemplate").path("spec")
                instanceof ObjectNode claim) {
            set(claim, "volumeMode", "Filesystem");
        }
    }

    private static boolean isLatest(String image) {
        if (image.contains("@")) {
            return false;
        }
        String last = image.substring(image.lastIndexOf('/') + 1);
        int colon = last.indexOf(':');
        return colon < 0 || last.substring(colon + 1).equals("latest");
    }

    private static void set(ObjectNode object, String field, String value) {
        if (object.path(field).asText("").isEmpty()) {
            object.put(field, value);
        }
    }

    private static void set(ObjectNode object, String field, int value) {
        JsonNode present = object.path(field);
        boolean keepsZero =
                field.equals("terminationGracePeriodSeconds") || field.equals("defaultMode");
        if (!present.isNumber() || (present.asInt() == 0 && !keepsZero)) {
            object.set(field, JsonNodeFactory.instance.numberNode(value));
        }
    }
}
