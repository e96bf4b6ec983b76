package dev.sluice.router;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.sluice.testkit.StackSession;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One workload of the tests: a Rollout with its plan, ReplicaSets, Services and routing objects.
final class Shop {

    static final String NGINX = "{\"nginx\":{\"stableIngress\":\"NAME\"}}";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ROLLOUTS = "argoproj.io/v1alpha1";

    private final KubernetesClient client;
    private final String namespace;
    private final String name;
    private final Map<String, Integer> pods = new LinkedHashMap<>();

    Shop(StackSession session, String name) {
        this.client = session.client();
        this.namespace = session.namespace();
        this.name = name;
    }

    String name() {
        return name;
    }

    Shop pods(String hash, int replicas) {
        pods.put(hash, replicas);
        return this;
    }

    Shop withIngress() {
        apply(
                """
                {"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"NAME"},
                 "spec":{"ingressClassName":"nginx","rules":[{"host":"NAME.example","http":{"paths":[
                   {"path":"/","pathType":"Prefix","backend":{"service":{"name":"NAME-stable","port":{"number":80}}}}]}}]}}
                """);
        return this;
    }

    void create(String routing, int replicas) {
        for (String service : List.of("stable", "canary")) {
            apply(
                    """
                    {"apiVersion":"v1","kind":"Service","metadata":{"name":"NAME-ROLE"},
                     "spec":{"selector":{"app":"NAME"},"ports":[{"port":80,"targetPort":8080}]}}
                    """
                            .replace("ROLE", service));
        }
        apply(
                """
                {"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","metadata":{"name":"NAME"},
                 "spec":{"replicas":COUNT,"selector":{"matchLabels":{"app":"NAME"}},
                  "template":{"metadata":{"labels":{"app":"NAME"}},"spec":{"containers":[{"name":"c","image":"shop:1"}]}},
                  "strategy":{"canary":{"stableService":"NAME-stable","canaryService":"NAME-canary","trafficRouting":ROUTING}}}}
                """
                        .replace("ROUTING", routing)
                        .replace("COUNT", Integer.toString(replicas)));
        pods.forEach(this::createReplicaSet);
    }

    private void createReplicaSet(String hash, int replicas) {
        apply(
                """
                {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"NAME-HASH",
                  "labels":{"app":"NAME","rollouts-pod-template-hash":"HASH"},
                  "ownerReferences":[{"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","name":"NAME","uid":"UID","controller":true}]},
                 "spec":{"replicas":COUNT,"selector":{"matchLabels":{"app":"NAME","rollouts-pod-template-hash":"HASH"}},
                  "template":{"metadata":{"labels":{"app":"NAME","rollouts-pod-template-hash":"HASH"}},
                   "spec":{"containers":[{"name":"c","image":"shop:1"}]}}}}
                """
                        .replace("HASH", hash)
                        .replace("UID", uid())
                        .replace("COUNT", Integer.toString(replicas)));
    }

    void scale(String hash, int replicas) {
        client.apps()
                .replicaSets()
                .inNamespace(namespace)
                .withName(name + "-" + hash)
                .edit(
                        (ReplicaSet set) -> {
                            set.getSpec().setReplicas(replicas);
                            return set;
                        });
    }

    void plan(long id, String stable, String canary, int weight, boolean abort) {
        plan(id, stable, canary, weight, abort, "[]", "[]");
    }

    /// A plan with header and mirror routes.
    void planRoutes(long id, int weight, String routes) {
        plan(id, "v1", "v2", weight, false, routes, "[]");
    }

    /// A plan with a share for one experiment's Service.
    void planExperiment(long id, int weight, String service, int share) {
        plan(
                id,
                "v1",
                "v2",
                weight,
                false,
                "[]",
                "[{\"serviceName\":\"%s\",\"podTemplateHash\":\"x1\",\"weight\":%d}]"
                        .formatted(service, share));
    }

