package dev.sluice.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.events.EventCodec;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.StackSession;
import dev.sluice.testkit.Workspace;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;

/// The packaged service in a namespace of its own, what a user does there, and what comes of it.
final class RolloutDriver implements AutoCloseable {
    static final String HASH = "rollouts-pod-template-hash";

    private final Workspace workspace;
    private final ServiceProcess service;

    private RolloutDriver(Workspace workspace, ServiceProcess service) {
        this.workspace = workspace;
        this.service = service;
    }

    static RolloutDriver start(StackSession session) {
        return new RolloutDriver(
                session.workspace(),
                ServiceProcess.start(
                        "rollout-service", session.stack(), session.serviceEnvironment()));
    }

    Workspace workspace() {
        return workspace;
    }

    KubernetesClient client() {
        return workspace.client();
    }

    String namespace() {
        return workspace.namespace();
    }

    void restartService() {
        service.restart();
    }

    void apply(String manifests) {
        workspace.apply(manifests);
    }

    String plugin(String... arguments) {
        return workspace.plugin(arguments);
    }

    static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(150));
    }

    /// The phase is for the newest spec, and stays what it is because nothing is left to do.
    void settled(String rollout, String phase) {
        soon().untilAsserted(
                        () ->
                                assertThat(workspace.phase(rollout))
                                        .as(() -> status(rollout).toString())
                                        .isEqualTo(phase));
    }

    JsonNode rollout(String name) {
        return workspace.rollout(name);
    }

    JsonNode status(String rollout) {
        return rollout(rollout).path("status");
    }

    /// Those of a Rollout, by the version of their image: a revision that is rolled back to gets
    /// a new number.
    List<ReplicaSet> replicaSets(String app) {
        return client()
                .apps()
                .replicaSets()
                .inNamespace(namespace())
                .withLabel("app", app)
                .withLabel(HASH)
                .list()
                .getItems()
                .stream()
                .sorted(Comparator.comparing(RolloutDriver::image))
                .toList();
    }

    private static String image(ReplicaSet rs) {
        return rs.getSpec().getTemplate().getSpec().getContainers().getFirst().getImage();
    }

    /// Wanted pods of each of them.
    List<Integer> replicas(String app) {
        return replicaSets(app).stream().map(rs -> rs.getSpec().getReplicas()).toList();
    }

    Service service(String name) {
        Service found = client().services().inNamespace(namespace()).withName(name).get();
        assertThat(found).as(name).isNotNull();
        return found;
    }

    /// Reasons of the Events about objects of this name.
    List<String> reasons(String name) {
        return eventsOf(name).map(Event::getReason).toList();
    }

    List<String> messages(String name) {
        return eventsOf(name).map(Event::getMessage).toList();
    }

    private Stream<Event> eventsOf(String name) {
        return client().v1().events().inNamespace(namespace()).list().getItems().stream()
                .filter(e -> e.getInvolvedObject().getName().equals(name));
    }

    /// What the service's own HTTP interface answers.
    String get(String path) {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(service.url() + path))
                        .timeout(Duration.ofSeconds(10))
                        .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    JsonNode getJson(String path) {
        try {
            return EventCodec.mapper().readTree(get(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        service.close();
    }
}
