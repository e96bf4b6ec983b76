package dev.sluice.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A real proxy at the edge of the stack's cluster: Envoy, and Istio's control plane, which makes
/// it do what VirtualServices and DestinationRules say.
///
/// Istio looks at one namespace only. Between the two there is no encryption: both are on loopback.
public final class IstioGateway extends Edge {
    private IstioGateway(LocalStack stack, String namespace, String name) {
        super(stack, namespace, name);
    }

    /// Why it, or pods that answer, cannot run on this machine, if so. Fetches what is missing.
    public static Optional<String> obstacle(Binaries binaries) {
        return obstacleToEnvoy(binaries);
    }

    /// Starts both and makes a Gateway of this name for every host.
    public static IstioGateway start(LocalStack stack, String namespace, String name) {
        var gateway = new IstioGateway(stack, namespace, name);
        stack.adopt(gateway);
        var module = GoSources.folder(Tool.ISTIO.module() + "@" + Tool.ISTIO.version());
        ForeignDefinitions.install(
                stack.controlPlane(),
                module.resolve("manifests/charts/base/files/crd-all.gen.yaml"));
        gateway.createGateway();
        int xds = stack.reservePort();
        gateway.startIstio(xds);
        try {
            gateway.startEnvoy(xds, Files.readString(module.resolve("VERSION")).strip());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read Istio's version", e);
        }
        return gateway;
    }

    private void createGateway() {
        stack.controlPlane()
                .client()
                .resource(
                        """
                        apiVersion: networking.istio.io/v1
                        kind: Gateway
                        metadata: {name: %1$s, namespace: %2$s}
                        spec:
                          selector: {edge: %1$s}
                          servers:
                            - port: {number: %3$d, name: http, protocol: HTTP}
                              bind: 127.0.0.1
                              hosts: ["*"]
                        """
                                .formatted(name(), namespace, port()))
                .serverSideApply();
    }

    private void startIstio(int xds) {
        var mesh =
                write(
                        "mesh.yaml",
                        """
                        enableAutoMtls: false
                        discoverySelectors:
                          - matchLabels: {kubernetes.io/metadata.name: %s}
                        """
                                .formatted(namespace));
        launch(
                "istio",
                List.of(
                        stack.binaries().path(Tool.ISTIO).toString(),
                        "discovery",
                        "--kubeconfig=" + stack.controlPlane().kubeconfig(),
                        "--meshConfig=" + mesh,
                        "--httpAddr=127.0.0.1:" + stack.reservePort(),
                        "--httpsAddr=",
                        "--grpcAddr=127.0.0.1:" + xds,
                        "--secureGRPCAddr=",
                        "--monitoringAddr=127.0.0.1:" + stack.reservePort(),
                        "--ctrlz_port=" + stack.reservePort()),
                // What is left on does its part of the proxy's work; the rest would want
                // certificates, a Service and admission webhooks of its own.
                Map.of(
                        "POD_NAMESPACE", namespace,
                        "POD_NAME", "istiod",
                        "ENABLE_CA_SERVER", "false",
                        "PILOT_CERT_PROVIDER", "none",
                        "INJECT_ENABLED", "false",
                        "ENABLE_LEADER_ELECTION", "false",
                        "PILOT_ENABLE_GATEWAY_API", "false",
                        "VALIDATION_WEBHOOK_CONFIG_NAME", "",
                        // Filters that only Istio's own build of Envoy has.
                        "PILOT_ENABLE_METADATA_EXCHANGE", "false",
                        "PILOT_ENABLE_ALPN_FILTER", "false"),
                () -> accepts(xds));
    }

    private void startEnvoy(int xds, String version) {
        launchEnvoy(
                write(
                        "envoy.yaml",
                        """
                        node:
                          id: router~127.0.0.1~%1$s.%2$s~%2$s.svc.cluster.local
                          cluster: %1$s.%2$s
                          metadata:
                            NAMESPACE: %2$s
                            CLUSTER_ID: Kubernetes
                            ISTIO_VERSION: %3$s.0
                            LABELS: {edge: %1$s}
                        admin: {address: {pipe: {path: %4$s}}}
                        dynamic_resources:
                          ads_config:
                            api_type: GRPC
                            transport_api_version: V3
                            set_node_on_first_message_only: true
                            grpc_services: [{envoy_grpc: {cluster_name: xds-grpc}}]
                          lds_config: {ads: {}, resource_api_version: V3}
                          cds_config: {ads: {}, resource_api_version: V3}
                        static_resources:
                          clusters:
                            - name: xds-grpc
                              type: STATIC
                              connect_timeout: 5s
                              typed_extension_protocol_options:
                                envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                                  "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                                  explicit_http_config: {http2_protocol_options: {}}
                              load_assignment:
                                cluster_name: xds-grpc
                                endpoints:
                                  - lb_endpoints:
                                      - endpoint:
                                          address:
                                            socket_address: {address: 127.0.0.1, port_value: %5$d}
                        """
                                .formatted(name(), namespace, version, adminSocket(), xds)));
    }
}
