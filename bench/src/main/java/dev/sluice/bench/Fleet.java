package dev.sluice.bench;

import dev.sluice.testkit.LocalStack;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.Progress;
import dev.sluice.testkit.Projects;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.StackOptions;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.IntConsumer;

/// Many rollouts through one release at the same time.
final class Fleet {
    private static final String NAMESPACE = "fleet";
    private static final String API = "argoproj.io/v1alpha1";
    private static final int STEPS = 4;

    /// Longer than any router's drain bound: a release that starts before the last one's routes
    /// have settled waits for them, which is not what is measured here.
    private static final Duration SETTLING = Duration.ofSeconds(13);

    /// As many clients at once as a busy Git sync would be.
    private static final int PARALLEL = 8;

    private final int rollouts;
    private final int replicas;
    private final Duration pause;
    private final int routed;
    private final HttpClient http = HttpClient.newHttpClient();

    Fleet(int rollouts, int replicas, Duration pause, int routerPercent) {
        this.rollouts = rollouts;
        this.replicas = replicas;
        this.pause = pause;
        this.routed = rollouts * Math.min(100, routerPercent) / 100;
    }

    /// Runs and prints; answers whether every release ended as it must.
    boolean run(PrintStream out) {
        int nodes = Math.max(2, (rollouts * replicas * 2) / 100 + 1);
        StackOptions options =
                StackOptions.of(Part.API, Part.NODES, Part.KAFKA, Part.POSTGRES)
                        .withName("bench-fleet")
                        .withNodes(nodes)
                        .withCrds(Projects.crds());
        try (LocalStack stack = LocalStack.start(options);
                ServiceProcess rollout = ServiceProcess.start("rollout-service", stack, Map.of());
                ServiceProcess router = ServiceProcess.start("router-service", stack, Map.of())) {
            KubernetesClient client = stack.controlPlane().client();
            client.resource(
                            new NamespaceBuilder()
                                    .withNewMetadata()
                                    .withName(NAMESPACE)
                                    .endMetadata()
                                    .build())
                    .create();
            try (Observations seen = new Observations(client, NAMESPACE)) {
                if (!warmUp(client, seen)) {
                    out.println("not all rollouts came through the warm-up; nothing was measured");
                    return false;
                }
            }
            try (Observations seen = new Observations(client, NAMESPACE)) {
                return release(client, List.of(rollout, router), seen, out);
            }
        }
    }

    /// Creation and one release that nobody measures, until the routes have settled.
    private boolean warmUp(KubernetesClient client, Observations seen) {
        Progress.say("creating %d rollouts, %d with a router", rollouts, routed);
        seen.expect(rollouts);
        inParallel(
                number -> {
                    seen.released(name(number), "v1", Instant.now());
                    create(client, number);
                });
        if (seen.await(limit()) > 0) {
            return false;
        }
        pauseFor(SETTLING);
        Progress.say("one release to warm up");
        seen.expect(rollouts);
        inParallel(number -> setImage(client, seen, number, "v2"));
        boolean isDone = seen.await(limit()) == 0;
        pauseFor(SETTLING);
        return isDone;
    }

    private boolean release(
            KubernetesClient client,
            List<ServiceProcess> services,
            Observations seen,
            PrintStream out) {
        List<Map<String, Long>> writesBefore = services.stream().map(this::writes).toList();
        List<ServiceProcess.Usage> usageBefore =
                services.stream().map(ServiceProcess::usage).toList();
        Progress.say("releasing all of them");
        seen.expect(rollouts);
        Instant start = Instant.now();
        inParallel(number -> setImage(client, seen, number, "v3"));
        long missing = seen.await(limit());
        Duration wall = Duration.between(start, Instant.now());
        // The last scale-downs and events belong to the release too.
        pauseFor(Duration.ofSeconds(3));
        print(out, seen, services, writesBefore, usageBefore, wall, missing);
        return missing == 0;
    }

