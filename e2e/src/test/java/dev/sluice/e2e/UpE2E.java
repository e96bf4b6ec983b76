package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.cli.Main;
import dev.sluice.testkit.Caches;
import dev.sluice.testkit.Commands;
import dev.sluice.testkit.LocalStack;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.Projects;
import dev.sluice.testkit.StackOptions;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// `./sluice up --kubeconfig`: the services on this machine against a cluster that is there
/// already,
/// and which of its objects they take for theirs.
class UpE2E {
    private static final String NAME = "up-e2e-" + ProcessHandle.current().pid();
    private static final String LABEL = "argo-rollouts.argoproj.io/controller-instance-id";
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int NOT_RUNNING = 3;
    private static final Pattern OWNER =
            Pattern.compile("running in the background \\(pid (\\d+)\\)");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LocalStack cluster =
            LocalStack.start(StackOptions.of(Part.NODES).withName("bare"));
    private final KubernetesClient client = cluster.controlPlane().client();

    /// One line of `status`.
    private record Row(String part, long pid, String address, boolean isHealthy) {}

    @AfterEach
    void stop() throws IOException {
        try (var _ = cluster) {
            sluice("down", "--name", NAME);
            Path state = Caches.root().resolve("run").resolve(NAME);
            Files.deleteIfExists(state.resolve("up.log"));
            Files.deleteIfExists(state);
        }
    }

    @Test
    void replicasShareTheObjectsOfTheirInstanceIdAndGoWithoutATrace() {
        assertThat(crds()).isEmpty();
        ProcessHandle owner = up("--crds", "--replicas", "2", "--instance-id", "mine");
        List<ProcessHandle> everything = withDescendants(owner);
        assertThat(crds()).contains("rollouts.argoproj.io", "applications.argoproj.io");
        List<Row> services = services();
        assertThat(services).hasSize(8).allMatch(Row::isHealthy);
        assertThat(status().code()).isZero();

        awaitPartitionsOfTwo();
        create("nobodys", "");
        create("others", "  labels: {%s: other}\n".formatted(LABEL));
        List<String> mine = IntStream.range(0, 16).mapToObj(i -> "mine" + i).toList();
        mine.forEach(name -> create(name, "  labels: {%s: mine}\n".formatted(LABEL)));
        mine.forEach(this::awaitHealthy);
        assertEachIsWorkedOnByOneReplica(mine);

        Row victim = named(services, "rollout-service-2");
        kill9(victim.pid());
        assertThat(status().code()).isEqualTo(1);
        assertThat(services().stream().filter(row -> !row.isHealthy()).map(Row::part))
                .containsExactly(victim.part());
        mine.forEach(name -> setImage(name, "example.test/app:v2"));
        mine.forEach(name -> awaitStable(name, "example.test/app:v2"));
        // All that time nobody has touched what has another label, or none.
        for (String name : List.of("nobodys", "others")) {
            assertThat(rollout(name).path("status")).as(name).isEmpty();
            assertThat(client.apps().replicaSets().withLabel("app", name).list().getItems())
                    .isEmpty();
        }

        assertThat(sluice("down", "--name", NAME).code()).isZero();
        assertGone(everything);
        assertThat(status().code()).isEqualTo(NOT_RUNNING);
        assertThat(rollout("mine0").at("/status/phase").asText()).isEqualTo("Healthy");
    }

    @Test
    void nothingOutlivesALauncherThatIsKilled() {
        ProcessHandle owner = up("--crds");
        assertThat(services()).hasSize(4).allMatch(Row::isHealthy);
        List<ProcessHandle> everything = withDescendants(owner);
        assertThat(everything.stream().map(ProcessHandle::pid))
                .containsAll(services().stream().map(Row::pid).toList());

        kill9(owner.pid());
        assertGone(everything);
        assertThat(status().code()).isEqualTo(NOT_RUNNING);
        Commands.Result down = sluice("down", "--name", NAME);
        assertThat(down.code()).as(down.output()).isZero();
        assertThat(down.output()).contains("not running");
    }

