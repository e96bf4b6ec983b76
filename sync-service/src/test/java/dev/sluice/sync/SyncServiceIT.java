package dev.sluice.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.testkit.GitRepo;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import dev.sluice.testkit.Tool;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The packaged service against a real API server, a real Git server and the real kustomize.
@SluiceStack({Part.NODES, Part.GIT})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SyncServiceIT {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final String SECRET = "webhook-secret";
    private final StackSession session;
    private final ServiceProcess service;

    SyncServiceIT(StackSession session) {
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
        environment.put("SLUICE_SYNC_WEBHOOK_GITHUB_SECRET", SECRET);
        environment.put("SLUICE_SYNC_CONTROL_PLANE_NAMESPACE", session.namespace());
        service = ServiceProcess.start("sync-service", session.stack(), environment);
    }

    @BeforeAll
    void ready() {
        assertThat(service.isReady()).isTrue();
    }

    @AfterAll
    void stop() {
        service.stop();
    }

    private GitRepo repository(String name) {
        return session.stack().git().createRepository(session.namespace() + "-" + name);
    }

    private static String config(String name, String value, String extra) {
        return """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: %s
        %s
        data:
          value: "%s"
        """
                .formatted(name, extra.indent(2).stripTrailing(), value);
    }

    private void application(String name, GitRepo repo, String path, String policy) {
        application(name, repo.url(), path, policy);
    }

    private void application(String name, String url, String path, String policy) {
        String yaml =
                """
                apiVersion: argoproj.io/v1alpha1
                kind: Application
                metadata:
                  name: %s
                  namespace: %s
                spec:
                  project: default
                  source:
                    repoURL: %s
                    path: %s
                    targetRevision: HEAD
                  destination:
                    server: https://kubernetes.default.svc
                    namespace: %s
                  syncPolicy: %s
                """
                        .formatted(
                                name, session.namespace(), url, path, session.namespace(), policy);
        session.client()
                .load(
                        new java.io.ByteArrayInputStream(
                                yaml.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .create();
    }

    private JsonNode read(String name) {
        GenericKubernetesResource app =
                session.client()
                        .genericKubernetesResources("argoproj.io/v1alpha1", "Application")
                        .inNamespace(session.namespace())
                        .withName(name)
                        .get();
        return MAPPER.valueToTree(app);
    }

    private void patch(String name, String json) {
        session.client()
                .genericKubernetesResources("argoproj.io/v1alpha1", "Application")
                .inNamespace(session.namespace())
                .withName(name)
                .patch(PatchContext.of(PatchType.JSON_MERGE), json);
    }

    private ConfigMap configMap(String name) {
        return session.client().configMaps().inNamespace(session.namespace()).withName(name).get();
    }

    private void syncs(String name, String revision) {
        await().atMost(LIMIT)
                .untilAsserted(
                        () -> {
                            JsonNode app = read(name);
                            assertThat(app.at("/status/sync/status").asText())
                                    .as(app.path("status").toPrettyString())
                                    .isEqualTo("Synced");
                            assertThat(app.at("/status/sync/revision").asText())
                                    .isEqualTo(revision);
                            assertThat(app.at("/status/operationState/phase").asText())
                                    .isEqualTo("Succeeded");
                            assertThat(app.has("operation") && app.path("operation").isObject())
                                    .isFalse();
                        });
    }

    private void fails(String name, String text) {
        await().atMost(LIMIT)
                .untilAsserted(
                        () -> {
                            JsonNode app = read(name);
                            assertThat(app.at("/status/conditions").toString()).contains(text);
                            assertThat(app.at("/status/sync/status").asText()).isEqualTo("Unknown");
                            assertThat(app.at("/status/health/status").asText())
                                    .isEqualTo("Unknown");
                        });
    }

    private static final String AUTOMATED =
            "{automated: {prune: true, selfHeal: true}, retry: {limit: 2, refresh: true, backoff:"
                    + " {duration: 1s, maxDuration: 2s}}}";

    @Test
    void showsOutOfSyncThenSyncsOnPatchedOperationAndKeepsHistory() {
        GitRepo repo = repository("manual");
        String first = repo.commit("one", Map.of("app/a.yaml", config("manual-a", "1", "")));
        application("manual", repo, "app", "{}");
        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(read("manual").at("/status/sync/status").asText())
                                        .isEqualTo("OutOfSync"));
        assertThat(configMap("manual-a")).isNull();

        patch(
                "manual",
                "{\"operation\":{\"initiatedBy\":{\"username\":\"jo\"},\"sync\":{\"revision\":\""
                        + first
                        + "\"}}}");

        syncs("manual", first);
        JsonNode status = read("manual").path("status");
        assertThat(status.at("/history/0/revision").asText()).isEqualTo(first);
        assertThat(status.at("/history/0/initiatedBy/username").asText()).isEqualTo("jo");
        assertThat(status.at("/operationState/message").asText())
                .isEqualTo("successfully synced (all tasks run)");
        assertThat(status.at("/operationState/syncResult/resources/0/message").asText())
                .isEqualTo("configmap/manual-a created");
        assertThat(configMap("manual-a").getMetadata().getAnnotations())
                .containsEntry(
                        "argocd.argoproj.io/tracking-id",
                        "manual:/ConfigMap:" + session.namespace() + "/manual-a");
    }

    @Test
    void automatedSyncFollowsCommitsPrunesAndHeals() {
        GitRepo repo = repository("auto");
        String first =
                repo.commit(
                        "one",
                        Map.of(
                                "app/a.yaml",
                                config("auto-a", "1", ""),
                                "app/b.yaml",
                                config("auto-b", "1", "")));
        application("auto", repo, "app", AUTOMATED);
        syncs("auto", first);

        String second = repo.remove("two", "app/b.yaml");
        syncs("auto", second);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(configMap("auto-b")).isNull());

        session.client()
                .configMaps()
                .inNamespace(session.namespace())
                .withName("auto-a")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"data\":{\"value\":\"drifted\",\"other\":\"kept\"}}");
        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(configMap("auto-a").getData())
                                        .containsEntry("value", "1")
                                        .containsEntry("other", "kept"));
    }

    @Test
    void aFieldThatAnotherToolAppliedAndGitDroppedIsRemoved() {
        GitRepo repo = repository("taken");
        String last =
                "{\\\"apiVersion\\\":\\\"v1\\\",\\\"kind\\\":\\\"ConfigMap\\\",\\\"metadata\\\":{\\\"name\\\":\\\"taken-a\\\"},\\\"data\\\":{\\\"value\\\":\\\"1\\\",\\\"gone\\\":\\\"x\\\"}}";
        String live =
                config(
                                "taken-a",
                                "1",
                                "namespace: "
                                        + session.namespace()
                                        + "\n"
                                        + "annotations:\n"
                                        + "  kubectl.kubernetes.io/last-applied-configuration: \""
                                        + last
                                        + "\"")
                        + "  gone: x\n  foreign: y\n";
        session.client()
                .load(
                        new java.io.ByteArrayInputStream(
                                live.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .create();
        String first = repo.commit("one", Map.of("app/a.yaml", config("taken-a", "1", "")));

        application("taken", repo, "app", AUTOMATED);

        syncs("taken", first);
        assertThat(configMap("taken-a").getData()).containsOnlyKeys("value", "foreign");
    }

    @Test
    void wavesWaitForHealth() {
        GitRepo repo = repository("waves");
        String first =
                repo.commit(
                        "one",
                        Map.of(
                                "app/svc.yaml",
"""
apiVersion: v1
kind: Service
metadata:
  name: waves-lb
  annotations: {argocd.argoproj.io/sync-wave: "-1"}
spec:
  type: LoadBalancer
  ports: [{port: 80}]
""",
                                "app/a.yaml",
                                config(
                                        "waves-a",
                                        "1",
                                        "annotations: {argocd.argoproj.io/sync-wave: \"1\"}")));
        application("waves", repo, "app", AUTOMATED);
        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(
                                                read("waves")
                                                        .at("/status/operationState/message")
                                                        .asText())
                                        .isEqualTo(
                                                "waiting for healthy state of /Service/waves-lb"));
        assertThat(configMap("waves-a")).isNull();

        session.client()
                .services()
                .inNamespace(session.namespace())
                .withName("waves-lb")
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"192.0.2.1\"}]}}}");

        syncs("waves", first);
        assertThat(configMap("waves-a")).isNotNull();
    }

    @Test
    void rendersKustomizeWithTheRealProgram() {
        GitRepo repo = repository("kustomize");
        String first =
                repo.commit(
                        "one",
                        Map.of(
                                "base/a.yaml", config("kustomized", "1", ""),
                                "base/kustomization.yaml", "resources: [a.yaml]\n",
                                "overlay/kustomization.yaml",
                                        "resources: [../base]\nnamePrefix: my-\n"));
        application("kustomize", repo, "overlay", AUTOMATED);

        syncs("kustomize", first);
        assertThat(configMap("my-kustomized")).isNotNull();
        assertThat(read("kustomize").at("/status/sourceType").asText()).isEqualTo("Kustomize");
    }

    @Test
    void badInputIsNamedTouchesNothingAndIsCorrectedByTheNextCommit() {
        GitRepo repo = repository("bad");
        String good = repo.commit("good", Map.of("app/a.yaml", config("bad-a", "1", "")));
        application("bad", repo, "app", AUTOMATED);
        syncs("bad", good);

        repo.commit(
                "malformed",
                Map.of("app/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: [\n"));
        fails("bad", "app/a.yaml");
        assertThat(configMap("bad-a")).isNotNull();

        repo.commit("huge", Map.of("app/a.yaml", config("bad-a", "x".repeat(5 * 1024 * 1024), "")));
        fails("bad", "more than the 1572864");
        assertThat(configMap("bad-a").getData()).containsEntry("value", "1");

        String mended = repo.commit("mended", Map.of("app/a.yaml", config("bad-a", "2", "")));
        syncs("bad", mended);
        assertThat(configMap("bad-a").getData()).containsEntry("value", "2");
    }

    @Test
    void unreachableGitAndPathsOutsideAreReported() {
        GitRepo repo = repository("outside");
        repo.commit("one", Map.of("app/a.yaml", config("outside-a", "1", "")));
        application("outside", repo, "../../etc", AUTOMATED);
        application("unreachable", "http://127.0.0.1:9/none.git", "app", AUTOMATED);
        application("missing", repo, "nowhere", AUTOMATED);

        fails("outside", "outside of repository root");
        fails("unreachable", "failed to list refs of repository http://127.0.0.1:9/none.git");
        fails("missing", "app path does not exist");
    }

    @Test
    void refreshAnnotationIsTakenAndRemoved() {
        GitRepo repo = repository("refresh");
        String first = repo.commit("one", Map.of("app/a.yaml", config("refresh-a", "1", "")));
        application("refresh", repo, "app", AUTOMATED);
        syncs("refresh", first);

        patch(
                "refresh",
                "{\"metadata\":{\"annotations\":{\"argocd.argoproj.io/refresh\":\"hard\"}}}");

        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(
                                                read("refresh")
                                                        .at("/metadata/annotations")
                                                        .has("argocd.argoproj.io/refresh"))
                                        .isFalse());
    }

    @Test
    void aRejectedRevisionIsNotAppliedAgainUntilGitMovesOrAPersonOverrides() {
        GitRepo repo = repository("rejected");
        String bad = repo.commit("bad", Map.of("app/r.yaml", rollout("bad")));
        application("rejected", repo, "app", AUTOMATED);
        syncs("rejected", bad);
        var rollouts =
                session.client()
                        .genericKubernetesResources("argoproj.io/v1alpha1", "Rollout")
                        .inNamespace(session.namespace())
                        .withName("rejected-r");
        long generation = rollouts.get().getMetadata().getGeneration();
        rollouts.subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\":{\"abort\":true,\"phase\":\"Degraded\",\"message\":\"analysis"
                                + " failed\",\"observedGeneration\":\""
                                + generation
                                + "\"}}");
        await().atMost(LIMIT)
                .untilAsserted(
                        () -> {
                            JsonNode status = read("rejected").path("status");
                            assertThat(status.at("/rejectedRevisions/0/revision").asText())
                                    .isEqualTo(bad);
                            assertThat(status.at("/conditions").toString())
                                    .contains("RevisionRejectedWarning")
                                    .contains(bad)
                                    .contains("analysis failed");
                        });

        // a person rolls the workload back: self-healing must not bring the rejected revision back
        rollouts.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"minReadySeconds\":7}}");
        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(read("rejected").at("/status/sync/status").asText())
                                        .isEqualTo("OutOfSync"));
        await().during(Duration.ofSeconds(5))
                .atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(
                                                MAPPER.<JsonNode>valueToTree(rollouts.get())
                                                        .at("/spec/minReadySeconds")
                                                        .asInt())
                                        .isEqualTo(7));

        patch(
                "rejected",
                "{\"metadata\":{\"annotations\":{\"sluice.dev/override-rejection\":\""
                        + bad
                        + "\"}}}");
        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(
                                                MAPPER.<JsonNode>valueToTree(rollouts.get())
                                                        .at("/spec/minReadySeconds")
                                                        .asInt())
                                        .isEqualTo(3));

        String good = repo.commit("good", Map.of("app/r.yaml", rollout("good")));
        syncs("rejected", good);
    }

    private static String rollout(String image) {
        return """
        apiVersion: argoproj.io/v1alpha1
        kind: Rollout
        metadata:
          name: rejected-r
        spec:
          minReadySeconds: 3
          selector: {matchLabels: {app: rejected}}
          template:
            metadata: {labels: {app: rejected}}
            spec: {containers: [{name: main, image: "example/%s:1"}]}
          strategy: {canary: {steps: [{setWeight: 20}]}}
        """
                .formatted(image);
    }

    @Test
    void webhookNeedsAValidSignatureAndRefreshes() throws Exception {
        GitRepo repo = repository("hook");
        String first = repo.commit("one", Map.of("app/a.yaml", config("hook-a", "1", "")));
        application("hook", repo, "app", AUTOMATED);
        syncs("hook", first);
        String body =
                "{\"ref\":\"refs/heads/main\",\"repository\":{\"html_url\":\""
                        + repo.url()
                        + "\",\"default_branch\":\"main\"}}";

        assertThat(send(body, "push", sign(body, "wrong")).statusCode()).isEqualTo(400);
        assertThat(send(body, "push", "").statusCode()).isEqualTo(400);
        assertThat(send("{", "push", sign("{", SECRET)).statusCode()).isEqualTo(400);
        assertThat(send(body, "unheard-of", sign(body, SECRET)).statusCode()).isEqualTo(400);
        HttpResponse<String> accepted = send(body, "push", sign(body, SECRET));
        assertThat(accepted.statusCode()).isEqualTo(200);
        assertThat(accepted.body()).isEqualTo("refreshing 1 applications");
    }

    private HttpResponse<String> send(String body, String event, String signature)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(service.url() + "/api/webhook"))
                        .header("X-GitHub-Event", event)
                        .header("X-Hub-Signature-256", signature)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String sign(String body, String secret) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(
                new SecretKeySpec(
                        secret.getBytes(java.nio.charset.StandardCharsets.UTF_8), "HmacSHA256"));
        return "sha256="
                + HexFormat.of()
                        .formatHex(
                                mac.doFinal(
                                        body.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }
}
