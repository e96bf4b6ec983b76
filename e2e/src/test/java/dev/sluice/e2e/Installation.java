package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.testkit.Commands;
import dev.sluice.testkit.LocalStack;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.StackSession;
import dev.sluice.testkit.Tool;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The four services, confined to one test class' namespace and topics, and what a user does with
/// them.
final class Installation implements AutoCloseable {
    static final String API = "argoproj.io/v1alpha1";
    static final Duration LIMIT = Duration.ofSeconds(90);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final StackSession session;
    private final Map<String, ServiceProcess> services = new LinkedHashMap<>();

    private Installation(StackSession session) {
        this.session = session;
    }

    /// Simulated pods have no proxy that lags: a short drain keeps the tests short. Git is looked
    /// at often, since nothing here tells of a push.
    private static final Map<String, String> SETTINGS =
            Map.of(
                    "SLUICE_ROUTER_DRAIN_NGINX", "2s",
                    "SLUICE_ROUTER_DRAIN_SERVICES", "1s",
                    "SLUICE_SYNC_RECONCILIATION", "2s",
                    "SLUICE_SYNC_RECONCILIATION_JITTER", "0s",
                    "SLUICE_SYNC_REVISION_CACHE", "1s",
                    "SLUICE_SYNC_WAVE_DELAY", "0s");

    static Installation start(StackSession session, String... services) {
        return startReplicas(session, 1, services);
    }

    /// Starts so many processes of each service; the second of `router-service` is called
    /// `router-service-2`.
    static Installation startReplicas(StackSession session, int replicas, String... services) {
        return start(session, SETTINGS, replicas, services);
    }

    /// With every delay at its default.
    static Installation startAsShipped(StackSession session, String... services) {
        return start(session, Map.of(), 1, services);
    }

    private static Installation start(
            StackSession session, Map<String, String> settings, int replicas, String... services) {
        Installation installation = new Installation(session);
        Map<String, String> environment = new LinkedHashMap<>(session.serviceEnvironment());
        environment.putAll(settings);
        environment.put("SLUICE_SYNC_CONTROL_PLANE_NAMESPACE", session.namespace());
        Rights rights = Rights.granted(session.client());
        try {
            for (String service : services) {
                environment.put("KUBECONFIG", rights.kubeconfig(service).toString());
                for (int replica = 1; replica <= replicas; replica++) {
                    String name = replica == 1 ? service : service + "-" + replica;
                    installation.services.put(
                            name,
                            ServiceProcess.start(
                                    service,
                                    name,
                                    session.stack().reservePort(),
                                    session.stack(),
                                    environment));
                }
            }
        } catch (RuntimeException e) {
            installation.close();
            throw e;
        }
        return installation;
    }

    ServiceProcess service(String name) {
        return Objects.requireNonNull(services.get(name), name);
    }

    List<ServiceProcess> all() {
        return List.copyOf(services.values());
    }

    LocalStack stack() {
        return session.stack();
    }

    KubernetesClient client() {
        return session.client();
    }

    String namespace() {
        return session.namespace();
    }

    EventLog events() {
        return EventLog.read(stack().kafka().bootstrapServers(), session.topicPrefix());
    }

    void create(String manifest) {
        client().resource(manifest.replace("NAMESPACE", namespace())).create();
    }

    /// A canary behind an NGINX Ingress, with its Services, once it is up.
    void createRoutedCanary(String name, int replicas, String steps) {
        requestRoutedCanary(name, replicas, steps);
        awaitPhase(name, "Healthy");
        awaitTrafficAsPlanned(name);
    }

    /// The same without waiting for anything.
    void requestRoutedCanary(String name, int replicas, String steps) {
        for (String role : List.of("stable", "canary")) {
            create(Manifests.service(name + "-" + role, name));
        }
        create(Manifests.ingress(name));
        create(Manifests.routedCanary(name, replicas, steps));
    }

    /// Waits until the routing that the release wants was seen in effect.
    void awaitTrafficAsPlanned(String name) {
        await().atMost(LIMIT)
                .untilAsserted(
                        () -> {
                            JsonNode plan = rollout(name).at("/status/trafficPlan");
                            assertThat(plan.at("/observed/plan").asLong(-1))
                                    .isEqualTo(plan.at("/id").asLong());
                        });
    }

    void setImage(String rollout, String image) {
        client().genericKubernetesResources(API, "Rollout")
                .inNamespace(namespace())
                .withName(rollout)
                .patch(
                        PatchContext.of(PatchType.JSON),
                        "[{\"op\":\"replace\",\"path\":\"/spec/template/spec/containers/0/image\","
                                + "\"value\":\"%s\"}]".formatted(image));
    }

    /// Runs the stock plugin and expects it to succeed.
    String plugin(String... arguments) {
        List<String> command =
                new java.util.ArrayList<>(
                        List.of(stack().binaries().path(Tool.ARGO_ROLLOUTS_PLUGIN).toString()));
        command.addAll(List.of(arguments));
        command.addAll(
                List.of(
                        "--namespace",
                        namespace(),
                        "--kubeconfig",
                        stack().controlPlane().kubeconfig().toString()));
        var result = Commands.run(Path.of("."), Map.of(), command);
        assertThat(result.code()).as(result.output()).isZero();
        return result.output();
    }

    JsonNode rollout(String name) {
        return custom("Rollout", name);
    }

    JsonNode application(String name) {
        return custom("Application", name);
    }

    private JsonNode custom(String kind, String name) {
        GenericKubernetesResource object =
                client().genericKubernetesResources(API, kind)
                        .inNamespace(namespace())
                        .withName(name)
                        .get();
        assertThat(object).as("%s %s", kind, name).isNotNull();
        return JSON.valueToTree(object);
    }

    String phase(String name) {
        JsonNode rollout = rollout(name);
        boolean isObserved =
                rollout.at("/status/observedGeneration")
                        .asText()
                        .equals(rollout.at("/metadata/generation").asText());
        return isObserved ? rollout.at("/status/phase").asText() : "not observed";
    }

    void awaitPhase(String name, String phase) {
        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(phase(name))
                                        .as(rollout(name).at("/status").toString())
                                        .isEqualTo(phase));
    }

    void awaitStable(String name, String image) {
        awaitStable(name, image, LIMIT);
    }

    void awaitStable(String name, String image, Duration limit) {
        await().atMost(limit)
                .untilAsserted(
                        () -> {
                            JsonNode rollout = rollout(name);
                            assertThat(phase(name))
                                    .as(rollout.at("/status").toString())
                                    .isEqualTo("Healthy");
                            assertThat(
                                            rollout.at("/spec/template/spec/containers/0/image")
                                                    .asText())
                                    .isEqualTo(image);
                            assertThat(rollout.at("/status/stableRS").asText())
                                    .isEqualTo(rollout.at("/status/currentPodHash").asText());
                        });
    }

    /// The weight that is programmed for the canary right now; 0 without a canary Ingress.
    int programmedWeight(String name) {
        Ingress ingress =
                client().network()
                        .v1()
                        .ingresses()
                        .inNamespace(namespace())
                        .withName("%s-%s-canary".formatted(name, name))
                        .get();
        return ingress == null
                ? 0
                : Integer.parseInt(
                        ingress.getMetadata()
                                .getAnnotations()
                                .getOrDefault("nginx.ingress.kubernetes.io/canary-weight", "0"));
    }

    @Override
    public void close() {
        services.values().forEach(ServiceProcess::kill9);
    }
}
