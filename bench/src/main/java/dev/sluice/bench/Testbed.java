package dev.sluice.bench;

import dev.sluice.testkit.AnsweringNode;
import dev.sluice.testkit.EnvoyGateway;
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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/// A control plane with simulated nodes, Kafka, PostgreSQL, rollout-service and router-service, and
/// a fleet of rollouts on it.
final class Testbed implements AutoCloseable {
    static final String NAMESPACE = "fleet";
    private static final String API = "argoproj.io/v1alpha1";

    /// Two of a router's drain bounds, after a release has ended for its user: before the stable
    /// Service is re-pointed, and after the canary's weight went back. A release that starts
    /// earlier waits for them, which is not what is measured here.
    private static final Duration SETTLING = Duration.ofSeconds(25);

    private static final int PARALLEL = 16;

    /// The options of the images, with the heap that they have in `k8s/base`: 40 % of 768 MiB.
    private static final Map<String, String> AS_DEPLOYED =
            Map.of(
                    ServiceProcess.JAVA_OPTIONS,
                    "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xms12m -Xmx307m",
                    "MALLOC_ARENA_MAX",
                    "2");

    private final Shape shape;
    private final Optional<Edge> edge;
    private final LocalStack stack;
    private final List<ServiceProcess> services = new ArrayList<>();

    /// Pods that answer, and the proxy before them.
    record Edge(AnsweringNode node, EnvoyGateway gateway) {}

    /// Simulated pods, behind Ingresses where there are routers.
    Testbed(String name, Shape shape) {
        this(name, shape, false);
    }

    /// @param isServed whether requests can be sent, through a Gateway
    Testbed(String name, Shape shape, boolean isServed) {
        this.shape = shape;
        this.stack =
                LocalStack.start(
                        StackOptions.of(Part.API, Part.NODES, Part.KAFKA, Part.POSTGRES)
                                .withName("bench-" + name)
                                .withNodes(shape.nodes())
                                .withCrds(Projects.crds()));
        try {
            client().resource(
                            new NamespaceBuilder()
                                    .withNewMetadata()
                                    .withName(NAMESPACE)
                                    .endMetadata()
                                    .build())
                    .create();
            edge =
                    isServed
                            ? Optional.of(
                                    new Edge(
                                            AnsweringNode.start(stack),
                                            EnvoyGateway.start(stack, NAMESPACE, "edge")))
                            : Optional.empty();
            Map<String, String> options =
                    System.getenv(ServiceProcess.JAVA_OPTIONS) == null ? AS_DEPLOYED : Map.of();
            services.add(ServiceProcess.start("rollout-service", stack, options));
            services.add(ServiceProcess.start("router-service", stack, options));
        } catch (RuntimeException | Error e) {
            stack.close();
            throw e;
        }
    }

    KubernetesClient client() {
        return stack.controlPlane().client();
    }

    /// @throws NoSuchElementException when no requests can be sent
    int proxyPort() {
        return edge.orElseThrow().gateway().port();
    }

    List<ServiceProcess> services() {
        return List.copyOf(services);
    }

    /// Creates the fleet and waits until all of it is healthy; answers whether it is.
    boolean create() {
        Progress.say("creating %s", shape);
        try (Observations seen = new Observations(client(), NAMESPACE)) {
            seen.expect(shape.rollouts);
            inParallel(
                    number -> {
                        seen.released(name(number), "v1", Instant.now());
                        create(number);
                    });
            return seen.await(limit()) == 0;
        }
    }

    /// Takes the whole fleet to `tag` at once; answers how many did not arrive.
    long release(String tag, Observations seen) {
        seen.expect(shape.rollouts);
        inParallel(
                number -> {
                    seen.released(name(number), tag, Instant.now());
                    setImage(number, tag);
                });
        return seen.await(limit());
    }

    /// Waits until routes have settled and old pods are gone.
    void settle() {
        pause(SETTLING);
    }

    /// Long enough for what still works, however slowly.
    private Duration limit() {
        return Duration.ofSeconds(120 + shape.rollouts).plus(shape.floor());
    }

    private void inParallel(IntConsumer action) {
        Semaphore places = new Semaphore(PARALLEL);
        AtomicInteger done = new AtomicInteger();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < shape.rollouts; i++) {
                int number = i;
                places.acquireUninterruptibly();
                all.add(
                        CompletableFuture.runAsync(
                                () -> {
                                    try {
                                        action.accept(number);
                                    } finally {
                                        places.release();
                                    }
                                    int count = done.incrementAndGet();
                                    if (count % 1000 == 0) {
                                        Progress.say("%d of %d", count, shape.rollouts);
                                    }
                                },
                                executor));
            }
        }
        all.forEach(CompletableFuture::join);
    }

    static String name(int number) {
        return "app-%05d".formatted(number);
    }

    private void create(int number) {
        String name = name(number);
        if (edge.isPresent()) {
            createServed(name, edge.get());
            return;
        }
        if (shape.isRouted(number)) {
            for (String role : List.of("stable", "canary")) {
                client().resource(Manifests.service(NAMESPACE, name + "-" + role, name)).create();
            }
            client().resource(Manifests.ingress(NAMESPACE, name)).create();
        }
        client().resource(Manifests.rollout(NAMESPACE, name, shape, shape.isRouted(number)))
                .create();
    }

    private void createServed(String name, Edge edge) {
        for (String role : List.of("stable", "canary")) {
            client().resource(
                            Manifests.service(
                                    NAMESPACE, name + "-" + role, name, edge.node().port()))
                    .create();
        }
        client().resource(Manifests.httpRoute(NAMESPACE, name, edge.gateway().name())).create();
        client().resource(Manifests.gatewayRollout(NAMESPACE, name, shape)).create();
    }

    private void setImage(int number, String tag) {
        client().genericKubernetesResources(API, "Rollout")
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

    static void pause(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stack.close();
    }
}
