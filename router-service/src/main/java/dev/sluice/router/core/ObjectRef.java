package dev.sluice.router.core;

/// Names one object of the cluster.
public record ObjectRef(String apiVersion, String kind, String namespace, String name) {

    /// A core/v1 Service.
    public static ObjectRef service(String namespace, String name) {
        return new ObjectRef("v1", "Service", namespace, name);
    }

    @Override
    public String toString() {
        return kind + " " + namespace + "/" + name;
    }
}
