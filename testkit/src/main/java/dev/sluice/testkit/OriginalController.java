package dev.sluice.testkit;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/// The Argo Rollouts controller as its makers ship it, at work on the Rollouts of one namespace.
public final class OriginalController implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration GRACE = Duration.ofSeconds(15);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final GuardedProcess process;
    private final int metricsPort;

    private OriginalController(GuardedProcess process, int metricsPort) {
        this.process = process;
        this.metricsPort = metricsPort;
    }

    /// Starts it and waits until it answers.
    public static OriginalController start(LocalStack stack, String namespace) {
        int metricsPort = stack.reservePort();
        int healthPort = stack.reservePort();
        var spec =
                GuardedProcess.Spec.of(
                                "rollouts-controller",
                                List.of(
                                        stack.binaries()
                                                .path(Tool.ARGO_ROLLOUTS_CONTROLLER)
                                                .toString(),
                                        "--kubeconfig=" + stack.controlPlane().kubeconfig(),
                                        "--namespaced",
                                        "--namespace=" + namespace,
                                        "--leader-elect=false",
                                        "--metricsPort=" + metricsPort,
                                        "--healthzPort=" + healthPort),
                                stack.folder())
                        .withLog(stack.folder().resolve("original-" + namespace + ".log"));
        long start = System.nanoTime();
        var original = new OriginalController(GuardedProcess.start(spec), metricsPort);
        stack.adopt(original);
        if (!Await.ready(original.process, LIMIT, () -> original.isServing(healthPort))) {
            throw new StackException(
                    "the original controller ended while starting:%n%s"
                            .formatted(original.tail(25)));
        }
        Progress.say("original controller ready (%s)", Progress.elapsed(Progress.since(start)));
        return original;
    }

    private boolean isServing(int healthPort) {
        return get("http://127.0.0.1:%d/healthz".formatted(healthPort)).startsWith("ok")
                && !get(metricsUrl()).isEmpty();
    }

    /// Where it tells its metrics.
    public String metricsUrl() {
        return "http://127.0.0.1:%d/metrics".formatted(metricsPort);
    }

    /// The body; nothing when there is no good answer.
    private static String get(String url) {
        var request =
                HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(5)).build();
        try {
            var answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 ? answer.body() : "";
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    /// The end of its log.
    public String tail(int lines) {
        return process.tail(lines);
    }

    /// Ends it without warning.
    public void kill9() {
        process.kill9();
    }

    /// Ends it in order.
    public void stop() {
        process.stop(GRACE);
    }

    @Override
    public void close() {
        kill9();
    }
}
