package dev.sluice.testkit;

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
import java.util.stream.Collectors;

/// A real Prometheus that scrapes every second what it is told to.
public final class Prometheus implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(45);
    private static final int PORT_ATTEMPTS = 3;

    private final Path folder;
    private final int port;
    private final GuardedProcess process;
    private final HttpClient http;
    private final List<ScrapeJob> jobs = new ArrayList<>();

    /// One job of the scrape configuration.
    ///
    /// @param targets `host:port` each
    public record ScrapeJob(String name, String metricsPath, List<String> targets) {
        public ScrapeJob {
            targets = List.copyOf(targets);
        }
    }

    private Prometheus(Path folder, int port, GuardedProcess process, HttpClient http) {
        this.folder = folder;
        this.port = port;
        this.process = process;
        this.http = http;
    }

    static Prometheus start(Path folder, Ports ports, Binaries binaries) {
        var program = binaries.prometheus();
        configure(Folders.create(folder), List.of());
        for (int attempt = 1; ; attempt++) {
            int port = ports.reserve();
            var process =
                    GuardedProcess.start(
                            GuardedProcess.Spec.of(
                                    "prometheus",
                                    List.of(
                                            program.toString(),
                                            "--config.file=" + folder.resolve("prometheus.yml"),
                                            "--storage.tsdb.path=" + folder.resolve("data"),
                                            "--web.listen-address=127.0.0.1:" + port,
                                            "--web.enable-lifecycle",
                                            "--log.level=warn"),
                                    folder));
            var prometheus = new Prometheus(folder, port, process, HttpClient.newHttpClient());
            if (Await.ready(process, LIMIT, () -> prometheus.get("/-/ready").statusCode() == 200)) {
                return prometheus;
            }
            if (attempt == PORT_ATTEMPTS) {
                throw new StackException("Prometheus did not start: " + process.tail(10));
            }
            prometheus.http.close();
        }
    }

    private static void configure(Path folder, List<ScrapeJob> jobs) {
        var text =
                """
                global:
                  scrape_interval: 1s
                  scrape_timeout: 1s
                  evaluation_interval: 1s
                scrape_configs: [%s]
                """
                        .formatted(
                                jobs.stream()
                                        .map(Prometheus::yaml)
                                        .collect(Collectors.joining(", ")));
        try {
            Files.writeString(folder.resolve("prometheus.yml"), text);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write Prometheus' configuration", e);
        }
    }

    private static String yaml(ScrapeJob job) {
        return "{job_name: \"%s\", metrics_path: \"%s\", static_configs: [{targets: [%s]}]}"
                .formatted(
                        job.name(),
                        job.metricsPath(),
                        job.targets().stream()
                                .map(target -> '"' + target + '"')
                                .collect(Collectors.joining(", ")));
    }

    /// Adds the job, in place of one with the same name, and reloads at once.
    public synchronized void scrape(ScrapeJob job) {
        jobs.removeIf(known -> known.name().equals(job.name()));
        jobs.add(job);
        configure(folder, jobs);
        var answer =
                send(
                        HttpRequest.newBuilder(at("/-/reload"))
                                .POST(HttpRequest.BodyPublishers.noBody()));
        if (answer.statusCode() != 200) {
            throw new StackException("Prometheus did not reload: " + answer.body());
        }
    }

    /// Takes the job away.
    public synchronized void forget(String jobName) {
        if (jobs.removeIf(known -> known.name().equals(jobName))) {
            configure(folder, jobs);
            send(HttpRequest.newBuilder(at("/-/reload")).POST(HttpRequest.BodyPublishers.noBody()));
        }
    }

    /// The answer of the instant query API, as JSON text.
    public String query(String expression) {
        return get("/api/v1/query?query="
                        + java.net.URLEncoder.encode(
                                expression, java.nio.charset.StandardCharsets.UTF_8))
                .body();
    }

    public String url() {
        return "http://127.0.0.1:" + port;
    }

    private URI at(String path) {
        return URI.create(url() + path);
    }

    private HttpResponse<String> get(String path) {
        return send(HttpRequest.newBuilder(at(path)));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(
                    request.timeout(Duration.ofSeconds(10)).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException("Prometheus does not answer at " + url(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StackException("interrupted while asking Prometheus", e);
        }
    }

    GuardedProcess process() {
        return process;
    }

    @Override
    public void close() {
        http.close();
        process.kill9();
    }
}
