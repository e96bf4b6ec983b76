package dev.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SluiceStack(
        value = {Part.NODES, Part.KAFKA, Part.POSTGRES, Part.PROMETHEUS, Part.GIT},
        crds = false)
class LocalStackIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void deploymentBecomesAvailable(StackSession session) {
        // Given
        var deployment =
                new DeploymentBuilder()
                        .withNewMetadata()
                        .withName("web")
                        .withNamespace(session.namespace())
                        .endMetadata()
                        .withNewSpec()
                        .withReplicas(2)
                        .withNewSelector()
                        .addToMatchLabels("app", "web")
                        .endSelector()
                        .withTemplate(pod("web", "Always", Map.of()))
                        .endSpec()
                        .build();

        // When
        session.client().resource(deployment).create();

        // Then
        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(
                                                session.client()
                                                        .resource(deployment)
                                                        .get()
                                                        .getStatus()
                                                        .getAvailableReplicas())
                                        .isEqualTo(2));
    }

    @Test
    void podsStayUnreadyWhenToldTo(StackSession session) {
        // Given
        var pod =
                new io.fabric8.kubernetes.api.model.PodBuilder()
                        .withNewMetadata()
                        .withName("broken")
                        .withNamespace(session.namespace())
                        .addToAnnotations("sluice.dev/simulate-ready", "false")
                        .endMetadata()
                        .withSpec(pod("broken", "Always", Map.of()).getSpec())
                        .build();

        // When
        session.client().resource(pod).create();

        // Then
        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(session.client().resource(pod).get().getStatus())
                                        .satisfies(
                                                status -> {
                                                    assertThat(status.getPhase())
                                                            .isEqualTo("Running");
                                                    assertThat(status.getConditions())
                                                            .anyMatch(
                                                                    condition ->
                                                                            condition
                                                                                            .getType()
                                                                                            .equals(
                                                                                                    "Ready")
                                                                                    && condition
                                                                                            .getStatus()
                                                                                            .equals(
                                                                                                    "False"));
                                                }));
    }

    @Test
    void jobsEndAsTheirAnnotationSays(StackSession session) {
        // When
        createJob(session, "good", Map.of());
        createJob(session, "bad", Map.of("sluice.dev/simulate-exit", "3"));

        // Then
        var jobs = session.client().batch().v1().jobs().inNamespace(session.namespace());
        await().atMost(LIMIT)
                .untilAsserted(
                        () -> {
                            assertThat(jobs.withName("good").get().getStatus().getSucceeded())
                                    .isEqualTo(1);
                            assertThat(jobs.withName("bad").get().getStatus().getFailed())
                                    .isEqualTo(1);
                        });
    }

    @Test
    void kafkaKeepsItsRecordsThroughKill9(StackSession session) throws Exception {
        // Given
        var topic = session.topicPrefix() + "survives";
        send(session, topic, "before");

        // When
        session.stack().kafka().kill9();
        session.stack().kafka().restart();
        send(session, topic, "after");

        // Then
        assertThat(receive(session, topic, 2)).containsExactlyInAnyOrder("before", "after");
    }

    @Test
    void postgresKeepsItsRowsThroughARestart(StackSession session) throws Exception {
        // Given
        execute(session, "create table kept (id int)");
        execute(session, "insert into kept values (42)");

        // When
        session.stack().postgres().stop();
        session.stack().postgres().restart();

        // Then
        try (var connection = session.stack().postgres().connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("select id from kept")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(42);
        }
    }

    @Test
    void prometheusScrapesWhatItIsTold(StackSession session) {
        // Given
        var prometheus = session.stack().prometheus();

        // When
        prometheus.scrape(
                new Prometheus.ScrapeJob(
                        "itself",
                        "/metrics",
                        List.of(prometheus.url().substring("http://".length()))));

        // Then
        await().atMost(LIMIT)
                .untilAsserted(
                        () -> assertThat(prometheus.query("up{job=\"itself\"}")).contains("\"1\""));
    }

    @Test
    void gitServesCommitsAndTakesPushesOverHttp(StackSession session, @TempDir Path folder)
            throws Exception {
        // Given
        var repository = session.stack().git().createRepository("shop");
        var commit = repository.commit("first", Map.of("app/web.yaml", "kind: Service\n"));
        var clone = folder.resolve("clone");

        // When
        git(folder, "clone", "--quiet", repository.url(), clone.toString());
        Files.writeString(clone.resolve("more.txt"), "x".repeat(2_000_000));
        git(clone, "add", "--all");
        git(
                clone,
                "-c",
                "user.name=a",
                "-c",
                "user.email=a@example.test",
                "commit",
                "-qm",
                "second");
        git(clone, "push", "--quiet", "origin", "HEAD");

        // Then
        assertThat(clone.resolve("app/web.yaml")).hasContent("kind: Service");
        assertThat(git(clone, "ls-remote", repository.url(), "refs/heads/main"))
                .contains(git(clone, "rev-parse", "HEAD").strip())
                .doesNotContain(commit);
    }

    @Test
    void stacksRunSideBySide(StackSession session) {
        try (var other =
                LocalStack.start(StackOptions.of(Part.API, Part.POSTGRES).withName("other"))) {
            assertThat(other.controlPlane().server())
                    .isNotEqualTo(session.stack().controlPlane().server());
            assertThat(
                            other.controlPlane()
                                    .client()
                                    .namespaces()
                                    .withName(session.namespace())
                                    .get())
                    .isNull();
        }
    }

    private static void createJob(
            StackSession session, String name, Map<String, String> annotations) {
        session.client()
                .resource(
                        new JobBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .withNamespace(session.namespace())
                                .endMetadata()
                                .withNewSpec()
                                .withBackoffLimit(0)
                                .withTemplate(pod(name, "Never", annotations))
                                .endSpec()
                                .build())
                .create();
    }

    private static PodTemplateSpec pod(
            String app, String restart, Map<String, String> annotations) {
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .addToLabels("app", app)
                .addToAnnotations(annotations)
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy(restart)
                .addNewContainer()
                .withName("main")
                .withImage("example.test/app:1")
                .endContainer()
                .endSpec()
                .build();
    }

    private static void send(StackSession session, String topic, String value)
            throws ExecutionException, InterruptedException {
        Map<String, Object> config =
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        session.stack().kafka().bootstrapServers());
        try (var producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, "key", value)).get();
        }
    }

    private static List<String> receive(StackSession session, String topic, int count) {
        Map<String, Object> config =
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        session.stack().kafka().bootstrapServers(),
                        ConsumerConfig.GROUP_ID_CONFIG,
                        topic,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest");
        var values = new ArrayList<String>();
        try (var consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            await().atMost(LIMIT)
                    .untilAsserted(
                            () -> {
                                consumer.poll(Duration.ofMillis(200))
                                        .forEach(entry -> values.add(entry.value()));
                                assertThat(values).hasSizeGreaterThanOrEqualTo(count);
                            });
        }
        return values;
    }

    private static void execute(StackSession session, String sql) throws SQLException {
        try (var connection = session.stack().postgres().connect();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String git(Path folder, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        var process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
