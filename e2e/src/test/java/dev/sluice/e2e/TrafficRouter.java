package dev.sluice.e2e;

import dev.sluice.testkit.Edge;
import java.util.List;

/// How a user has a Rollout's requests come in through a proxy and be divided there.
///
/// @param services the Rollout's, by what their names add to its own
/// @param objects YAML documents; `NAME`, `NAMESPACE`, `HOST` and `EDGE` stand for the Rollout's
///     name, its namespace, the host that is asked for, and the proxy's name
/// @param trafficRouting of the Rollout's canary strategy, a YAML flow map
record TrafficRouter(Edge edge, List<String> services, String objects, String trafficRouting) {
    private static final List<String> PAIR = List.of("-stable", "-canary");

    /// An HTTPRoute that divides by weight.
    static TrafficRouter gatewayApi(Edge edge) {
        return new TrafficRouter(
                edge,
                PAIR,
                httpRoute(
                        """
                        [{name: NAME-stable, port: 80, weight: 100}, {name: NAME-canary, port: 80, weight: 0}]"""),
                "{plugins: {argoproj-labs/gatewayAPI: {httpRoute: NAME}}}");
    }

    /// An HTTPRoute to the active Service.
    static TrafficRouter toActive(Edge edge) {
        return new TrafficRouter(
                edge,
                List.of("-active", "-preview"),
                httpRoute("[{name: NAME-active, port: 80}]"),
                "{}");
    }

    private static String httpRoute(String backends) {
        return """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: NAME, namespace: NAMESPACE}
        spec:
          parentRefs: [{name: EDGE}]
          hostnames: [HOST]
          rules: [{backendRefs: %s}]
        """
                .formatted(backends);
    }

    /// A VirtualService that divides between two Services.
    static TrafficRouter istioHosts(Edge edge) {
        return new TrafficRouter(
                edge,
                PAIR,
                virtualService("{host: NAME-stable}", "{host: NAME-canary}"),
                "{istio: {virtualService: {name: NAME}}}");
    }

    /// A VirtualService that divides between two subsets of one Service.
    static TrafficRouter istioSubsets(Edge edge) {
        return new TrafficRouter(
                edge,
                List.of("-stable", "-canary", ""),
                virtualService("{host: NAME, subset: stable}", "{host: NAME, subset: canary}")
                        + """
                        ---
                        apiVersion: networking.istio.io/v1
                        kind: DestinationRule
                        metadata: {name: NAME, namespace: NAMESPACE}
                        spec:
                          host: NAME
                          subsets:
                            - {name: stable, labels: {app: NAME}}
                            - {name: canary, labels: {app: NAME}}
                        """,
                "{istio: {virtualService: {name: NAME}, destinationRule:"
                        + " {name: NAME, stableSubsetName: stable, canarySubsetName: canary}}}");
    }

    /// Without the retries that Istio adds by itself: they would hide what was lost.
    private static String virtualService(String stable, String canary) {
        return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: NAME, namespace: NAMESPACE}
        spec:
          hosts: [HOST]
          gateways: [EDGE]
          http:
            - retries: {attempts: 0}
              route:
                - {destination: %s, weight: 100}
                - {destination: %s, weight: 0}
        """
                .formatted(stable, canary);
    }
}
