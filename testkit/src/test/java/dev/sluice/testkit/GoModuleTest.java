package dev.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GoModuleTest {
    @Test
    void replacesKubernetesStagingModulesByTheirReleases() {
        // Given
        var upstream =
                """
                module k8s.io/kubernetes

                go 1.24.0

                require (
                	k8s.io/api v0.0.0
                	k8s.io/utils v0.0.0-20250604170112-4c0f3b243397
                )

                replace (
                	k8s.io/api => ./staging/src/k8s.io/api
                )
                """;

        // When
        var module = GoModule.forBuilding(Tool.KUBE_APISERVER, upstream);

        // Then
        assertThat(module)
                .contains("go 1.24.0", "require k8s.io/kubernetes v1.34.4")
                .contains("k8s.io/api => k8s.io/api v0.34.4")
                .doesNotContain("k8s.io/utils", "staging");
    }

    @Test
    void takesOverReplacementsByOtherModules() {
        // Given
        var upstream =
                """
                module example.test/tool

                go 1.25

                require k8s.io/kubelet v0.0.0

                replace example.test/single => example.test/fork v1.2.3 // pinned

                replace (
                	example.test/one v1.0.0 => example.test/one v1.1.0
                	k8s.io/kubelet => k8s.io/kubelet v0.34.5
                	// example.test/off => example.test/gone v1.0.0
                )
                """;

        // When
        var module = GoModule.forBuilding(Tool.ARGO_ROLLOUTS_PLUGIN, upstream);

        // Then
        assertThat(module)
                .contains("go 1.25")
                .contains("\texample.test/single => example.test/fork v1.2.3\n")
                .contains("\texample.test/one v1.0.0 => example.test/one v1.1.0\n")
                .containsOnlyOnce("k8s.io/kubelet =>")
                .doesNotContain("example.test/off");
    }
}
