package dev.sluice.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.events.EventCodec;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import dev.sluice.testkit.Tool;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Experiments of the packaged service against a real API server with simulated nodes, driven by
/// kubectl's stock plugin. Nobody measures here: the phases of AnalysisRuns are set by hand.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExperimentIT {
    private static final PatchContext MERGE =
            new PatchContext.Builder().withPatchType(PatchType.JSON_MERGE).build();

    private final StackSession session;
    private final KubernetesClient client;
    private ServiceProcess service;
    private SimulatedRouter router;

    ExperimentIT(StackSession session) {
        this.session = session;
        this.client = session.client();
    }

    @BeforeAll
    void start() {
        service =
                ServiceProcess.start(
                        "rollout-service", session.stack(), session.serviceEnvironment());
        router = new SimulatedRouter(client, session.namespace());
        apply(
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
        service.close();
    }

    @Test
    void twoTemplatesRunBesideEachOtherUntilTheRequiredAnalysisIsSuccessful() {
        // When
        apply(
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
        String hash = a.getMetadata().getLabels().getOrDefault("rollouts-pod-template-hash", "");
        assertThat(a.getSpec().getReplicas()).isEqualTo(2);
        assertThat(replicaSet("ab-b").getSpec().getReplicas()).isEqualTo(1);
        soon().untilAsserted(
                        () ->
                                assertThat(serviceNamed("ab-a").getSpec().getSelector())
                                        .containsEntry("rollouts-pod-template-hash", hash)
                                        .containsEntry("app", "a"));
        assertThat(serviceNamed("ab-named").getSpec().getPorts())
                .singleElement()
                .satisfies(port -> assertThat(port.getPort()).isEqualTo(8080));
        assertThat(plugin("get", "experiment", "ab")).contains("ab-a", "ab-b", "Running");
        soon().untilAsserted(
                        () ->
                                assertThat(
                                                object("AnalysisRun", "ab-better")
                                                        .at("/spec/args/0/value")
                                                        .asText())
                                        .isEqualTo(hash));
        // Its duration is long over by now, but what is required is not.
        assertThat(status("Experiment", "ab").path("phase").asText()).isEqualTo("Running");
        finish("ab-better", "Successful");
        phase("ab", "Successful");
        soon().untilAsserted(
                        () ->
                                assertThat(replicaSet("ab-a").getMetadata().getAnnotations())
                                        .containsKey("scale-down-deadline"));
        soon().untilAsserted(
                        () -> {
                            assertThat(replicaSet("ab-a").getSpec().getReplicas()).isZero();
                            assertThat(replicaSet("ab-b").getSpec().getReplicas()).isZero();
                            assertThat(services())
                                    .noneMatch(s -> s.getMetadata().getName().startsWith("ab-"));
                        });
        assertThat(reasons("ab"))
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
                        "ExperimentSuccessful");
    }

    @Test
    void anExperimentIsEndedAndRunAgainByThePlugin() {
        // Given
        apply(
                experiment(
                        "again",
                        "scaleDownDelaySeconds: 0, templates: [" + template("c", 1, "") + "]"));
        phase("again", "Running");

        // When
        plugin("terminate", "experiment", "again");

        // Then
        phase("again", "Successful");
        soon().untilAsserted(
                        () -> assertThat(replicaSet("again-c").getSpec().getReplicas()).isZero());
        patch("Experiment", "again", "{\"spec\":{\"terminate\":null}}");
        plugin("retry", "experiment", "again");
        phase("again", "Running");
        assertThat(replicaSet("again-c").getSpec().getReplicas()).isEqualTo(1);
    }

    @Test
    void anInvalidExperimentSaysWhy() {
        // When
        apply(
                experiment(
                        "invalid",
                        "templates: [" + template("d", 1, "") + "," + template("d", 1, "") + "]"));

        // Then
        soon().untilAsserted(
                        () ->
                                assertThat(
                                                status("Experiment", "invalid")
                                                        .at("/conditions/0/message")
                                                        .asText())
                                        .isEqualTo(
                                                "Experiment invalid has repeated template name 'd'"
                                                        + " in templates"));
    }

    @Test
    void aCanaryStepRunsAnExperimentAndGivesItsTemplatesAShare() {
        // Given
        applyService("shop-stable");
        applyService("shop-canary");
        apply(shop("1"));
        rolloutPhase("shop", "Healthy");

        // When
        apply(shop("2"));

        // Then
        String[] name = new String[1];
        soon().untilAsserted(
                        () -> {
                            name[0] =
                                    status("Rollout", "shop")
                                            .at("/canary/currentExperiment")
                                            .asText();
                            assertThat(name[0]).isNotEmpty();
                            assertThat(
                                            status("Rollout", "shop")
                                                    .at("/trafficPlan/observed/weights/additional"))
                                    .hasSize(2);
                        });
        JsonNode additional =
                status("Rollout", "shop").at("/trafficPlan/observed/weights/additional");
        assertThat(additional.findValuesAsText("serviceName"))
                .containsExactly(name[0] + "-baseline", name[0] + "-candidate");
        assertThat(plugin("get", "rollout", "shop")).contains(name[0]);
        // The router is held: the share may still be in effect, so the pods stay.
        router.hold();
        patch("Experiment", name[0], "{\"spec\":{\"terminate\":true}}");
        phase(name[0], "Successful");
        soon().untilAsserted(
                        () ->
                                assertThat(
                                                status("Rollout", "shop")
                                                        .at("/currentStepIndex")
                                                        .asInt())
                                        .isEqualTo(2));
        assertThat(replicaSet(name[0] + "-baseline").getSpec().getReplicas()).isEqualTo(1);
        assertThat(serviceNamed(name[0] + "-baseline").getMetadata().getDeletionTimestamp())
                .isNull();
        router.release();
        soon().untilAsserted(
                        () -> {
                            assertThat(replicaSet(name[0] + "-baseline").getSpec().getReplicas())
                                    .isZero();
                            assertThat(services())
                                    .noneMatch(s -> s.getMetadata().getName().startsWith(name[0]));
                        });
        plugin("promote", "shop");
        rolloutPhase("shop", "Healthy");
        assertThat(
                        client.genericKubernetesResources("argoproj.io/v1alpha1", "Experiment")
                                .inNamespace(session.namespace())
                                .list()
                                .getItems())
                .filteredOn(e -> e.getMetadata().getName().startsWith("shop-"))
                .hasSize(1);
    }

    @Test
    void aFailedExperimentOfAStepAbortsTheRelease() {
        // Given
        String manifest = shop("1").replace("shop", "store");
        applyService("store-stable");
        applyService("store-canary");
        apply(manifest);
        rolloutPhase("store", "Healthy");

        // When
        apply(
                shop("2")
                        .replace("shop", "store")
                        .replace(
                                "{duration: 1h,",
                                "{duration: 1h, analyses: [{name: bad, templateName: missing}],"));

        // Then
        rolloutPhase("store", "Degraded");
        assertThat(status("Rollout", "store").path("message").asText())
                .contains(
                        "Experiment analysis phase is error/failed: AnalysisTemplate verification"
                                + " failed for analysis 'bad'");
    }

    private ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(150));
    }

    private void phase(String name, String phase) {
        soon().untilAsserted(
                        () -> {
                            JsonNode status = status("Experiment", name);
                            assertThat(status.path("phase").asText())
                                    .as(status::toString)
                                    .isEqualTo(phase);
                        });
    }

    private void rolloutPhase(String name, String phase) {
        soon().untilAsserted(
                        () -> {
                            JsonNode rollout = object("Rollout", name);
                            assertThat(rollout.at("/status/phase").asText())
                                    .as(() -> rollout.path("status").toString())
                                    .isEqualTo(phase);
                            assertThat(rollout.at("/status/observedGeneration").asText())
                                    .isEqualTo(rollout.at("/metadata/generation").asText());
                        });
    }

    private JsonNode object(String kind, String name) {
        GenericKubernetesResource found =
                client.genericKubernetesResources("argoproj.io/v1alpha1", kind)
                        .inNamespace(session.namespace())
                        .withName(name)
                        .get();
        return EventCodec.mapper().valueToTree(found);
    }

    private JsonNode status(String kind, String name) {
        return object(kind, name).path("status");
    }

    private ReplicaSet replicaSet(String name) {
        ReplicaSet found =
                client.apps().replicaSets().inNamespace(session.namespace()).withName(name).get();
        assertThat(found).as(name).isNotNull();
        return found;
    }

    private Service serviceNamed(String name) {
        Service found = client.services().inNamespace(session.namespace()).withName(name).get();
        assertThat(found).as(name).isNotNull();
        return found;
    }

    private List<Service> services() {
        return client.services().inNamespace(session.namespace()).list().getItems();
    }

    private List<String> reasons(String name) {
        return client.v1().events().inNamespace(session.namespace()).list().getItems().stream()
                .filter(e -> e.getInvolvedObject().getName().equals(name))
                .map(Event::getReason)
                .toList();
    }

    private void patch(String kind, String name, String patch) {
        client.genericKubernetesResources("argoproj.io/v1alpha1", kind)
                .inNamespace(session.namespace())
                .withName(name)
                .patch(MERGE, patch);
    }

    /// What analysis-service would write.
    private void finish(String run, String phase) {
        patch(
                "AnalysisRun",
                run,
                "{\"status\":{\"phase\":\"" + phase + "\",\"message\":\"by hand\"}}");
    }

    private void apply(String manifest) {
        List<HasMetadata> objects =
                client.load(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)))
                        .items();
        objects.forEach(
                object ->
                        client.resource(object)
                                .inNamespace(session.namespace())
                                .forceConflicts()
                                .serverSideApply());
    }

    private String plugin(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(session.stack().binaries().path(Tool.ARGO_ROLLOUTS_PLUGIN).toString());
        command.addAll(List.of(arguments));
        command.addAll(
                List.of(
                        "--namespace",
                        session.namespace(),
                        "--kubeconfig",
                        session.stack().controlPlane().kubeconfig().toString()));
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
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
        return """
        {name: %s, replicas: %d, %s selector: {matchLabels: {app: %s}},
          template: {metadata: {labels: {app: %s}},
           spec: {containers: [{name: c, image: "example.com/app:1", ports: [{containerPort: 8080}]}]}}}\
        """
                .formatted(name, replicas, more, name, name);
    }

    private void applyService(String name) {
        apply(
                """
                apiVersion: v1
                kind: Service
                metadata: {name: %s}
                spec: {selector: {}, ports: [{port: 80}]}
                """
                        .formatted(name));
    }

    /// A release that runs an experiment at its second step.
    private static String shop(String version) {
        return """
        apiVersion: argoproj.io/v1alpha1
        kind: Rollout
        metadata: {name: shop}
        spec:
          replicas: 4
          selector: {matchLabels: {app: shop}}
          template:
            metadata: {labels: {app: shop}}
            spec: {containers: [{name: c, image: "example.com/app:%s", ports: [{containerPort: 8080}]}]}
          strategy:
            canary:
              stableService: shop-stable
              canaryService: shop-canary
              trafficRouting: {plugins: {argoproj-labs/gatewayAPI: {httpRoute: shop}}}
              steps:
              - setWeight: 25
              - experiment:
                  {duration: 1h, scaleDownDelaySeconds: 0, templates: [
                    {name: baseline, specRef: stable, weight: 5},
                    {name: candidate, specRef: canary, weight: 5}]}
              - pause: {}
        """
                .formatted(version);
    }
}
