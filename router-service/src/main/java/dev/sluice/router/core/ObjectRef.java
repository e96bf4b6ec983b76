package dev.sluice.router.core;

/// Names one object of the cluster.
public record ObjectRef(String apiVersion, String kind, String namespace, String name) {

    /// A core/v1 Service.
    public static ObjectRef service(String namespace, String name) {
        return new ObjectRef("v1", "Service", namespace, name);
    }

    /// A Rollout.
    public static ObjectRef rollout(String namespace, String name) {
        return new ObjectRef("argoproj.io/v1alpha1", "Rollout", namespace, name);
    }

    @Override
    public String toString() {
        return kind + " " + namespace + "/" + name;
    }
}
