package dev.sluice.sync;

import static dev.sluice.sync.RunningSync.AUTOMATED;
import static dev.sluice.sync.RunningSync.LIMIT;
import static dev.sluice.sync.RunningSync.config;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testkit.GitRepo;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What a project forbids and what Git must not contain: named, contained, and over with the next
/// correction.
@SluiceStack({Part.NODES, Part.GIT})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SyncGuardIT {
    private final RunningSync sync;

    SyncGuardIT(StackSession session) {
        this.sync = new RunningSync(session);
    }

    @AfterAll
    void stop() {
        sync.stop();
    }

    private void project(String name, String spec) {
        sync.create(
                """
                apiVersion: argoproj.io/v1alpha1
                kind: AppProject
                metadata: {name: %s}
                spec: %s
                """
                        .formatted(name, spec));
    }

    private void correct(String project, String spec) {
        sync.custom("AppProject", project)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":" + spec + "}");
    }

    @Test
    void aProjectLimitsRepositoriesDestinationsAndKinds() {
        GitRepo repo = sync.repository("limits");
        String first = repo.commit("one", Map.of("app/a.yaml", config("limits-a", "1", "")));
        String here = "[{server: '*', namespace: '" + sync.namespace() + "'}]";
        project("no-repo", "{sourceRepos: ['https://example.test/*'], destinations: " + here + "}");
        project("no-place", "{sourceRepos: ['*'], destinations: [{server: '*', namespace: x}]}");
        project(
                "no-kind",
                "{sourceRepos: ['*'], destinations: "
                        + here
                        + ", namespaceResourceBlacklist: [{group: '', kind: ConfigMap}]}");
        sync.application("no-repo", repo, "app", "no-repo", sync.namespace(), AUTOMATED);
        sync.application("no-place", repo, "app", "no-place", sync.namespace(), AUTOMATED);
        sync.application("no-kind", repo, "app", "no-kind", sync.namespace(), AUTOMATED);
        sync.application("nobody", repo, "app", "unheard-of", sync.namespace(), AUTOMATED);

        sync.until(
                "no-repo",
                "/status/conditions",
                "application repo " + repo.url() + " is not permitted in project 'no-repo'");
        sync.until(
                "no-place",
                "/status/conditions",
                "do not match any of the allowed destinations in project 'no-place'");
        sync.until(
                "no-kind",
                "/status/operationState/message",
                "one or more synchronization tasks are not valid: resource :ConfigMap is not"
                        + " permitted in project no-kind");
        sync.until(
                "nobody",
                "/status/conditions",
                "Application referencing project unheard-of which does not exist");
        assertThat(sync.configMap("limits-a")).isNull();

        GitRepo other = sync.repository("unlimited");
        String fine = other.commit("one", Map.of("app/a.yaml", config("unlimited-a", "1", "")));
        sync.application("unlimited", other, AUTOMATED);
        sync.synced("unlimited", fine);

        correct("no-repo", "{\"sourceRepos\":[\"*\"]}");
        sync.synced("no-repo", first);
    }

    @Test
    void aClosedSyncWindowHoldsSyncsUntilItOpens() {
        GitRepo repo = sync.repository("window");
        String first = repo.commit("one", Map.of("app/a.yaml", config("window-a", "1", "")));
        project(
                "frozen",
                "{sourceRepos: ['*'], destinations: [{server: '*', namespace: '*'}], syncWindows:"
                        + " [{kind: deny, schedule: '* * * * *', duration: 1h, applications:"
                        + " ['*']}]}");
        sync.application(
                "window",
                repo,
                "app",
                "frozen",
                sync.namespace(),
                "{automated: {}, managedNamespaceMetadata: {labels: {a: b}}}");
        sync.until("window", "/status/sync/status", "OutOfSync");
        sync.until(
                "window",
                "/status/conditions",
                "spec.syncPolicy.managedNamespaceMetadata is not supported");

        sync.patch("window", "{\"operation\":{\"sync\":{}}}");

        sync.until(
                "window",
                "/status/operationState/message",
                "Sync operation blocked by sync window");
        assertThat(sync.configMap("window-a")).isNull();
        correct("frozen", "{\"syncWindows\":null}");
        sync.synced("window", first);
    }

    @Test
    void badContentIsNamedAndTheNextCommitMendsIt() throws Exception {
        GitRepo repo = sync.repository("bad");
        String good = repo.commit("good", Map.of("app/a.yaml", config("bad-a", "1", "")));
        sync.application("bad", repo, AUTOMATED);
        sync.synced("bad", good);

        repo.commit("bomb", Map.of("app/b.yaml", bomb()));
        blind("bad", "app/b.yaml");
        repo.remove("defused", "app/b.yaml");

        Path link = repo.work().resolve("app/passwd.yaml");
        Files.createSymbolicLink(link, Path.of("../../../../../../etc/passwd"));
        repo.commitAll("link");
        blind("bad", "repository contains out-of-bounds symlinks. file: app/passwd.yaml");
        repo.remove("unlinked", "app/passwd.yaml");

        for (int i = 0; i < 11; i++) {
            Files.writeString(
                    repo.work().resolve("app/big" + i + ".yaml"),
                    config("bad-big" + i, "x".repeat(1000 * 1000), ""));
        }
        repo.commitAll("huge");
        blind("bad", "exceeded max combined manifest file size");
        repo.remove(
                "small",
                java.util.stream.IntStream.range(0, 11)
                        .mapToObj(i -> "app/big" + i + ".yaml")
                        .toArray(String[]::new));

        repo.commit(
                "unknown kind",
                Map.of(
                        "app/b.yaml",
                        "apiVersion: example.test/v1\nkind: Widget\nmetadata: {name: bad-w}\n"));
        sync.until(
                "bad",
                "/status/operationState/message",
                "Make sure the \"Widget\" CRD is installed on the destination cluster");
        sync.until("bad", "/status/conditions", "Failed last sync attempt to");
        repo.remove("known kinds", "app/b.yaml");

        assertThat(sync.configMap("bad-a").getData()).containsEntry("value", "1");
        String mended = repo.commit("mended", Map.of("app/a.yaml", config("bad-a", "2", "")));
        sync.synced("bad", mended);
        assertThat(sync.configMap("bad-a").getData()).containsEntry("value", "2");
    }

    private void blind(String name, String reason) {
        sync.until(name, "/status/conditions", reason);
        sync.until(name, "/status/sync/status", "Unknown");
        assertThat(sync.configMap("bad-a").getData()).containsEntry("value", "1");
    }

    private static String bomb() {
        StringBuilder text =
                new StringBuilder("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n");
        text.append("a0: &a0 [x]\n");
        for (int i = 1; i <= 16; i++) {
            String before = "*a" + (i - 1);
            text.append("a%d: &a%d [%s, %s, %s]\n".formatted(i, i, before, before, before));
        }
        return text.toString();
    }

    @Test
    void aKustomizationThatFailsAndRepeatedObjectsAreShown() {
        GitRepo repo = sync.repository("kustomize");
        repo.commit("broken", Map.of("app/kustomization.yaml", "resources: [missing.yaml]\n"));
        sync.application("kustomize", repo, AUTOMATED);
        sync.until("kustomize", "/status/conditions", "kustomize build failed with exit code 1");
        sync.until("kustomize", "/status/conditions", "missing.yaml");

        repo.remove("directory", "app/kustomization.yaml");
        String twice =
                repo.commit(
                        "twice",
                        Map.of(
                                "app/a.yaml", config("twice", "1", ""),
                                "app/b.yaml", config("twice", "2", "")));
        sync.synced("kustomize", twice);
        sync.until(
                "kustomize",
                "/status/conditions",
                "appeared more than once among application resources");
        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(sync.configMap("twice").getData())
                                        .containsEntry("value", "2"));
    }
}
