package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Bad input gets a clear condition, costs only itself, and is over with the next edit, without a
/// restart.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputE2E {
    private static final String GOOD = "[{setWeight: 50}, {pause: {duration: 1s}}]";

    private Installation sluice;

    @BeforeAll
    void start(StackSession session) {
        sluice = Installation.start(session, "rollout-service", "router-service");
        sluice.create(Manifests.canary("bystander", 1, GOOD, ""));
        sluice.awaitPhase("bystander", "Healthy");
    }

    @AfterAll
    void stop() {
        sluice.close();
    }

    record Case(String name, String steps, String more, List<String> says) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case(
                        "weight-101",
                        "[{setWeight: 101}]",
                        "",
                        List.of("spec.strategy.steps[0].setWeight", "between 0 and 100")),
                new Case(
                        "empty-step",
                        "[{}]",
                        "",
                        List.of(
                                "Step must have one of the following set: experiment, setWeight,"
                                        + " setCanaryScale, plugin or pause")),
                new Case(
                        "pause-not-a-number",
                        "[{pause: {duration: soon}}]",
                        "",
                        List.of("spec.strategy.steps[0].pause.duration")),
                new Case(
                        "missing-service",
                        GOOD,
                        "    stableService: nowhere-stable\n    canaryService: nowhere-canary\n",
                        List.of("nowhere-stable", "not found")),
                new Case(
                        "missing-template",
                        "[{analysis: {templates: [{templateName: nowhere}]}}]",
                        "",
                        List.of("AnalysisTemplate 'nowhere' not found")),
                new Case(
                        "same-service",
                        GOOD,
                        "    stableService: one\n    canaryService: one\n",
                        List.of("two different services are required")),
                new Case(
                        "unsupported-router",
                        GOOD,
                        """
                            stableService: a
                            canaryService: b
                            trafficRouting:
                              appMesh: {}
                        """,
                        List.of("appMesh", "not supported")));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void saysWhatIsWrongAndRecoversWithTheNextEdit(Case bad) {
        sluice.create(Manifests.canary(bad.name(), 1, bad.steps(), bad.more()));

        await().atMost(Installation.LIMIT)
                .untilAsserted(
                        () -> {
                            JsonNode status = sluice.rollout(bad.name()).at("/status");
                            assertThat(status.at("/phase").asText()).isEqualTo("Degraded");
                            assertThat(status.at("/conditions"))
                                    .singleElement()
                                    .satisfies(
                                            condition -> {
                                                assertThat(condition.get("type").asText())
                                                        .isEqualTo("InvalidSpec");
                                                assertThat(condition.get("message").asText())
                                                        .contains(bad.says());
                                            });
                        });
        assertThat(sluice.phase("bystander")).isEqualTo("Healthy");

        replaceSpec(bad.name(), Manifests.canary(bad.name(), 1, GOOD, ""));

        sluice.awaitPhase(bad.name(), "Healthy");
        assertThat(sluice.rollout(bad.name()).at("/status/conditions").findValuesAsText("type"))
                .doesNotContain("InvalidSpec");
    }

    @Test
    void refusesTwoStrategiesAtOnce() {
        sluice.create(
                Manifests.canary("two-strategies", 1, GOOD, "")
                        + "    blueGreen:\n      activeService: x\n");

        await().atMost(Installation.LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(
                                                sluice.rollout("two-strategies")
                                                        .at("/status/conditions/0/message")
                                                        .asText())
                                        .contains("Multiple Strategies can not be listed"));
    }

    @Test
    void theApiServerRefusesWhatTheSchemaForbids() {
        String manifest =
                Manifests.canary("schema", 1, GOOD, "").replace("replicas: 1", "replicas: many");

        assertThat(
                        org.assertj.core.api.Assertions.catchThrowableOfType(
                                KubernetesClientException.class, () -> sluice.create(manifest)))
                .hasMessageContaining("spec.replicas");
    }

    private void replaceSpec(String name, String manifest) {
        GenericKubernetesResource wanted =
                (GenericKubernetesResource)
                        sluice.client()
                                .resource(manifest.replace("NAMESPACE", sluice.namespace()))
                                .item();
        sluice.client()
                .genericKubernetesResources(Installation.API, "Rollout")
                .inNamespace(sluice.namespace())
                .withName(name)
                .edit(
                        live -> {
                            live.setAdditionalProperty(
                                    "spec", wanted.getAdditionalProperties().get("spec"));
                            return live;
                        });
    }
}
