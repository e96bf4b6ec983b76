package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testkit.Part;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The manifest is edited while an Ingress gives the canary a quarter of the traffic.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EditsE2E {
    private Workspace place;
    private Keeper keeper;

    @BeforeAll
    void start(StackSession session) {
        place = new Workspace(session.stack(), session.createNamespace("edits"));
        keeper = Keeper.sluice(session, place, "edits.");
    }

    @AfterAll
    void stop() {
        keeper.close();
    }

    @Test
    void aRouterThatLeavesGivesItsTrafficBackAndTheReleaseGoesOnByReplicas_B7() {
        // Given
        releaseAQuarter("byreplicas");

        // When
        place.merge(
                "byreplicas",
                "{\"spec\":{\"strategy\":{\"canary\":{\"trafficRouting\":null,\"scaleDownDelaySeconds\":null}}}}");

        // Then
        place.awaitProgrammedWeight("byreplicas", 0);
        place.awaitStatus("byreplicas", "/trafficPlan/weights/stable", "");
        place.awaitPausedAt("byreplicas", 1);
        place.awaitStatus("byreplicas", "/replicas", "4");
        place.plugin("promote", "byreplicas");
        place.awaitPromoted("byreplicas");
        assertThat(selected("byreplicas-stable"))
                .isEqualTo(place.rollout("byreplicas").at("/status/stableRS").asText());
    }

    @Test
    void aCanaryThatBecomesBlueGreenGivesItsTrafficBackAndWaitsForItsOwnPause_B7() {
        // Given
        releaseAQuarter("switched");
        String stable = place.rollout("switched").at("/status/stableRS").asText();

        // When
        place.merge(
                "switched",
                "{\"spec\":{\"strategy\":{\"canary\":null,\"blueGreen\":{\"activeService\":\"switched-stable\","
                        + "\"previewService\":\"switched-canary\",\"autoPromotionEnabled\":false}}}}");

        // Then
        place.awaitProgrammedWeight("switched", 0);
        place.awaitStatus("switched", "/pauseConditions/0/reason", "BlueGreenPause");
        assertThat(selected("switched-stable")).isEqualTo(stable);
        place.plugin("promote", "switched");
        place.awaitPromoted("switched");
        assertThat(selected("switched-stable")).isNotEqualTo(stable);
    }

    private void releaseAQuarter(String name) {
        place.create(
                Rollouts.routed(4, "[{setWeight: 25}, {pause: {}}]")
                        .replaceAll("\\bNAME\\b", name));
        place.awaitPromoted(name);
        place.setImage(name, "example.test/app:v2");
        place.awaitPausedAt(name, 1);
        place.awaitProgrammedWeight(name, 25);
    }

    private String selected(String service) {
        return place.client()
                .services()
                .inNamespace(place.namespace())
                .withName(service)
                .get()
                .getSpec()
                .getSelector()
                .getOrDefault(Workspace.HASH, "");
    }
}
