package dev.sluice.cli.demo;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// Stands in for users, proxies and application processes, which a laptop demo has not: counts
/// requests as a mesh would, split by the routing that is really programmed in the cluster (Service
/// selectors, canary Ingress weight) and with a success rate for each image tag. The real
/// Prometheus scrapes it. Every series carries `simulated="true"`.
final class SimulatedWorkload implements AutoCloseable {

    /// Requests for each service and tick; ten ticks a second.
    private static final double REQUESTS = 20;

    private static final String MISSED = "simulated_workload_missed_ticks_total";
    private static final String HASH = "rollouts-pod-template-hash";
    private static final String CANARY_WEIGHT = "nginx.ingress.kubernetes.io/canary-weight";

    /// A service that users call.
    ///
    /// @param name as it shows in the label `destination_service`
    /// @param stable the Service that serves all, or the rest
    /// @param canary the Service that gets the canary Ingress' weight
    record Target(String namespace, String name, String stable, Optional<String> canary) {}

    private final KubernetesClient client;
    private final List<Target> targets;
    private final Map<String, Double> successByTag;
    private final Map<String, Double> counters = new ConcurrentHashMap<>();
    private final HttpServer server;
    private final ScheduledExecutorService ticker;

    SimulatedWorkload(
            KubernetesClient client, List<Target> targets, Map<String, Double> successByTag) {
        this.client = client;
        this.targets = List.copyOf(targets);
        this.successByTag = new LinkedHashMap<>(successByTag);
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        } catch (IOException e) {
            throw new UncheckedIOException("the simulated workload found no free port", e);
        }
        server.createContext(
                "/metrics",
                exchange -> {
                    byte[] body = exposition().getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders()
                            .set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        ticker = Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory());
    }

    /// `host:port` for Prometheus.
    String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    void start() {
        server.start();
        var _ = ticker.scheduleWithFixedDelay(this::tick, 0, 100, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        ticker.shutdownNow();
        server.stop(0);
    }

    private void tick() {
        for (Target target : targets) {
            try {
                split(target).forEach((tag, share) -> count(target.name(), tag, share * REQUESTS));
            } catch (RuntimeException e) {
                // The API server was busy for a moment: no requests in this tick.
                counters.merge(MISSED, 1.0, Double::sum);
            }
        }
    }

    private void count(String service, String tag, double requests) {
        double success = successByTag.getOrDefault(tag, 0.999);
        counters.merge(series(service, "200"), requests * success, Double::sum);
        counters.merge(series(service, "503"), requests * (1 - success), Double::sum);
    }

    /// Shares by image tag, from what is programmed right now.
    private Map<String, Double> split(Target target) {
        double canaryShare =
                target.canary().map(canary -> weight(target.namespace()) / 100.0).orElse(0.0);
        Map<String, Double> shares = new LinkedHashMap<>();
        tag(target.namespace(), target.stable())
                .ifPresent(tag -> shares.merge(tag, 1 - canaryShare, Double::sum));
        target.canary()
                .flatMap(canary -> tag(target.namespace(), canary))
                .ifPresent(tag -> shares.merge(tag, canaryShare, Double::sum));
        return shares;
    }

    private int weight(String namespace) {
        return client.network().v1().ingresses().inNamespace(namespace).list().getItems().stream()
                .map(Ingress::getMetadata)
                .filter(meta -> meta.getAnnotations() != null)
                .map(meta -> meta.getAnnotations().get(CANARY_WEIGHT))
                .filter(weight -> weight != null)
                .mapToInt(Integer::parseInt)
                .findFirst()
                .orElse(0);
    }

    private Optional<String> tag(String namespace, String serviceName) {
        Service service = client.services().inNamespace(namespace).withName(serviceName).get();
        if (service == null || service.getSpec().getSelector() == null) {
            return Optional.empty();
        }
        String hash = service.getSpec().getSelector().get(HASH);
        if (hash == null) {
            return Optional.empty();
        }
        return client
                .apps()
                .replicaSets()
                .inNamespace(namespace)
                .withLabel(HASH, hash)
                .list()
                .getItems()
                .stream()
                .map(SimulatedWorkload::imageTag)
                .findFirst();
    }

    private static String imageTag(ReplicaSet replicaSet) {
        String image =
                replicaSet.getSpec().getTemplate().getSpec().getContainers().getFirst().getImage();
        return image.substring(image.lastIndexOf(':') + 1);
    }

    private static String series(String service, String code) {
        return ("istio_requests_total{reporter=\"source\",destination_service=\"%s\","
                        + "response_code=\"%s\",simulated=\"true\"}")
                .formatted(service, code);
    }

    private String exposition() {
        String help =
                """
                # HELP istio_requests_total Simulated requests of the demo.
                # TYPE istio_requests_total counter
                """;
        return counters.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> entry.getKey() + " " + Math.floor(entry.getValue()))
                .collect(Collectors.joining("\n", help, "\n"));
    }
}
