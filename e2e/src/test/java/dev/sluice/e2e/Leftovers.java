package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What releases leave in the namespace when they are over.
final class Leftovers {
    private static final String CANARY = "nginx.ingress.kubernetes.io/canary";

    private Leftovers() {}

    /// Whatever was made during a release belongs to an object that still exists.
    static void assertNoOrphans(Installation sluice) {
        KubernetesClient client = sluice.client();
        String namespace = sluice.namespace();
        List<GenericKubernetesResource> rollouts = custom(sluice, "Rollout");
        List<HasMetadata> made = new ArrayList<>();
        made.addAll(client.apps().replicaSets().inNamespace(namespace).list().getItems());
        made.addAll(custom(sluice, "AnalysisRun"));
        made.addAll(client.batch().v1().jobs().inNamespace(namespace).list().getItems());
        made.addAll(client.pods().inNamespace(namespace).list().getItems());
        client.network().v1().ingresses().inNamespace(namespace).list().getItems().stream()
                .filter(i -> "true".equals(i.getMetadata().getAnnotations().get(CANARY)))
                .forEach(made::add);
        Set<String> live =
                Stream.concat(rollouts.stream(), made.stream())
                        .map(object -> object.getMetadata().getUid())
                        .collect(Collectors.toSet());
        assertThat(made)
                .allSatisfy(
                        object ->
                                assertThat(object.getMetadata().getOwnerReferences())
                                        .as("%s %s", object.getKind(), name(object))
                                        .singleElement()
                                        .extracting(OwnerReference::getUid)
                                        .isIn(live));
    }

    /// In the end no traffic is diverted, and only the stable revision has pods.
    static void assertOnlyStableRuns(Installation sluice, String rollout, int replicas) {
        String stable = sluice.rollout(rollout).at("/status/stableRS").asText();
        await().atMost(Installation.LIMIT)
                .untilAsserted(
                        () -> {
                            assertThat(sluice.programmedWeight(rollout)).isZero();
                            assertThat(replicaSets(sluice, rollout))
                                    .isNotEmpty()
                                    .allSatisfy(
                                            set ->
                                                    assertThat(set.getSpec().getReplicas())
                                                            .as(name(set))
                                                            .isEqualTo(
                                                                    hash(set).equals(stable)
                                                                            ? replicas
                                                                            : 0));
                        });
    }

    private static List<GenericKubernetesResource> custom(Installation sluice, String kind) {
        return sluice.client()
                .genericKubernetesResources(Installation.API, kind)
                .inNamespace(sluice.namespace())
                .list()
                .getItems();
    }

    private static List<ReplicaSet> replicaSets(Installation sluice, String rollout) {
        return sluice.client()
                .apps()
                .replicaSets()
                .inNamespace(sluice.namespace())
                .withLabel("app", rollout)
                .list()
                .getItems();
    }

    private static String name(HasMetadata object) {
        return object.getMetadata().getName();
    }

    private static String hash(ReplicaSet replicaSet) {
        return String.valueOf(
                replicaSet.getMetadata().getLabels().get("rollouts-pod-template-hash"));
    }
}
