package dev.sluice.rollout;

import static dev.sluice.rollout.RolloutDriver.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Experiments of the packaged service against a real API server with simulated nodes, driven by
/// kubectl's stock plugin. Nobody measures here: the phases of AnalysisRuns are set by hand.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExperimentIT {
    private static final String STEP =
            "duration: 1h, scaleDownDelaySeconds: 0, templates: ["
                    + "{name: baseline, specRef: stable, weight: 5},"
                    + " {name: candidate, specRef: canary, weight: 5}]";

    private RolloutDriver driver;
    private SimulatedRouter router;

    @BeforeAll
    void start(StackSession session) {
        driver = RolloutDriver.start(session);
        router = new SimulatedRouter(driver.client(), driver.namespace());
        driver.apply(
                """
                apiVersion: argoproj.io/v1alpha1
                kind: AnalysisTemplate
                metadata:
                  name: compare
                spec:
                  args:
                  - name: hash
                  metrics:
                  - name: rate
                    provider:
                      web: {url: "http://example.com/{{args.hash}}"}
                """);
    }

    @AfterAll
    void stop() {
        router.close();
        driver.close();
    }

    @Test
    void twoTemplatesRunBesideEachOtherUntilTheRequiredAnalysisIsSuccessful() {
        // When
        driver.apply(
                experiment(
                        "ab",
                        "duration: 1s, scaleDownDelaySeconds: 2, templates: ["
                                + template("a", 2, "service: {},")
                                + ","
                                + template("b", 1, "service: {name: ab-named},")
                                + "], analyses: [{name: better, templateName: compare,"
                                + " requiredForCompletion: true, args: [{name: hash, value:"
                                + " \"{{templates.a.podTemplateHash}}\"}]}]"));

        // Then
        phase("ab", "Running");
        ReplicaSet a = replicaSet("ab-a");
        String hash = a.getMetadata().getLabels().getOrDefault(RolloutDriver.HASH, "");
        assertThat(wanted("ab-a")).isEqualTo(2);
        assertThat(wanted("ab-b")).isEqualTo(1);
        soon().untilAsserted(
                        () -> {
                            assertThat(driver.service("ab-a").getSpec().getSelector())
                                    .containsEntry(RolloutDriver.HASH, hash)
                                    .containsEntry("app", "a");
                            assertThat(driver.service("ab-named").getSpec().getPorts())
                                    .singleElement()
                                    .satisfies(port -> assertThat(port.getPort()).isEqualTo(8080));
                        });
        assertThat(driver.plugin("get", "experiment", "ab")).contains("ab-a", "ab-b", "Running");
        soon().untilAsserted(
                        () ->
                                assertThat(
                                                driver.workspace()
                                                        .object("AnalysisRun", "ab-better")
                                                        .at("/spec/args/0/value")
                                                        .asText())
                                        .isEqualTo(hash));
        // Its duration is over, but what is required is not.
        Instant over = Instant.parse(status("ab").path("availableAt").asText()).plusSeconds(2);
        soon().until(() -> Instant.now().isAfter(over));
        assertThat(status("ab").path("phase").asText()).isEqualTo("Running");
        finish("ab-better", "Successful");
        phase("ab", "Successful");
        soon().untilAsserted(
                        () ->
                                assertThat(replicaSet("ab-a").getMetadata().getAnnotations())
                                        .containsKey("scale-down-deadline"));
        soon().untilAsserted(
                        () -> {
                            assertThat(wanted("ab-a")).isZero();
                            assertThat(wanted("ab-b")).isZero();
                            assertThat(services())
                                    .noneMatch(s -> s.getMetadata().getName().startsWith("ab-"));
                        });
        soon().untilAsserted(
                        () ->
                                assertThat(driver.reasons("ab"))
                                        .contains(
                                                "NewReplicaSetCreated",
                                                "TemplateProgressing",
                                                "TemplateRunning",
                                                "TemplateSuccessful",
                                                "ScalingReplicaSet",
                                                "AnalysisRunPending",
                                                "AnalysisRunSuccessful",
                                                "ExperimentPending",
                                                "ExperimentRunning",
                                                "ExperimentSuccessful"));
    }

    @Test
    void anExperimentIsEndedAndRunAgainByThePlugin() {
        // Given
        driver.apply(
                experiment(
                        "again",
                        "scaleDownDelaySeconds: 0, templates: [" + template("c", 1, "") + "]"));
        phase("again", "Running");

        // When
        driver.plugin("terminate", "experiment", "again");

        // Then
        phase("again", "Successful");
        soon().untilAsserted(() -> assertThat(wanted("again-c")).isZero());
        driver.workspace().merge("Experiment", "again", "{\"spec\":{\"terminate\":null}}");
        driver.plugin("retry", "experiment", "again");
        phase("again", "Running");
        assertThat(wanted("again-c")).isEqualTo(1);
    }

    @Test
    void anInvalidExperimentSaysWhy() {
        // When
        driver.apply(
                experiment(
                        "invalid",
                        "templates: [" + template("d", 1, "") + "," + template("d", 1, "") + "]"));

        // Then
        soon().untilAsserted(
                        () ->
                                assertThat(status("invalid").at("/conditions/0/message").asText())
                                        .isEqualTo(
                                                "Experiment invalid has repeated template name 'd'"
                                                        + " in templates"));
    }

    @Test
    void aCanaryStepRunsAnExperimentAndGivesItsTemplatesAShare() {
        // Given
        driver.apply(Manifests.service("shop-stable"));
        driver.apply(Manifests.service("shop-canary"));
        driver.apply(release("shop", "1", STEP));
        driver.settled("shop", "Healthy");

        // When
        driver.apply(release("shop", "2", STEP));

        // Then
        String[] name = new String[1];
        soon().untilAsserted(
                        () -> {
                            name[0] =
                                    driver.status("shop").at("/canary/currentExperiment").asText();
                            assertThat(name[0]).isNotEmpty();
                            assertThat(
                                            driver.status("shop")
                                                    .at("/trafficPlan/observed/weights/additional"))
                                    .hasSize(2);
                        });
        JsonNode additional = driver.status("shop").at("/trafficPlan/observed/weights/additional");
        assertThat(additional.findValuesAsText("serviceName"))
                .containsExactly(name[0] + "-baseline", name[0] + "-candidate");
        assertThat(driver.plugin("get", "rollout", "shop")).contains(name[0]);
        // The router is held: the share may still be in effect, so the pods stay.
        router.hold();
        driver.workspace().merge("Experiment", name[0], "{\"spec\":{\"terminate\":true}}");
        phase(name[0], "Successful");
        soon().untilAsserted(
                        () ->
                                assertThat(driver.status("shop").at("/currentStepIndex").asInt())
                                        .isEqualTo(2));
        assertThat(wanted(name[0] + "-baseline")).isEqualTo(1);
        assertThat(driver.service(name[0] + "-baseline").getMetadata().getDeletionTimestamp())
                .isNull();
        router.release();
        soon().untilAsserted(
                        () -> {
                            assertThat(wanted(name[0] + "-baseline")).isZero();
                            assertThat(services())
                                    .noneMatch(s -> s.getMetadata().getName().startsWith(name[0]));
                        });
        driver.plugin("promote", "shop");
        driver.settled("shop", "Healthy");
        assertThat(
                        driver.client()
                                .genericKubernetesResources("argoproj.io/v1alpha1", "Experiment")
                                .inNamespace(driver.namespace())
                                .list()
                                .getItems())
                .filteredOn(e -> e.getMetadata().getName().startsWith("shop-"))
                .hasSize(1);
    }

    @Test
    void aFailedExperimentOfAStepAbortsTheRelease() {
        // Given
        driver.apply(Manifests.service("store-stable"));
        driver.apply(Manifests.service("store-canary"));
        driver.apply(release("store", "1", STEP));
        driver.settled("store", "Healthy");

        // When
        driver.apply(
                release("store", "2", "analyses: [{name: bad, templateName: missing}], " + STEP));

        // Then
        driver.settled("store", "Degraded");
        assertThat(driver.status("store").path("message").asText())
                .contains(
                        "Experiment analysis phase is error/failed: AnalysisTemplate verification"
                                + " failed for analysis 'bad'");
    }

    private void phase(String name, String phase) {
        soon().untilAsserted(
                        () -> {
                            JsonNode status = status(name);
                            assertThat(status.path("phase").asText())
                                    .as(status::toString)
                                    .isEqualTo(phase);
                        });
    }

    private JsonNode status(String experiment) {
        return driver.workspace().object("Experiment", experiment).path("status");
    }

    private ReplicaSet replicaSet(String name) {
        ReplicaSet found =
                driver.client()
                        .apps()
                        .replicaSets()
                        .inNamespace(driver.namespace())
                        .withName(name)
                        .get();
        assertThat(found).as(name).isNotNull();
        return found;
    }

    private int wanted(String replicaSet) {
        return replicaSet(replicaSet).getSpec().getReplicas();
    }

    private List<Service> services() {
        return driver.client().services().inNamespace(driver.namespace()).list().getItems();
    }

    /// What analysis-service would write.
    private void finish(String run, String phase) {
        driver.workspace()
                .merge(
                        "AnalysisRun",
                        run,
                        "{\"status\":{\"phase\":\"" + phase + "\",\"message\":\"by hand\"}}");
    }

    private static String experiment(String name, String spec) {
        return """
        apiVersion: argoproj.io/v1alpha1
        kind: Experiment
        metadata: {name: %s}
        spec: {%s}
        """
                .formatted(name, spec);
    }

    private static String template(String name, int replicas, String more) {
        return "{name: %s, replicas: %d, %s selector: {matchLabels: {app: %1$s}}, template: %s}"
                .formatted(name, replicas, more, Manifests.template(name, "1"));
    }

    /// A release that runs an experiment at its second step.
    private static String release(String name, String version, String experiment) {
        return Manifests.rollout(
                name,
                version,
                4,
                """
                canary: {stableService: %1$s-stable, canaryService: %1$s-canary,
                    trafficRouting: {plugins: {argoproj-labs/gatewayAPI: {httpRoute: %1$s}}},
                    steps: [{setWeight: 25}, {experiment: {%2$s}}, {pause: {}}]}\
                """
                        .formatted(name, experiment));
    }
}
