package dev.sluice.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TaskPlannerTest {
    private static ResourceState wanted(
            String apiVersion, String kind, String name, String annotations) {
        KubeObject target =
                Json.object(
                        "{'apiVersion':'"
                                + apiVersion
                                + "','kind':'"
                                + kind
                                + "','metadata':{'name':'"
                                + name
                                + "','namespace':'ns','annotations':{"
                                + annotations
                                + "}}}");
        return new ResourceState(
                target.key(),
                target.version(),
                Optional.of(target),
                Optional.empty(),
                Optional.of(SyncCode.OutOfSync),
                Optional.empty(),
                List.of(),
                Hooks.of(target));
    }

    private static ResourceState extra(String kind, String name, String annotations) {
        KubeObject live =
                Json.object(
                        "{'apiVersion':'v1','kind':'"
                                + kind
                                + "','metadata':{'name':'"
                                + name
                                + "','namespace':'ns','annotations':{"
                                + annotations
                                + "}}}");
        return new ResourceState(
                live.key(),
                "v1",
                Optional.empty(),
                Optional.of(live),
                Optional.of(SyncCode.OutOfSync),
                Optional.empty(),
                List.of(),
                new Hooks.None());
    }

    private static List<String> plan(String operation, ResourceState... states) {
        return TaskPlanner.plan(
                        new TaskPlanner.Request(
                                List.of(states),
                                OperationRequest.of(Json.of(operation)),
                                "abcdef0123",
                                1000))
                .stream()
                .map(task -> (task.isPrune() ? "-" : "") + task.key().name())
                .toList();
    }

    @Test
    void ordersByPhaseWaveKindAndName() {
        List<String> order =
                plan(
                        "{'sync':{}}",
                        wanted("argoproj.io/v1alpha1", "Rollout", "rollout", ""),
                        wanted("v1", "Service", "service", ""),
                        wanted("v1", "ConfigMap", "b", ""),
                        wanted("v1", "ConfigMap", "a", ""),
                        wanted("v1", "ConfigMap", "early", "'argocd.argoproj.io/sync-wave':'-1'"),
                        wanted("v1", "ConfigMap", "late", "'argocd.argoproj.io/sync-wave':'2'"),
                        wanted("batch/v1", "Job", "pre", "'argocd.argoproj.io/hook':'PreSync'"),
                        wanted("batch/v1", "Job", "post", "'argocd.argoproj.io/hook':'PostSync'"),
                        wanted("v1", "Namespace", "space", ""));
        assertThat(order)
                .containsExactly(
                        "pre", "early", "space", "a", "b", "service", "rollout", "late", "post");
    }

    @Test
    void mirrorsPruneWavesAndMovesPruneLastBehindEverything() {
        assertThat(
                        plan(
                                "{'sync':{'prune':true}}",
                                extra("ConfigMap", "one", "'argocd.argoproj.io/sync-wave':'1'"),
                                extra("ConfigMap", "three", "'argocd.argoproj.io/sync-wave':'3'"),
                                wanted(
                                        "v1",
                                        "ConfigMap",
                                        "two",
                                        "'argocd.argoproj.io/sync-wave':'2'")))
                .containsExactly("-three", "two", "-one");
        assertThat(
                        plan(
                                "{'sync':{'prune':true,'syncOptions':['PruneLast=true']}}",
                                extra("ConfigMap", "one", "'argocd.argoproj.io/sync-wave':'-1'"),
                                wanted(
                                        "v1",
                                        "ConfigMap",
                                        "two",
                                        "'argocd.argoproj.io/sync-wave':'2'")))
                .containsExactly("two", "-one");
    }

    @Test
    void aSelectiveSyncTakesOnlyWhatWasNamedAndNoHooks() {
        assertThat(
                        plan(
                                "{'sync':{'resources':[{'group':'','kind':'ConfigMap','name':'a'}]}}",
                                wanted("v1", "ConfigMap", "a", ""),
                                wanted("v1", "ConfigMap", "b", ""),
                                wanted(
                                        "batch/v1",
                                        "Job",
                                        "pre",
                                        "'argocd.argoproj.io/hook':'PreSync'")))
                .containsExactly("a");
    }

    @Test
    void aNamespaceGoesBeforeTheHookThatLivesInIt() {
        KubeObject namespace =
                Json.object("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'ns'}}");
        ResourceState state =
                new ResourceState(
                        namespace.key(),
                        "v1",
                        Optional.of(namespace),
                        Optional.empty(),
                        Optional.of(SyncCode.OutOfSync),
                        Optional.empty(),
                        List.of(),
                        new Hooks.None());
        assertThat(
                        plan(
                                "{'sync':{}}",
                                state,
                                wanted(
                                        "batch/v1",
                                        "Job",
                                        "pre",
                                        "'argocd.argoproj.io/hook':'PreSync'")))
                .containsExactly("ns", "pre");
    }
}
