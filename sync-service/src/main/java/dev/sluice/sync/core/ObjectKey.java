package dev.sluice.sync.core;

import java.util.Comparator;

/// Identity of an object for comparison: the version is not part of it, the group is.
public record ObjectKey(String group, String kind, String namespace, String name)
        implements Comparable<ObjectKey> {
    private static final Comparator<ObjectKey> ORDER =
            Comparator.comparing(ObjectKey::group)
                    .thenComparing(ObjectKey::kind)
                    .thenComparing(ObjectKey::namespace)
                    .thenComparing(ObjectKey::name);

    public static final String SECRET = "Secret";

    public boolean isRollout() {
        return group.equals("argoproj.io") && kind.equals("Rollout");
    }

    public boolean isSecret() {
        return group.isEmpty() && kind.equals(SECRET);
    }

    public boolean isCrd() {
        return group.equals("apiextensions.k8s.io") && kind.equals("CustomResourceDefinition");
    }

    public boolean isNamespace() {
        return group.isEmpty() && kind.equals("Namespace");
    }

    /// `group/kind/name`, as the engine's messages name objects.
    public String inMessage() {
        return group + "/" + kind + "/" + name;
    }

    /// `deployment.apps/x`, as kubectl names objects.
    public String likeKubectl() {
        String lower = kind.toLowerCase(java.util.Locale.ROOT);
        return (group.isEmpty() ? lower : lower + "." + group) + "/" + name;
    }

    @Override
    public int compareTo(ObjectKey other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return (group.isEmpty() ? "" : group + "/")
                + kind
                + ":"
                + (namespace.isEmpty() ? "" : namespace + "/")
                + name;
    }
}
