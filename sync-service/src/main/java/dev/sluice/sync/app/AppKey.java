package dev.sluice.sync.app;

/// Namespace and name of an Application.
public record AppKey(String namespace, String name) {
    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
