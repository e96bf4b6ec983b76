package dev.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@SluiceStack(value = Part.NODES, crds = false)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AnsweringNodeIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private AnsweringNode node;

    @BeforeAll
    void start(StackSession session) {
        AnsweringNode.obstacle()
                .ifPresent(
                        why -> {
                            System.err.println("SKIPPED: pods that answer: " + why);
                            Assumptions.abort(why);
                        });
        node = AnsweringNode.start(session.stack());
    }

    @AfterAll
    void stop() {
        if (node != null) {
            node.close();
        }
    }

    @Test
    void aPodAnswersFromReadyUntilItIsGone(StackSession session) throws Exception {
        // Given
        session.client()
                .resource(
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata:
                          name: web
                          namespace: %s
                          labels: {rollouts-pod-template-hash: abc}
                        spec:
                          terminationGracePeriodSeconds: 600
                          containers: [{name: app, image: example.test/app:v1}]
                        """
                                        .formatted(session.namespace())
                                + AnsweringNode.POD_SPEC.indent(2))
                .create();
        var pod = session.client().pods().inNamespace(session.namespace()).withName("web");

        // Then
        await().atMost(LIMIT).until(() -> isReady(pod.get()));
        var address = "http://%s:%d/".formatted(pod.get().getStatus().getPodIP(), node.port());
        assertServes(address);

        // When
        pod.delete();

        // Then
        await().atMost(LIMIT).until(() -> pod.get().getMetadata().getDeletionTimestamp() != null);
        assertServes(address);

        // When
        pod.withGracePeriod(0).delete();

        // Then
        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                assertThatThrownBy(() -> ask(address))
                                        .isInstanceOf(IOException.class));
    }

    private static boolean isReady(Pod pod) {
        return pod.getStatus().getConditions().stream()
                .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
    }

    private static void assertServes(String address) throws Exception {
        var answer = ask(address);
        assertThat(answer.statusCode()).isEqualTo(HttpURLConnection.HTTP_OK);
        assertThat(answer.headers().firstValue(AnsweringNode.POD_HEADER)).contains("web");
        assertThat(answer.headers().firstValue(AnsweringNode.REVISION_HEADER)).contains("abc");
    }

    private static HttpResponse<Void> ask(String address) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(URI.create(address)).build(),
                    HttpResponse.BodyHandlers.discarding());
        }
    }
}
