package dev.sluice.rollout;

/// Objects of the tests, as YAML. Whatever belongs to an application carries its name as label
/// `app`.
final class Manifests {
    /// A strategy that waits for a person at half of the pods.
    static final String PAUSING = "canary: {steps: [{setWeight: 50}, {pause: {}}]}";

    private Manifests() {}

    /// @param version tag of the image
    /// @param strategy such as `canary: {}`
    static String rollout(String name, String version, int replicas, String strategy) {
        return workload("argoproj.io/v1alpha1", "Rollout", name, version, replicas)
                + "  strategy: {%s}\n".formatted(strategy);
    }

    static String deployment(String name, String version, int replicas) {
        return workload("apps/v1", "Deployment", name, version, replicas);
    }

    static String replicaSet(String name) {
        return workload("apps/v1", "ReplicaSet", name, "1", 0);
    }

    private static String workload(
            String apiVersion, String kind, String name, String version, int replicas) {
        return """
        apiVersion: %1$s
        kind: %2$s
        metadata: {name: %3$s}
        spec:
          replicas: %4$d
          selector: {matchLabels: {app: %3$s}}
          template: %5$s
        """
                .formatted(apiVersion, kind, name, replicas, template(name, version));
    }

    static String podTemplate(String name) {
        return """
        apiVersion: v1
        kind: PodTemplate
        metadata: {name: %s}
        template: %s
        """
                .formatted(name, template(name, "1"));
    }

    /// Of a pod; one line, to be put behind a key.
    static String template(String app, String version) {
        return ("{metadata: {labels: {app: %s}}, spec: {containers: [{name: app,"
                        + " image: \"example.com/app:%s\", ports: [{containerPort: 8080}]}]}}")
                .formatted(app, version);
    }

    static String service(String name) {
        return """
        apiVersion: v1
        kind: Service
        metadata: {name: %s}
        spec: {selector: {}, ports: [{port: 80}]}
        """
                .formatted(name);
    }

    /// The same with one more line in its spec.
    static String inSpec(String manifest, String line) {
        return manifest.replace("\nspec:\n", "\nspec:\n  " + line + "\n");
    }
}
