package dev.sluice.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;

/// The packaged service against a real API server, Kafka, PostgreSQL and Prometheus.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES, Part.PROMETHEUS})
class AnalysisServiceIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String SECRET = "canary-secret-3141";
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void measuresJudgesAndTells(StackSession session) throws Exception {
        try (ServiceProcess service =
                ServiceProcess.start(
                        "analysis-service", session.stack(), session.serviceEnvironment())) {
            judges(session);
            masksSecrets(session);
            runsJobs(session);
            refusesWhatItCannotUse(session);
            publishesEachFactOnce(session, service);
            measuresItself(session, service);
            assertThat(Files.readString(service.log())).doesNotContain(SECRET);
        }
    }

    private static void judges(StackSession session) {
        create(session, "good", prometheus(session, "vector(0.97)", "result[0] >= 0.95"));
        create(session, "bad", prometheus(session, "vector(0.5)", "result[0] >= 0.95"));
        create(session, "nan", prometheus(session, "vector(0) / 0", "result[0] >= 0.95"));
        create(
                session,
                "between",
                prometheus(session, "vector(0.9)", "result[0] >= 0.95")
                        .replace("'provider'", "'failureCondition':'result[0] < 0.5','provider'"));
        create(
                session,
                "nodata",
                prometheus(session, "no_such_series", "result[0] >= 0.95")
                        .replace("'provider'", "'consecutiveErrorLimit':0,'provider'"));
        create(
                session,
                "unsupported",
                "'metrics':[{'name':'m','consecutiveErrorLimit':0,'provider':{'graphite':{'address':'a','query':'b'}}}]");

        awaitPhase(session, "good", "Successful", "");
        awaitPhase(
                session,
                "bad",
                "Failed",
                "Metric \"m\" assessed Failed due to failed (1) > failureLimit (0)");
        awaitPhase(
                session,
                "nan",
                "Failed",
                "Metric \"m\" assessed Failed due to failed (1) > failureLimit (0)");
        awaitPhase(
                session,
                "between",
                "Inconclusive",
                "Metric \"m\" assessed Inconclusive due to inconclusive (1) > inconclusiveLimit (0)");
        awaitPhase(session, "nodata", "Error", "metric result is nil or empty");
        awaitPhase(session, "unsupported", "Error", "metric provider 'graphite' is not supported");
        assertThat(status(session, "good").at("/metricResults/0/measurements/0/value").asText())
                .isEqualTo("[0.97]");
        assertThat(status(session, "nan").at("/metricResults/0/measurements/0/value").asText())
                .isEqualTo("[NaN]");
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(
                                                session.client()
                                                        .v1()
                                                        .events()
                                                        .inNamespace(session.namespace())
                                                        .list()
                                                        .getItems())
                                        .extracting(
                                                event ->
                                                        event.getInvolvedObject().getName()
                                                                + " "
                                                                + event.getReason())
                                        .contains(
                                                "bad MetricFailed",
                                                "bad AnalysisRunFailed",
                                                "good AnalysisRunSuccessful"));
    }

    private static void masksSecrets(StackSession session) {
        session.client()
                .secrets()
                .inNamespace(session.namespace())
                .resource(
                        new SecretBuilder()
                                .withNewMetadata()
                                .withName("token")
                                .endMetadata()
                                .addToStringData("value", SECRET)
                                .build())
                .create();
        create(
                session,
                "secret",
                "'args':[{'name':'t','valueFrom':{'secretKeyRef':{'name':'token','key':'value'}}}],"
                        + prometheus(
                                session,
                                "label_replace(vector(1), `x`, `{{args.t}}`, ``, ``)",
                                "result[0] == 1"));
        create(
                session,
                "nokey",
                "'args':[{'name':'t','valueFrom':{'secretKeyRef':{'name':'token','key':'other'}}}],"
                        + prometheus(session, "vector({{args.t}})", "result[0] == 1"));
        awaitPhase(session, "secret", "Successful", "");
        awaitPhase(
                session,
                "nokey",
                "Error",
                "Unable to resolve metric arguments: key 'other' does not exist in secret 'token'");
        assertThat(status(session, "secret").toString()).contains("*****").doesNotContain(SECRET);
    }

    private static void runsJobs(StackSession session) {
        create(
                session,
                "job",
                "'metrics':[{'name':'check','provider':{'job':{'spec':{'suspend':true,'template':{'spec':{'restartPolicy':'Never',"
                        + "'containers':[{'name':'c','image':'i'}]}}}}}}]");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(jobs(session)).hasSize(1));
        Job job = jobs(session).getFirst();
        assertThat(job.getMetadata().getName()).endsWith(".check.1");
        assertThat(job.getMetadata().getOwnerReferences()).hasSize(1);
        session.client()
                .genericKubernetesResources("argoproj.io/v1alpha1", "AnalysisRun")
                .inNamespace(session.namespace())
                .withName("job")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"terminate\":true}}");
        awaitPhase(
                session,
                "job",
                "Inconclusive",
                "Metric \"check\" assessed Inconclusive due to inconclusive (1) > inconclusiveLimit (0)");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(jobs(session)).isEmpty());
    }

    private static List<Job> jobs(StackSession session) {
        return session.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(session.namespace())
                .list()
                .getItems();
    }

    private static void refusesWhatItCannotUse(StackSession session) {
        create(
                session,
                "invalid",
                "'metrics':[{'name':'m','count':3,'provider':{'web':{'url':'http://x'}}}]");
        awaitPhase(
                session,
                "invalid",
                "Error",
                "Analysis spec invalid: metrics[0]: interval must be specified when count > 1");
    }

    private static void publishesEachFactOnce(StackSession session, ServiceProcess service) {
        String uid =
                session.client()
                        .genericKubernetesResources("argoproj.io/v1alpha1", "AnalysisRun")
                        .inNamespace(session.namespace())
                        .withName("bad")
                        .get()
                        .getMetadata()
                        .getUid();
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", service.environment().get("KAFKA_BOOTSTRAP_SERVERS"));
        settings.put("auto.offset.reset", "earliest");
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            String topic = session.topicPrefix() + "sluice.analysis.v1";
            Map<String, Integer> seen = new HashMap<>();
            StringBuilder bodies = new StringBuilder();
            consumer.assign(
                    consumer.partitionsFor(topic).stream()
                            .map(p -> new TopicPartition(topic, p.partition()))
                            .toList());
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> {
                                for (ConsumerRecord<String, String> entry :
                                        consumer.poll(Duration.ofMillis(200))) {
                                    bodies.append(entry.value());
                                    if (uid.equals(entry.key())) {
                                        String id =
                                                new String(
                                                        entry.headers().lastHeader("ce_id").value(),
                                                        StandardCharsets.UTF_8);
                                        seen.merge(id, 1, Integer::sum);
                                    }
                                }
                                assertThat(new TreeSet<>(seen.keySet()))
                                        .containsExactly(
                                                uid + "/measurement/m/1",
                                                uid + "/result",
                                                uid + "/started");
                            });
            assertThat(seen.values()).containsOnly(1);
            assertThat(bodies.toString()).doesNotContain(SECRET);
        }
    }

    private static void measuresItself(StackSession session, ServiceProcess service)
            throws Exception {
        assertThat(metrics(service))
                .contains(
                        "analysis_run_info{name=\"bad\",namespace=\""
                                + session.namespace()
                                + "\",phase=\"Failed\"");
        session.client()
                .genericKubernetesResources("argoproj.io/v1alpha1", "AnalysisRun")
                .inNamespace(session.namespace())
                .withName("bad")
                .delete();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(metrics(service)).doesNotContain("name=\"bad\""));
    }

    private static String metrics(ServiceProcess service) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(service.url() + "/q/metrics"))
                                    .header("Accept", "text/plain")
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static String prometheus(StackSession session, String query, String success) {
        return "'metrics':[{'name':'m','successCondition':'%s','provider':{'prometheus':{'address':'%s','query':'%s'}}}]"
                .formatted(success, session.stack().prometheus().url(), query);
    }

    private static void create(StackSession session, String name, String spec) {
        String yaml =
                "{'apiVersion':'argoproj.io/v1alpha1','kind':'AnalysisRun','metadata':{'name':'%s','namespace':'%s'},'spec':{%s}}"
                        .formatted(name, session.namespace(), spec)
                        .replace('\'', '"');
        session.client().resource(yaml).create();
    }

    private static JsonNode status(StackSession session, String name) {
        GenericKubernetesResource run =
                session.client()
                        .genericKubernetesResources("argoproj.io/v1alpha1", "AnalysisRun")
                        .inNamespace(session.namespace())
                        .withName(name)
                        .get();
        return JSON.valueToTree(run).path("status");
    }

    private static void awaitPhase(
            StackSession session, String name, String phase, String message) {
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> {
                            JsonNode status = status(session, name);
                            assertThat(status.path("phase").asText())
                                    .as("%s: %s", name, status)
                                    .isEqualTo(phase);
                            assertThat(status.path("message").asText("")).contains(message);
                        });
    }
}