    /// Starts the stack in the background; answers the process that keeps it up.
    private ProcessHandle up(String... options) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "up",
                                "--detach",
                                "--name",
                                NAME,
                                "--kubeconfig",
                                cluster.controlPlane().kubeconfig().toString()));
        arguments.addAll(List.of(options));
        Commands.Result result = sluice(arguments.toArray(String[]::new));
        assertThat(result.code()).as(result.output()).isZero();
        Matcher owner = OWNER.matcher(result.output());
        assertThat(owner.find()).as(result.output()).isTrue();
        return ProcessHandle.of(Long.parseLong(owner.group(1))).orElseThrow();
    }

    /// The command line in a JVM of its own, as the launcher runs it.
    private static Commands.Result sluice(String... arguments) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-Dsluice.root=" + Projects.root(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName()));
        command.addAll(List.of(arguments));
        return Commands.run(Path.of("."), Map.of("QUIET", "0"), command);
    }

    private static Commands.Result status() {
        return sluice("status", "--name", NAME);
    }

    private static List<Row> rows() {
        return status().output()
                .lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(cells -> cells.length == 4 && cells[3].matches("yes|no"))
                .map(
                        cells ->
                                new Row(
                                        cells[0],
                                        cells[1].equals("-") ? 0 : Long.parseLong(cells[1]),
                                        cells[2],
                                        cells[3].equals("yes")))
                .toList();
    }

    private static List<Row> services() {
        return rows().stream()
                .filter(row -> row.part().matches("(sync|rollout|analysis|router)-service(-2)?"))
                .toList();
    }

    private static Row named(List<Row> rows, String part) {
        return rows.stream().filter(row -> row.part().equals(part)).findAny().orElseThrow();
    }

    /// Both replicas of rollout-service have partitions, and no partition has two owners.
    private static void awaitPartitionsOfTwo() {
        Map<String, Object> settings =
                Map.of(
                        AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                        named(rows(), "kafka").address());
        try (Admin admin = Admin.create(settings)) {
            // Until the first one has joined there is no group to ask for.
            await().atMost(LIMIT)
                    .ignoreExceptionsInstanceOf(ExecutionException.class)
                    .untilAsserted(
                            () -> {
                                List<Set<TopicPartition>> shares =
                                        admin
                                                .describeConsumerGroups(List.of("sluice-rollout"))
                                                .all()
                                                .get()
                                                .values()
                                                .stream()
                                                .flatMap(group -> group.members().stream())
                                                .map(member -> member.assignment())
                                                .map(share -> share.topicPartitions())
                                                .toList();
                                assertThat(shares).hasSize(2).noneMatch(Set::isEmpty);
                                assertThat(shares.getFirst())
                                        .doesNotContainAnyElementsOf(shares.getLast());
                            });
        }
    }

    /// A replica shows the metrics of what it works on.
    private static void assertEachIsWorkedOnByOneReplica(List<String> names) {
        List<Row> replicas =
                services().stream()
                        .filter(row -> row.part().startsWith("rollout-service"))
                        .toList();
        assertThat(replicas).hasSize(2);
        await().atMost(LIMIT)
                .untilAsserted(
                        () -> {
                            List<List<String>> shares =
                                    replicas.stream().map(row -> shownBy(row, names)).toList();
                            assertThat(shares).noneMatch(List::isEmpty);
                            assertThat(shares.stream().flatMap(List::stream))
                                    .containsExactlyInAnyOrderElementsOf(names);
                        });
    }

    private static List<String> shownBy(Row replica, List<String> names) {
        String series =
                get(replica.address() + "/q/metrics")
                        .lines()
                        .filter(line -> line.startsWith("rollout_info{"))
                        .collect(Collectors.joining("\n"));
        return names.stream().filter(name -> series.contains("name=\"" + name + "\"")).toList();
    }

    private static String get(String url) {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create(url)).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static List<ProcessHandle> withDescendants(ProcessHandle owner) {
        return Stream.concat(Stream.of(owner), owner.descendants()).toList();
    }

    private static void assertGone(List<ProcessHandle> processes) {
        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThat(processes.stream().filter(ProcessHandle::isAlive))
                                        .extracting(one -> one.pid() + " " + one.info())
                                        .isEmpty());
    }

    /// Java's forcible end is `kill -9` on every Unix.
    private static void kill9(long pid) {
        ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
        process.destroyForcibly();
        process.onExit().join();
    }

    private List<String> crds() {
        return client.apiextensions().v1().customResourceDefinitions().list().getItems().stream()
                .map(crd -> crd.getMetadata().getName())
                .toList();
    }

    /// A canary of one pod.
    ///
    /// @param labels YAML
    private void create(String name, String labels) {
        String steps = "[{setWeight: 50}, {pause: {duration: 1s}}]";
        String manifest =
                Manifests.canary(name, 1, steps, "")
                        .replace("  namespace: NAMESPACE\n", "  namespace: default\n" + labels);
        client.resource(manifest).create();
    }

    private JsonNode rollout(String name) {
        GenericKubernetesResource found =
                client.genericKubernetesResources(Installation.API, "Rollout")
                        .inNamespace("default")
                        .withName(name)
                        .get();
        assertThat(found).as(name).isNotNull();
        return JSON.valueToTree(found);
    }

    private void setImage(String name, String image) {
        client.genericKubernetesResources(Installation.API, "Rollout")
                .inNamespace("default")
                .withName(name)
                .patch(
                        PatchContext.of(PatchType.JSON),
                        "[{\"op\":\"replace\",\"path\":\"/spec/template/spec/containers/0/image\","
                                + "\"value\":\"%s\"}]".formatted(image));
    }

    private void awaitHealthy(String name) {
        awaitStable(name, "example.test/app:v1");
    }

    private void awaitStable(String name, String image) {
        await().atMost(LIMIT)
                .untilAsserted(
                        () -> {
                            JsonNode found = rollout(name);
                            JsonNode status = found.path("status");
                            assertThat(found.at("/spec/template/spec/containers/0/image").asText())
                                    .isEqualTo(image);
                            assertThat(status.path("observedGeneration").asText())
                                    .isEqualTo(found.at("/metadata/generation").asText());
                            assertThat(status.path("phase").asText())
                                    .as(status.toString())
                                    .isEqualTo("Healthy");
                            assertThat(status.path("stableRS").asText())
                                    .isEqualTo(status.path("currentPodHash").asText());
                        });
    }
}
