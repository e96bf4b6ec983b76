package dev.sluice.sync.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/// Y3: the fields of managed objects that belong to the other services. Sync neither reports nor
/// writes them: the target takes them over from the live object, or drops them when there is none.
public final class FieldOwnership {
    /// Annotation that router-service leaves on every object it programs.
    public static final String TRAFFIC_PLAN = "sluice.dev/traffic-plan";

    private static final List<String> ANNOTATIONS =
            List.of(
                    TRAFFIC_PLAN,
                    "sluice.dev/traffic-evidence",
                    "sluice.dev/keep",
                    "sluice.dev/keep-plan",
                    "rollout.argoproj.io/revision",
                    "argo-rollouts.argoproj.io/managed-by-rollouts");

    private static final String POD_HASH = "rollouts-pod-template-hash";

    /// Where traffic routers keep weights; `*` is any item of a list.
    private static final Map<String, List<List<String>>> WEIGHTS =
            Map.of(
                    "gateway.networking.k8s.io/HTTPRoute",
                            List.of(List.of("spec", "rules", "*", "backendRefs", "*", "weight")),
                    "gateway.networking.k8s.io/GRPCRoute",
                            List.of(List.of("spec", "rules", "*", "backendRefs", "*", "weight")),
                    "gateway.networking.k8s.io/TCPRoute",
                            List.of(List.of("spec", "rules", "*", "backendRefs", "*", "weight")),
                    "gateway.networking.k8s.io/TLSRoute",
                            List.of(List.of("spec", "rules", "*", "backendRefs", "*", "weight")),
                    "networking.istio.io/VirtualService",
                            List.of(
                                    List.of("spec", "http", "*", "route", "*", "weight"),
                                    List.of("spec", "tcp", "*", "route", "*", "weight"),
                                    List.of("spec", "tls", "*", "route", "*", "weight")),
                    "traefik.io/TraefikService",
                            List.of(List.of("spec", "weighted", "services", "*", "weight")),
                    "traefik.containo.us/TraefikService",
                            List.of(List.of("spec", "weighted", "services", "*", "weight")),
                    "split.smi-spec.io/TrafficSplit",
                            List.of(List.of("spec", "backends", "*", "weight")));

    private FieldOwnership() {}

    /// The target without anything that sync must not write when nothing is live yet.
    public static KubeObject strip(KubeObject target) {
        KubeObject own = target.copy();
        own.json().remove("status");
        JsonNode annotations = JsonTrees.at(own.json(), "metadata", "annotations");
        if (annotations instanceof ObjectNode object) {
            object.remove(ANNOTATIONS);
        }
        if (JsonTrees.at(own.json(), "spec", "selector") instanceof ObjectNode selector
                && own.key().kind().equals("Service")) {
            selector.remove(POD_HASH);
        }
        JsonTrees.child(own.json(), "metadata")
                .remove(
                        List.of(
                                "resourceVersion",
                                "uid",
                                "generation",
                                "creationTimestamp",
                                "managedFields",
                                "selfLink",
                                "deletionTimestamp"));
        return own;
    }

    /// The target as sync may apply it over this live object.
    public static KubeObject yieldTo(KubeObject target, KubeObject live) {
        KubeObject own = strip(target);
        keepPodHash(own, live);
        if (live.annotation(TRAFFIC_PLAN).isPresent()) {
            for (List<String> path :
                    WEIGHTS.getOrDefault(own.group() + "/" + own.kind(), List.of())) {
                copy(own.json(), live.json(), path);
            }
        }
        return own;
    }

    /// A replacement writes the whole object: what others left on it has to be in it.
    public static KubeObject replacing(KubeObject own, KubeObject live) {
        KubeObject whole = own.copy();
        ANNOTATIONS.forEach(
                name -> live.annotation(name).ifPresent(value -> whole.setAnnotation(name, value)));
        return whole;
    }

    /// A Service's selector is one atomic value to the API server: applying it without the hash of
    /// its revision would send requests to every revision at once.
    private static void keepPodHash(KubeObject own, KubeObject live) {
        String hash = JsonTrees.text(JsonTrees.at(live.json(), "spec", "selector"), POD_HASH);
        if (own.key().kind().equals("Service")
                && !hash.isEmpty()
                && JsonTrees.at(own.json(), "spec", "selector") instanceof ObjectNode selector) {
            selector.put(POD_HASH, hash);
        }
    }

    private static void copy(JsonNode target, JsonNode live, List<String> path) {
        String step = path.getFirst();
        List<String> rest = path.subList(1, path.size());
        if (step.equals("*")) {
            for (int i = 0; i < Math.min(target.size(), live.size()); i++) {
                boolean same =
                        JsonTrees.text(target.get(i), "name")
                                .equals(JsonTrees.text(live.get(i), "name"));
                if (same) {
                    copy(target.get(i), live.get(i), rest);
                }
            }
        } else if (!rest.isEmpty()) {
            copy(target.path(step), live.path(step), rest);
        } else if (target instanceof ObjectNode object) {
            JsonNode value = live.path(step);
            if (value.isMissingNode()) {
                object.remove(step);
            } else {
                object.set(step, value.deepCopy());
            }
        }
    }
}
