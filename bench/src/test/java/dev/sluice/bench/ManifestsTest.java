package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.junit.jupiter.api.Test;

class ManifestsTest {
    private final KubernetesSerialization yaml = new KubernetesSerialization();

    @Test
    void aRoutedRolloutIsAPlainOneWithARouter() {
        GenericKubernetesResource plain = read(Manifests.rollout("ns", "app", new Shape(), false));
        GenericKubernetesResource routed = read(Manifests.rollout("ns", "app", new Shape(), true));

        assertThat(routed.<Object>get("spec", "strategy", "canary", "steps"))
                .isEqualTo(plain.<Object>get("spec", "strategy", "canary", "steps"));
        assertThat(
                        routed.<String>get(
                                "spec",
                                "strategy",
                                "canary",
                                "trafficRouting",
                                "nginx",
                                "stableIngress"))
                .isEqualTo("app");
    }

    private GenericKubernetesResource read(String manifest) {
        return yaml.unmarshal(manifest, GenericKubernetesResource.class);
    }
}
