package dev.sluice.runtime;

import java.util.Optional;

/// Where an object lives in the Kubernetes API.
///
/// @param group API group, empty for core
/// @param plural lower-case plural, for example `rollouts`
/// @param namespace absent for cluster-scoped objects
public record ResourceRef(
        String group, String version, String plural, Optional<String> namespace, String name) {

    /// An object in a namespace.
    public static ResourceRef of(
            String group, String version, String plural, String namespace, String name) {
        return new ResourceRef(group, version, plural, Optional.of(namespace), name);
    }

    /// Path of the object, for example `/apis/apps/v1/namespaces/a/replicasets/b`.
    public String path() {
        return collectionPath() + "/" + name;
    }

    /// Path of the collection that the object is in.
    public String collectionPath() {
        String root = group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
        return root + namespace.map(n -> "/namespaces/" + n).orElse("") + "/" + plural;
    }
}
