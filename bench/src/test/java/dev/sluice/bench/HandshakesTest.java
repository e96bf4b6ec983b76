package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class HandshakesTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final KubernetesSerialization yaml = new KubernetesSerialization();
    private final Handshakes handshakes = new Handshakes();

    @Test
    void takesTheTimeFromAPlanToItsEvidenceAndWhoNeededIt() {
        look(0, "{id: 1, services: [{name: a, podTemplateHash: x}], observed: {plan: 1}}");
        look(1_000, "{id: 2, services: [{name: a, podTemplateHash: x}], observed: {plan: 1}}");
        look(
                1_300,
                "{id: 2, services: [{name: a, podTemplateHash: x}],"
                        + " observed: {plan: 2, at: '2026-01-01T00:00:01.200Z'}}");

        assertThat(handshakes.weights.at(50)).isEqualTo(Duration.ofMillis(300));
        assertThat(handshakes.untilEvidence.at(50)).isEqualTo(Duration.ofMillis(200));
        assertThat(handshakes.untilRecorded.at(50)).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void whatTheClusterTakesForCapacityIsToldApart() {
        look(0, "{id: 1, services: [], observed: {plan: 1}}");
        look(1_000, "{id: 2, services: [], observed: {plan: 1}}");
        handshakes.endpointsChanged("other", START.plusMillis(1_190));
        handshakes.endpointsChanged("app", START.plusMillis(1_150));
        handshakes.endpointsChanged("app", START.plusMillis(1_250));
        look(1_300, "{id: 2, services: [], observed: {plan: 2, at: '2026-01-01T00:00:01.200Z'}}");

        assertThat(handshakes.untilEvidence.at(50)).isEqualTo(Duration.ofMillis(200));
        assertThat(handshakes.afterCapacity.at(50)).isEqualTo(Duration.ofMillis(50));
    }

    @Test
    void aPlanThatLeadsAServiceOnCountsByItself() {
        look(0, "{id: 1, services: [{name: a, podTemplateHash: x}], observed: {plan: 1}}");
        look(1_000, "{id: 2, services: [{name: a, podTemplateHash: y}], observed: {plan: 1}}");
        look(9_000, "{id: 2, services: [{name: a, podTemplateHash: y}], observed: {plan: 2}}");

        assertThat(handshakes.repointed.at(50)).isEqualTo(Duration.ofSeconds(8));
        assertThat(handshakes.weights.count()).isZero();
    }

    @Test
    void partOfThePlanIsNoEvidenceOfIt() {
        look(0, "{id: 1, services: [], observed: {plan: 1}}");
        look(1_000, "{id: 2, services: [], observed: {plan: 1}}");
        look(1_100, "{id: 2, services: [], observed: {plan: 2, partial: true}}");
        look(1_900, "{id: 2, services: [], observed: {plan: 2, partial: false}}");
        look(2_500, "{id: 2, services: [], observed: {plan: 2, partial: false}}");

        assertThat(handshakes.weights.count()).isEqualTo(1);
        assertThat(handshakes.weights.at(50)).isEqualTo(Duration.ofMillis(900));
    }

    private void look(long millis, String plan) {
        String manifest =
                """
                metadata: {name: app}
                status:
                  trafficPlan: %s
                """
                        .formatted(plan);
        handshakes.look(
                yaml.unmarshal(manifest, GenericKubernetesResource.class),
                START.plusMillis(millis));
    }
}
