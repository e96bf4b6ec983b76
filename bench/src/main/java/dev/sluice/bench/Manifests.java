package dev.sluice.bench;

/// The fleet's objects, as a user would write them.
final class Manifests {

    private Manifests() {}

    static String rollout(String namespace, String name, Shape shape, boolean isRouted) {
        String routing =
                isRouted
                        ? """
                        stableService: %1$s-stable
                        canaryService: %1$s-canary
                        trafficRouting: {nginx: {stableIngress: %1$s}}
                        """
                                .formatted(name)
                        : "";
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
          strategy:
            canary:
        """
                        .formatted(name, namespace, shape.replicas)
                + steps.toString().indent(6)
                + routing.indent(6);
    }

    static String service(String namespace, String name, String app) {
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
              targetPort: 8080
        """
                .formatted(name, namespace, app);
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
}
