package dev.sluice.e2e;

/// Rollouts as a user writes them, with `NAME` for their name and `NAMESPACE`.
final class Rollouts {

    /// Pods that are not needed any more stay for longer than any test lasts.
    private static final String LATER =
            "scaleDownDelaySeconds: 600\nabortScaleDownDelaySeconds: 600";

    private Rollouts() {}

    /// @param template pod template
    /// @param strategy what stands under `strategy`
    static String of(int replicas, String template, String strategy) {
        return """
        apiVersion: argoproj.io/v1alpha1
        kind: Rollout
        metadata:
          name: NAME
          namespace: NAMESPACE
        spec:
          replicas: %d
          selector:
            matchLabels:
              app: NAME
        """
                        .formatted(replicas)
                + "  template:\n"
                + template.indent(4)
                + "  strategy:\n"
                + strategy.indent(4);
    }

    /// Without Services.
    static String canary(int replicas, String steps, String... more) {
        return of(
                replicas,
                PodShapes.PLAIN,
                "canary:\n  steps: " + steps + "\n" + String.join("\n", more).indent(2));
    }

    /// Behind an NGINX Ingress, all of it.
    static String routed(int replicas, String steps, String... more) {
        return String.join(
                "---\n",
                Manifests.service("NAME-stable", "NAME"),
                Manifests.service("NAME-canary", "NAME"),
                Manifests.ingress("NAME"),
                canary(
                        replicas,
                        steps,
                        "stableService: NAME-stable",
                        "canaryService: NAME-canary",
                        "trafficRouting: {nginx: {stableIngress: NAME}}",
                        LATER,
                        String.join("\n", more)));
    }

    /// With an active and a preview Service.
    static String blueGreen(int replicas, String... more) {
        return String.join(
                "---\n",
                Manifests.service("NAME-active", "NAME"),
                Manifests.service("NAME-preview", "NAME"),
                of(
                        replicas,
                        PodShapes.PLAIN,
                        "blueGreen:\n"
                                + "  activeService: NAME-active\n"
                                + "  previewService: NAME-preview\n"
                                + LATER.indent(2)
                                + String.join("\n", more).indent(2)));
    }
}
