package dev.sluice.testkit;

/// A program that is built from its Go module when it is not at hand.
public enum Tool {
    ETCD("etcd", "go.etcd.io/etcd/server/v3", "v3.6.5", ""),
    KUBE_APISERVER(
            "kube-apiserver", Tool.KUBERNETES, Tool.KUBERNETES_VERSION, "/cmd/kube-apiserver"),
    KUBE_CONTROLLER_MANAGER(
            "kube-controller-manager",
            Tool.KUBERNETES,
            Tool.KUBERNETES_VERSION,
            "/cmd/kube-controller-manager"),
    KUBE_SCHEDULER(
            "kube-scheduler", Tool.KUBERNETES, Tool.KUBERNETES_VERSION, "/cmd/kube-scheduler"),
    KUBECTL("kubectl", Tool.KUBERNETES, Tool.KUBERNETES_VERSION, "/cmd/kubectl"),
    KWOK("kwok", "sigs.k8s.io/kwok", "v0.8.0", "/cmd/kwok"),
    KUSTOMIZE("kustomize", "sigs.k8s.io/kustomize/kustomize/v5", "v5.7.1", ""),
    ARGO_ROLLOUTS_PLUGIN(
            "kubectl-argo-rollouts",
            Tool.ARGO_ROLLOUTS,
            Tool.ARGO_ROLLOUTS_VERSION,
            "/cmd/kubectl-argo-rollouts"),
    /// The controller that Sluice replaces, to compare with and to take over from.
    ARGO_ROLLOUTS_CONTROLLER(
            "rollouts-controller",
            Tool.ARGO_ROLLOUTS,
            Tool.ARGO_ROLLOUTS_VERSION,
            "/cmd/rollouts-controller"),
    /// Makes Envoy an implementation of the Gateway API.
    CONTOUR("contour", "github.com/projectcontour/contour", "v1.33.8", "/cmd/contour"),
    /// Istio's control plane. Its releases have no version that Go knows; this is a commit of 1.31.
    ISTIO(
            "pilot-discovery",
            "istio.io/istio",
            "v0.0.0-20260827124520-eed52ebb66ad",
            "/pilot/cmd/pilot-discovery");

    private static final String ARGO_ROLLOUTS = "github.com/argoproj/argo-rollouts";
    private static final String ARGO_ROLLOUTS_VERSION = "v1.10.0";
    private static final String KUBERNETES = "k8s.io/kubernetes";
    private static final String KUBERNETES_VERSION = "v1.34.4";

    private final String program;
    private final String module;
    private final String version;
    private final String mainPackage;

    Tool(String program, String module, String version, String mainPackage) {
        this.program = program;
        this.module = module;
        this.version = version;
        this.mainPackage = mainPackage;
    }

    public String program() {
        return program;
    }

    public String module() {
        return module;
    }

    public String version() {
        return version;
    }

    /// Whether it is one of Kubernetes' own programs, which all come from one module.
    boolean isKubernetes() {
        return module.equals(KUBERNETES);
    }

    /// The Go import path of the program's main package.
    String importPath() {
        return module + mainPackage;
    }

    /// Programs of Kubernetes and Argo take their version from the linker; unstamped they make one
    /// up.
    String linkerFlags() {
        var parts = version.substring(1).split("\\.", -1);
        if (isKubernetes()) {
            var stamp = "k8s.io/component-base/version";
            return "-s -w -X %1$s.gitMajor=%2$s -X %1$s.gitMinor=%3$s -X %1$s.gitVersion=%4$s -X %1$s.gitTreeState=clean"
                    .formatted(stamp, parts[0], parts[1], version);
        }
        if (module.equals(ARGO_ROLLOUTS)) {
            return "-s -w -X %s/utils/version.version=%s".formatted(module, version.substring(1));
        }
        return "-s -w";
    }
}
