package dev.sluice.bench;

import dev.sluice.testkit.AnsweringNode;

/// The fleet's objects, as a user would write them.
final class Manifests {

    private Manifests() {}

    static String rollout(String namespace, String name, Shape shape, boolean isRouted) {
        return rollout(
                namespace, name, shape, isRouted ? "nginx: {stableIngress: " + name + "}" : "", "");
    }

    /// Behind a route of the Gateway API, with pods that answer.
    static String gatewayRollout(String namespace, String name, Shape shape) {
        return rollout(
                namespace,
                name,
                shape,
                "plugins: {argoproj-labs/gatewayAPI: {httpRoute: " + name + "}}",
                AnsweringNode.POD_SPEC);
    }

    private static String rollout(
            String namespace, String name, Shape shape, String router, String podSpec) {
        String routing =
                router.isEmpty()
                        ? ""
                        : """
                        stableService: %1$s-stable
                        canaryService: %1$s-canary
                        trafficRouting: {%2$s}
                        """
                                .formatted(name, router);
        StringBuilder steps = new StringBuilder("steps:\n");
        for (int i = 1; i <= shape.weights; i++) {
            steps.append("  - setWeight: ").append(100 * i / (shape.weights + 1)).append('\n');
            steps.append("  - pause: {duration: ").append(shape.pauseSeconds).append("}\n");
        }
        return """
        apiVersion: argoproj.io/v1alpha1
        kind: Rollout
        metadata:
          name: %1$s
          namespace: %2$s
        spec:
          replicas: %3$d
          revisionHistoryLimit: 2
          selector:
            matchLabels:
              app: %1$s
          template:
            metadata:
              labels:
                app: %1$s
            spec:
              containers:
                - name: app
                  image: example.test/app:v1
        """
                        .formatted(name, namespace, shape.replicas)
                + podSpec.indent(6)
                + "  strategy:\n    canary:\n"
                + steps.toString().indent(6)
                + routing.indent(6);
    }

    static String service(String namespace, String name, String app) {
        return service(namespace, name, app, 8080);
    }

    static String service(String namespace, String name, String app, int podPort) {
        return """
        apiVersion: v1
        kind: Service
        metadata:
          name: %s
          namespace: %s
        spec:
          selector:
            app: %s
          ports:
            - port: 80
              targetPort: %d
        """
                .formatted(name, namespace, app, podPort);
    }

    static String ingress(String namespace, String name) {
        return """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: %1$s
          namespace: %2$s
        spec:
          ingressClassName: nginx
          rules:
            - host: %1$s.example.test
              http:
                paths:
                  - path: /
                    pathType: Prefix
                    backend:
                      service:
                        name: %1$s-stable
                        port:
                          number: 80
        """
                .formatted(name, namespace);
    }

    static String httpRoute(String namespace, String name, String gateway) {
        return """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata:
          name: %1$s
          namespace: %2$s
        spec:
          parentRefs: [{name: %3$s}]
          hostnames: [%1$s.example.test]
          rules:
            - backendRefs:
                - {name: %1$s-stable, port: 80, weight: 100}
                - {name: %1$s-canary, port: 80, weight: 0}
        """
                .formatted(name, namespace, gateway);
    }
}