    private void plan(
            long id,
            String stable,
            String canary,
            int weight,
            boolean abort,
            String routes,
            String additional) {
        int beside = 0;
        for (JsonNode destination : parse(additional)) {
            beside += destination.path("weight").asInt();
        }
        String status =
                """
                {"status":{"trafficPlan":{"id":ID,"attempt":1,"writtenAt":"NOW","reason":"Step","abort":ABORT,
                  "maxWeight":100,"anchor":"NAME-stable","services":[
                   {"name":"NAME-stable","role":"stable","podTemplateHash":"STABLE"},
                   {"name":"NAME-canary","role":"canary","podTemplateHash":"CANARY"}],
                  "weights":{"canary":WEIGHT,"stable":REST,"additional":OTHERS},"routes":ROUTES}}}
                """
                        .replace("ID", Long.toString(id))
                        .replace("NOW", Instant.now().toString())
                        .replace("ABORT", Boolean.toString(abort))
                        .replace("STABLE", stable)
                        .replace("CANARY", canary)
                        .replace("WEIGHT", Integer.toString(weight))
                        .replace("REST", Integer.toString(100 - weight - beside))
                        .replace("OTHERS", additional)
                        .replace("ROUTES", routes)
                        .replace("NAME", name);
        client.genericKubernetesResources(ROLLOUTS, "Rollout")
                .inNamespace(namespace)
                .withName(name)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), status);
    }

    void delete() {
        client.genericKubernetesResources(ROLLOUTS, "Rollout")
                .inNamespace(namespace)
                .withName(name)
                .delete();
    }

    String uid() {
        return client.genericKubernetesResources(ROLLOUTS, "Rollout")
                .inNamespace(namespace)
                .withName(name)
                .get()
                .getMetadata()
                .getUid();
    }

    JsonNode evidence() {
        Map<String, String> annotations =
                client.services()
                        .inNamespace(namespace)
                        .withName(name + "-stable")
                        .get()
                        .getMetadata()
                        .getAnnotations();
        String text = annotations == null ? null : annotations.get("sluice.dev/traffic-evidence");
        return text == null ? JSON.createObjectNode() : parse(text);
    }

    String selected(String service) {
        return client.services()
                .inNamespace(namespace)
                .withName(service)
                .get()
                .getSpec()
                .getSelector()
                .getOrDefault("rollouts-pod-template-hash", "");
    }

    String canaryWeight() {
        return annotationOfCanaryIngress("nginx.ingress.kubernetes.io/canary-weight");
    }

    String stampOfCanaryIngress() {
        return annotationOfCanaryIngress("sluice.dev/traffic-plan");
    }

    String annotationOfCanaryIngress(String key) {
        var ingress =
                client.network()
                        .v1()
                        .ingresses()
                        .inNamespace(namespace)
                        .withName(name + "-" + name + "-canary")
                        .get();
        return ingress == null ? "" : ingress.getMetadata().getAnnotations().getOrDefault(key, "");
    }

    void annotateCanaryIngress(String key, String value) {
        client.network()
                .v1()
                .ingresses()
                .inNamespace(namespace)
                .withName(name + "-" + name + "-canary")
                .patch(PatchContext.of(PatchType.JSON_MERGE), annotation(key, value));
    }

    void annotateService(String service, String key, String value) {
        client.services()
                .inNamespace(namespace)
                .withName(service)
                .patch(PatchContext.of(PatchType.JSON_MERGE), annotation(key, value));
    }

    private static String annotation(String key, String value) {
        return "{\"metadata\":{\"annotations\":{\"%s\":\"%s\"}}}".formatted(key, value);
    }

    List<String> eventReasons() {
        String uid = uid();
        return client.v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(e -> uid.equals(e.getInvolvedObject().getUid()))
                .map(e -> e.getReason())
                .toList();
    }

    /// ReplicaSet and Service of one template of an experiment.
    void createExperiment(String service, int replicas) {
        apply(
                """
                {"apiVersion":"argoproj.io/v1alpha1","kind":"Experiment","metadata":{"name":"NAME"},
                 "spec":{"templates":[{"name":"a","selector":{"matchLabels":{"try":"NAME"}},
                  "template":{"metadata":{"labels":{"try":"NAME"}},"spec":{"containers":[{"name":"c","image":"shop:1"}]}}}]}}
                """);
        String owner = object(ROLLOUTS, "Experiment", name).path("metadata").path("uid").asText();
        apply(
                """
                {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"SERVICE",
                  "labels":{"rollouts-pod-template-hash":"x1"},
                  "ownerReferences":[{"apiVersion":"argoproj.io/v1alpha1","kind":"Experiment","name":"NAME","uid":"UID","controller":false}]},
                 "spec":{"replicas":COUNT,"selector":{"matchLabels":{"rollouts-pod-template-hash":"x1","try":"NAME"}},
                  "template":{"metadata":{"labels":{"rollouts-pod-template-hash":"x1","try":"NAME"}},
                   "spec":{"containers":[{"name":"c","image":"shop:1"}]}}}}
                """
                        .replace("SERVICE", service)
                        .replace("UID", owner)
                        .replace("COUNT", Integer.toString(replicas)));
        apply(
                """
                {"apiVersion":"v1","kind":"Service","metadata":{"name":"SERVICE"},
                 "spec":{"selector":{"rollouts-pod-template-hash":"x1","try":"NAME"},"ports":[{"port":80,"targetPort":8080}]}}
                """
                        .replace("SERVICE", service));
    }

    /// Creates an object; NAME in it stands for the workload's name.
    void createObject(String manifest) {
        apply(manifest);
    }

    JsonNode object(String apiVersion, String kind, String object) {
        GenericKubernetesResource found =
                client.genericKubernetesResources(apiVersion, kind)
                        .inNamespace(namespace)
                        .withName(object)
                        .get();
        return found == null
                ? MissingNode.getInstance()
                : parse(client.getKubernetesSerialization().asJson(found));
    }

    void patchStatus(String apiVersion, String kind, String object, String status) {
        client.genericKubernetesResources(apiVersion, kind)
                .inNamespace(namespace)
                .withName(object)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), status);
    }

    private void apply(String manifest) {
        client.load(stream(manifest.replace("NAME", name))).inNamespace(namespace).create();
    }

    private static ByteArrayInputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not JSON: " + text, e);
        }
    }
}
