package dev.sluice.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.testkit.GitRepo;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.StackSession;
import dev.sluice.testkit.Tool;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A packaged sync-service of one test class, and what its tests do with Applications.
final class RunningSync {
    static final JsonMapper MAPPER = JsonMapper.builder().build();
    static final Duration LIMIT = Duration.ofSeconds(90);
    static final String AUTOMATED = "{automated: {prune: true, selfHeal: true}, retry: {limit: 0}}";

    private final StackSession session;
    private final ServiceProcess service;

    RunningSync(StackSession session) {
        this.session = session;
        session.stack().binaries().prepare(List.of(Tool.KUSTOMIZE));
        Map<String, String> environment = new LinkedHashMap<>(session.serviceEnvironment());
        environment.put(
                "SLUICE_SYNC_KUSTOMIZE_PATH",
                session.stack().binaries().path(Tool.KUSTOMIZE).toString());
        environment.put("SLUICE_SYNC_RECONCILIATION", "2s");
        environment.put("SLUICE_SYNC_RECONCILIATION_JITTER", "0s");
        environment.put("SLUICE_SYNC_REVISION_CACHE", "1s");
        environment.put("SLUICE_SYNC_WAVE_DELAY", "0s");
        environment.put("SLUICE_SYNC_CONTROL_PLANE_NAMESPACE", session.namespace());
        service = ServiceProcess.start("sync-service", session.stack(), environment);
    }

    void stop() {
        service.stop();
    }

    String namespace() {
        return session.namespace();
    }

    GitRepo repository(String name) {
        return session.stack().git().createRepository(session.namespace() + "-" + name);
    }

    static String config(String name, String value, String metadata) {
        return """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: %s, %s}
        data: {value: "%s"}
        """
                .formatted(name, metadata, value);
    }

    void create(String yaml) {
        session.client()
                .load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .inNamespace(namespace())
                .create();
    }

    void application(String name, GitRepo repo, String policy) {
        application(name, repo, "app", "default", namespace(), policy);
    }

    void application(
            String name,
            GitRepo repo,
            String path,
            String project,
            String destination,
            String policy) {
        create(
                """
                apiVersion: argoproj.io/v1alpha1
                kind: Application
                metadata: {name: %s}
                spec:
                  project: %s
                  source: {repoURL: "%s", path: "%s", targetRevision: HEAD}
                  destination:
                    server: https://kubernetes.default.svc
                    namespace: %s
                  syncPolicy: %s
                """
                        .formatted(name, project, repo.url(), path, destination, policy));
    }

    Resource<GenericKubernetesResource> custom(String kind, String name) {
        return session.client()
                .genericKubernetesResources("argoproj.io/v1alpha1", kind)
                .inNamespace(namespace())
                .withName(name);
    }

    JsonNode read(String name) {
        return MAPPER.valueToTree(custom("Application", name).get());
    }

    void patch(String name, String json) {
        custom("Application", name).patch(PatchContext.of(PatchType.JSON_MERGE), json);
    }

    ConfigMap configMap(String name) {
        return session.client().configMaps().inNamespace(namespace()).withName(name).get();
    }

    void until(String name, String pointer, String text) {
        await().atMost(LIMIT)
                .untilAsserted(
                        () -> {
                            JsonNode app = read(name);
                            JsonNode found = app.at(pointer);
                            assertThat(found.isValueNode() ? found.asText() : found.toString())
                                    .as(app.path("status").toPrettyString())
                                    .contains(text);
                        });
    }

    void ended(String name, String phase, String message) {
        await().atMost(LIMIT)
                .untilAsserted(
                        () -> {
                            JsonNode app = read(name);
                            JsonNode state = app.at("/status/operationState");
                            assertThat(state.path("phase").asText())
                                    .as(state.toPrettyString())
                                    .isEqualTo(phase);
                            assertThat(state.path("message").asText()).contains(message);
                            assertThat(app.path("operation").isObject()).isFalse();
                        });
    }

    void synced(String name, String revision) {
        await().atMost(LIMIT)
                .untilAsserted(
                        () -> {
                            JsonNode status = read(name).path("status");
                            assertThat(status.at("/sync/status").asText())
                                    .as(status.toPrettyString())
                                    .isEqualTo("Synced");
                            assertThat(status.at("/sync/revision").asText()).isEqualTo(revision);
                            assertThat(status.at("/operationState/phase").asText())
                                    .isEqualTo("Succeeded");
                        });
    }
}
