package dev.sluice.e2e;

/// Objects as a user writes them; `NAMESPACE` is replaced by the test's.
final class Manifests {

    private Manifests() {}

    static String service(String name, String app) {
        return """
               apiVersion: v1
               kind: Service
               metadata:
                 name: %s
                 namespace: NAMESPACE
               spec:
                 selector:
                   app: %s
                 ports:
                   - port: 80
                     targetPort: 8080
               """
                .formatted(name, app);
    }

    static String ingress(String name) {
        return """
               apiVersion: networking.k8s.io/v1
               kind: Ingress
               metadata:
                 name: %1$s
                 namespace: NAMESPACE
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
                .formatted(name);
    }

    /// @param steps YAML flow list
    static String routedCanary(String name, int replicas, String steps) {
        return canary(
                name,
                replicas,
                steps,
                """
                    stableService: %1$s-stable
                    canaryService: %1$s-canary
                    trafficRouting:
                      nginx:
                        stableIngress: %1$s
                """
                        .formatted(name));
    }

    static String canary(String name, int replicas, String steps, String more) {
        return """
               apiVersion: argoproj.io/v1alpha1
               kind: Rollout
               metadata:
                 name: %1$s
                 namespace: NAMESPACE
               spec:
                 replicas: %2$d
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
                     steps: %3$s
               """
                        .formatted(name, replicas, steps)
                + more.indent(2);
    }
}
