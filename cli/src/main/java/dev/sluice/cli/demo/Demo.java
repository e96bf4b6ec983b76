package dev.sluice.cli.demo;

import dev.sluice.testkit.LocalStack;
import dev.sluice.testkit.Projects;
import dev.sluice.testkit.Prometheus.ScrapeJob;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.StackException;
import dev.sluice.testkit.StackOptions;
import dev.sluice.testkit.Tool;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.PrintStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;

/// Sets the stage (stack, services, simulated users), lets [Story] play, and clears the stage.
final class Demo {
    static final String NAMESPACE = "checkout";
    static final String CONTROL = "argocd";
    static final String WEBHOOK_SECRET = "demo-webhook-secret";

    /// How well each version serves; whatever is not listed serves well. Requests to 2.0.0 fail.
    private static final Map<String, Double> SUCCESS =
            Map.of("1.8.0", 0.98, "1.9.0", 0.98, "2.0.0", 0.0);

    private static final List<String> SERVICES =
            List.of("sync-service", "rollout-service", "analysis-service", "router-service");

    private Demo() {}

    /// Plays the demo.
    ///
    /// @throws DemoFailure at the first deviation
    static void run(PrintStream out) {
        Instant start = Instant.now();
        out.println("Sluice demo: real control plane, Kafka, PostgreSQL, Prometheus and Git.");
        out.println("Only the users' requests are simulated (series with simulated=\"true\").");
        try (LocalStack stack =
                LocalStack.start(
                        StackOptions.everything().withName("demo").withCrds(Projects.crds()))) {
            KubernetesClient client = stack.controlPlane().client();
            createNamespaces(client);
            List<ServiceProcess> services = startServices(stack);
            try (SimulatedWorkload workload = workload(client);
                    Narrator narrator =
                            new Narrator(client, List.of(CONTROL, NAMESPACE), out, start)) {
                workload.start();
                stack.prometheus()
                        .scrape(
                                new ScrapeJob(
                                        "simulated-workload",
                                        "/metrics",
                                        List.of(workload.address())));
                new Story(stack, byName(services), narrator).play();
            } finally {
                services.forEach(ServiceProcess::stop);
            }
        } catch (StackException e) {
            throw new DemoFailure(String.valueOf(e.getMessage()));
        }
        out.printf("%nDone in %d s.%n", Instant.now().getEpochSecond() - start.getEpochSecond());
    }

    private static void createNamespaces(KubernetesClient client) {
        for (String name : List.of(CONTROL, NAMESPACE)) {
            client.resource(
                            new NamespaceBuilder()
                                    .withNewMetadata()
                                    .withName(name)
                                    .endMetadata()
                                    .build())
                    .create();
        }
    }

    private static List<ServiceProcess> startServices(LocalStack stack) {
        Map<String, String> environment =
                Map.of(
                        "SLUICE_SYNC_WEBHOOK_GITHUB_SECRET",
                        WEBHOOK_SECRET,
                        "SLUICE_SYNC_KUSTOMIZE_PATH",
                        stack.binaries().path(Tool.KUSTOMIZE).toString());
        List<CompletableFuture<ServiceProcess>> starting = new ArrayList<>();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String service : SERVICES) {
                starting.add(
                        CompletableFuture.supplyAsync(
                                () -> ServiceProcess.start(service, stack, environment), executor));
            }
            return starting.stream().map(CompletableFuture::join).toList();
        } catch (CompletionException e) {
            throw new DemoFailure("a service did not start: " + e.getCause());
        }
    }

    private static Map<String, ServiceProcess> byName(List<ServiceProcess> services) {
        return services.stream()
                .collect(
                        java.util.stream.Collectors.toMap(
                                ServiceProcess::name, service -> service));
    }

    private static SimulatedWorkload workload(KubernetesClient client) {
        return new SimulatedWorkload(
                client,
                List.of(
                        new SimulatedWorkload.Target(
                                NAMESPACE,
                                "checkout",
                                "checkout-stable",
                                Optional.of("checkout-canary")),
                        new SimulatedWorkload.Target(
                                NAMESPACE, "payments-active", "payments-active", Optional.empty()),
                        new SimulatedWorkload.Target(
                                NAMESPACE,
                                "payments-preview",
                                "payments-preview",
                                Optional.empty())),
                SUCCESS);
    }
}
