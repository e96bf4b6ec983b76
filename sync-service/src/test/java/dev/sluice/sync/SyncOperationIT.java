package dev.sluice.sync;

import static dev.sluice.sync.RunningSync.AUTOMATED;
import static dev.sluice.sync.RunningSync.LIMIT;
import static dev.sluice.sync.RunningSync.config;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.testkit.GitRepo;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Operations from request to end, on a cluster in which Jobs run.
@SluiceStack({Part.NODES, Part.GIT})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SyncOperationIT {
    private static final String HASH = "rollouts-pod-template-hash";
    private final StackSession session;
    private final RunningSync sync;

    SyncOperationIT(StackSession session) {
        this.session = session;
        this.sync = new RunningSync(session);
    }

    @AfterAll
    void stop() {
        sync.stop();
    }

    private static String service(int version) {
        return """
        apiVersion: v1
        kind: Service
        metadata: {name: hashed, labels: {version: "%d"}}
        spec:
          selector: {app: hashed, generation: "%d"}
          ports: [{port: 80}]
        """
                .formatted(version, version);
    }

    @Test
    void aSyncNeverDropsTheRevisionHashFromASelector() {
        GitRepo repo = sync.repository("hashed");
        String first = repo.commit("one", Map.of("app/s.yaml", service(1)));
        sync.application("hashed", repo, AUTOMATED);
        sync.synced("hashed", first);
        var live = session.client().services().inNamespace(sync.namespace()).withName("hashed");
        Service programmed =
                live.patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"sluice.dev/traffic-plan\":\"u/1\"}},"
                                + "\"spec\":{\"selector\":{\""
                                + HASH
                                + "\":\"abc\"}}}");
        List<Optional<String>> seen = new CopyOnWriteArrayList<>();
        Watcher<Service> watcher =
                new Watcher<>() {
                    @Override
                    public void eventReceived(Action action, Service service) {
                        seen.add(Optional.ofNullable(service.getSpec().getSelector().get(HASH)));
                    }

                    @Override
                    public void onClose(WatcherException cause) {}
                };

        try (var watch =
                live.watch(
                        new io.fabric8.kubernetes.api.model.ListOptionsBuilder()
                                .withResourceVersion(programmed.getMetadata().getResourceVersion())
                                .build(),
                        watcher)) {
            assertThat(watch).isNotNull();
            for (int version = 2; version <= 4; version++) {
                String next = repo.commit("v" + version, Map.of("app/s.yaml", service(version)));
                sync.synced("hashed", next);
            }
            await().atMost(LIMIT).until(() -> seen.size() >= 3);
        }

        assertThat(seen).containsOnly(Optional.of("abc"));
        assertThat(live.get().getSpec().getSelector()).containsEntry("generation", "4");
        assertThat(live.get().getMetadata().getAnnotations())
                .containsEntry("sluice.dev/traffic-plan", "u/1")
                .hasEntrySatisfying(
                        "kubectl.kubernetes.io/last-applied-configuration",
                        last -> assertThat(last).doesNotContain(HASH).doesNotContain("abc"));
    }

    @Test
    void aDryRunAndASelectiveSyncDoWhatTheySay() {
        GitRepo repo = sync.repository("partial");
        String first =
                repo.commit(
                        "one",
                        Map.of(
                                "app/a.yaml", config("partial-a", "1", ""),
                                "app/b.yaml", config("partial-b", "1", "")));
        sync.application("partial", repo, "{}");
        sync.until("partial", "/status/sync/status", "OutOfSync");

        sync.patch("partial", "{\"operation\":{\"sync\":{\"dryRun\":true}}}");
        sync.ended("partial", "Succeeded", "successfully synced");
        assertThat(sync.configMap("partial-a")).isNull();
        assertThat(sync.read("partial").at("/status/operationState/syncResult/resources"))
                .hasSize(2);

        sync.patch(
                "partial",
                "{\"operation\":{\"sync\":{\"revision\":\""
                        + first
                        + "\",\"resources\":[{\"kind\":\"ConfigMap\",\"name\":\"partial-b\"}]}}}");
        await().atMost(LIMIT).until(() -> sync.configMap("partial-b") != null);
        sync.ended("partial", "Succeeded", "successfully synced");
        assertThat(sync.configMap("partial-a")).isNull();
        assertThat(sync.read("partial").at("/status/history")).isEmpty();
    }

    private static String job(String name, String hook, String pod, boolean suspended) {
        return """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: %s, annotations: {argocd.argoproj.io/hook: %s}}
        spec:
          suspend: %s
          backoffLimit: 0
          template:
            metadata: {annotations: {%s}}
            spec:
              restartPolicy: Never
              containers: [{name: main, image: "example/hook:1"}]
        """
                .formatted(name, hook, suspended, pod);
    }

    private Job job(String name) {
        return session.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(sync.namespace())
                .withName(name)
                .get();
    }

    @Test
    void hooksRunBeforeAndAfterAndAreReplacedByTheNextSync() {
        GitRepo repo = sync.repository("hooks");
        repo.commit(
                "one",
                Map.of(
                        "app/pre.yaml", job("hooks-pre", "PreSync", "", true),
                        "app/post.yaml", job("hooks-post", "PostSync", "", false),
                        "app/a.yaml", config("hooks-a", "1", "")));
        sync.application("hooks", repo, "{}");
        sync.until("hooks", "/status/sync/status", "OutOfSync");
        sync.patch("hooks", "{\"operation\":{\"sync\":{}}}");

        sync.until(
                "hooks",
                "/status/operationState/message",
                "waiting for completion of hook batch/Job/hooks-pre");
        assertThat(sync.configMap("hooks-a")).isNull();
        assertThat(job("hooks-post")).isNull();
        var jobs = session.client().batch().v1().jobs().inNamespace(sync.namespace());
        jobs.withName("hooks-pre")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"suspend\":false}}");

        sync.ended("hooks", "Succeeded", "successfully synced");
        assertThat(sync.configMap("hooks-a")).isNotNull();
        assertThat(job("hooks-post").getStatus().getSucceeded()).isEqualTo(1);
        String before = job("hooks-post").getMetadata().getUid();

        repo.commit("two", Map.of("app/pre.yaml", job("hooks-pre", "PreSync", "", false)));
        sync.patch("hooks", "{\"operation\":{\"sync\":{}}}");
        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(job("hooks-post"))
                                        .isNotNull()
                                        .matches(j -> !j.getMetadata().getUid().equals(before)));
        sync.ended("hooks", "Succeeded", "successfully synced");
    }

    @Test
    void aFailingHookFailsTheOperationAfterItsRetries() {
        GitRepo repo = sync.repository("broken");
        repo.commit(
                "one",
                Map.of(
                        "app/pre.yaml",
                        job("broken-pre", "PreSync", "sluice.dev/simulate-exit: \"1\"", false),
                        "app/a.yaml",
                        config("broken-a", "1", "")));
        sync.application("broken", repo, "{}");
        sync.until("broken", "/status/sync/status", "OutOfSync");

        sync.patch(
                "broken",
                "{\"operation\":{\"sync\":{},\"retry\":{\"limit\":1,\"backoff\":{\"duration\":\"5s\","
                        + "\"factor\":1}}}}");

        await().atMost(LIMIT)
                .untilAsserted(
                        () -> {
                            JsonNode state = sync.read("broken").at("/status/operationState");
                            assertThat(state.path("message").asText())
                                    .contains("Retrying attempt #1 at ");
                            assertThat(state.path("phase").asText()).isEqualTo("Running");
                        });
        sync.ended(
                "broken", "Failed", "one or more synchronization tasks completed unsuccessfully");
        sync.ended("broken", "Failed", "(retried 1 times).");
        assertThat(sync.configMap("broken-a")).isNull();
    }

    @Test
    void aTerminatedOperationEndsAndItsHookIsDeleted() {
        GitRepo repo = sync.repository("ended");
        repo.commit("one", Map.of("app/pre.yaml", job("ended-pre", "PreSync", "", true)));
        sync.application("ended", repo, "{}");
        sync.until("ended", "/status/sync/status", "Synced");
        sync.patch("ended", "{\"operation\":{\"sync\":{},\"retry\":{\"limit\":5}}}");
        sync.until("ended", "/status/operationState/message", "waiting for completion of hook");

        sync.patch("ended", "{\"status\":{\"operationState\":{\"phase\":\"Terminating\"}}}");

        sync.ended("ended", "Failed", "Operation terminated");
        await().atMost(LIMIT).until(() -> job("ended-pre") == null);
    }

    @Test
    void pruningIsAskedForComesLastAndNeverTakesEverything() {
        GitRepo repo = sync.repository("prune");
        String first =
                repo.commit(
                        "one",
                        Map.of(
                                "app/a.yaml", config("prune-a", "1", ""),
                                "app/b.yaml", config("prune-b", "1", "")));
        sync.application("prune", repo, "{}");
        sync.until("prune", "/status/sync/status", "OutOfSync");
        sync.patch("prune", "{\"operation\":{\"sync\":{}}}");
        sync.synced("prune", first);

        String second = repo.remove("two", "app/b.yaml");
        sync.until("prune", "/status/sync/revision", second);
        sync.patch("prune", "{\"operation\":{\"sync\":{}}}");
        sync.until(
                "prune",
                "/status/operationState/syncResult/resources",
                "ignored (requires pruning)");
        assertThat(sync.configMap("prune-b")).isNotNull();

        sync.patch(
                "prune",
                "{\"operation\":{\"sync\":{\"prune\":true,\"syncOptions\":[\"PruneLast=true\"]}}}");
        sync.synced("prune", second);
        assertThat(sync.configMap("prune-b")).isNull();
        JsonNode results = sync.read("prune").at("/status/operationState/syncResult/resources");
        assertThat(results.path(results.size() - 1).path("message").asText()).isEqualTo("pruned");

        repo.commit("none", Map.of("app/readme.txt", "nothing\n"));
        String third = repo.remove("three", "app/a.yaml");
        sync.patch("prune", "{\"spec\":{\"syncPolicy\":{\"automated\":{\"prune\":true}}}}");
        sync.until(
                "prune",
                "/status/conditions",
                "Skipping sync attempt to " + third + ": auto-sync will wipe out all resources");
        assertThat(sync.configMap("prune-a")).isNotNull();
    }
}