    private Duration limit() {
        return Duration.ofSeconds(120 + rollouts).plus(pause.multipliedBy(STEPS));
    }

    private void print(
            PrintStream out,
            Observations seen,
            List<ServiceProcess> services,
            List<Map<String, Long>> writesBefore,
            List<ServiceProcess.Usage> usageBefore,
            Duration wall,
            long missing) {
        Duration floor = pause.multipliedBy(STEPS);
        out.printf(
                "fleet: %d rollouts (%d with a router), %d replicas, %d weight steps with %d s pauses%n",
                rollouts, routed, replicas, STEPS, pause.toSeconds());
        out.printf("  released            %d of %d%n", rollouts - missing, rollouts);
        out.printf("  first step          %s%n", seen.firstStep);
        out.printf("  hand-shake          %s%n", seen.handshake);
        out.printf(
                "  wall                %.1f s, strategy's floor %.1f s, ratio %.2f%n",
                wall.toMillis() / 1000.0,
                floor.toMillis() / 1000.0,
                wall.toMillis() / (double) Math.max(1, floor.toMillis()));
        for (int i = 0; i < services.size(); i++) {
            ServiceProcess service = services.get(i);
            ServiceProcess.Usage usage = service.usage();
            Duration cpu = usage.cpu().minus(usageBefore.get(i).cpu());
            out.printf(
                    "  %-18s  CPU %.1f s (%.0f ms per release), resident %d MiB, peak %d MiB%n",
                    service.name(),
                    cpu.toMillis() / 1000.0,
                    cpu.toMillis() / (double) rollouts,
                    usage.residentBytes() >> 20,
                    usage.peakResidentBytes() >> 20);
            Map<String, Long> added = ApiWrites.difference(writesBefore.get(i), writes(service));
            long total = added.values().stream().mapToLong(Long::longValue).sum();
            out.printf("    API writes        %.1f per release%n", total / (double) rollouts);
            added.forEach((name, count) -> out.printf("      %-40s %8d%n", name, count));
        }
    }

    private Map<String, Long> writes(ServiceProcess service) {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(service.url() + "/q/metrics")).build();
        try {
            return ApiWrites.parse(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
        } catch (IOException e) {
            throw new UncheckedIOException("no metrics from " + service.name(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private void inParallel(IntConsumer action) {
        Semaphore places = new Semaphore(PARALLEL);
        List<CompletableFuture<Void>> all = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < rollouts; i++) {
                int number = i;
                all.add(
                        CompletableFuture.runAsync(
                                () -> {
                                    places.acquireUninterruptibly();
                                    try {
                                        action.accept(number);
                                    } finally {
                                        places.release();
                                    }
                                },
                                executor));
            }
        }
        all.forEach(CompletableFuture::join);
    }

    private static String name(int number) {
        return "app-%05d".formatted(number);
    }

    private void create(KubernetesClient client, int number) {
        String name = name(number);
        if (number < routed) {
            for (String role : List.of("stable", "canary")) {
                client.resource(Manifests.service(NAMESPACE, name + "-" + role, name)).create();
            }
            client.resource(Manifests.ingress(NAMESPACE, name)).create();
        }
        client.resource(
                        Manifests.rollout(
                                NAMESPACE, name, replicas, pause.toSeconds(), number < routed))
                .create();
    }

    private static void setImage(
            KubernetesClient client, Observations seen, int number, String tag) {
        seen.released(name(number), tag, Instant.now());
        client.genericKubernetesResources(API, "Rollout")
                .inNamespace(NAMESPACE)
                .withName(name(number))
                .patch(
                        PatchContext.of(PatchType.JSON),
                        """
                        [{"op": "replace", "path": "/spec/template/spec/containers/0/image",
                          "value": "example.test/app:%s"}]
                        """
                                .formatted(tag));
    }

    private static void pauseFor(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
