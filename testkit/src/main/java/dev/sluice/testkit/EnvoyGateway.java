package dev.sluice.testkit;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A real proxy at the edge of the stack's cluster: Envoy, and Contour, which makes it do what the
/// routes of the Gateway API say.
public final class EnvoyGateway extends Edge {
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

    private @Nullable GuardedProcess contour;

    private EnvoyGateway(LocalStack stack, String namespace, String name) {
        super(stack, namespace, name);
    }

    /// Why it, or pods that answer, cannot run on this machine, if so. Fetches what is missing.
    public static Optional<String> obstacle(Binaries binaries) {
        return obstacleToEnvoy(binaries);
    }

    /// Starts both and makes a Gateway of this name with a listener for every host.
    public static EnvoyGateway start(LocalStack stack, String namespace, String name) {
        var gateway = new EnvoyGateway(stack, namespace, name);
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
            ForeignDefinitions.install(plane, folderOfCrds);
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
                                .formatted(name(), namespace, port() - SHIFT))
                .serverSideApply();
    }

    private void startContour(int xds) {
        var config =
                write(
                        "contour.yaml",
                        """
                        gateway: {gatewayRef: {namespace: %s, name: %s}}
                        network: {admin-port: %d}
                        accesslog-level: disabled
                        """
                                .formatted(namespace, name(), stack.reservePort()));
        int health = stack.reservePort();
        contour =
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
                        Map.of(),
                        () -> accepts(xds) && isProgrammed());
    }

    private void startEnvoy(int xds) {
        var bootstrap = file("envoy.json");
        var result =
                Commands.run(
                        Path.of("."),
                        Map.of(),
                        List.of(
                                stack.binaries().path(Tool.CONTOUR).toString(),
                                "bootstrap",
                                bootstrap.toString(),
                                "--xds-address=127.0.0.1",
                                "--xds-port=" + xds,
                                "--admin-address=" + adminSocket()));
        if (result.code() != 0) {
            throw new StackException("contour bootstrap: " + result.output());
        }
        launchEnvoy(bootstrap, "--service-cluster", "sluice", "--service-node", "edge");
    }

    private boolean isProgrammed() {
        GenericKubernetesResource gateway =
                stack.controlPlane()
                        .client()
                        .genericKubernetesResources("gateway.networking.k8s.io/v1", "Gateway")
                        .inNamespace(namespace)
                        .withName(name())
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
        var pid = Long.toString(Objects.requireNonNull(contour).pid());
        var result = Commands.run(Path.of("."), Map.of(), List.of("kill", "-" + signal, pid));
        if (result.code() != 0) {
            throw new StackException("cannot signal contour: " + result.output());
        }
    }
}
