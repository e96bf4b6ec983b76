package dev.sluice.sync.core;

import java.util.Optional;

/// The tracking annotation: which application an object belongs to, and whether the annotation is
/// really its own.
public final class Tracking {
    public static final String ANNOTATION = "argocd.argoproj.io/tracking-id";

    private Tracking() {}

    /// An application in the control-plane namespace is named by its name, elsewhere by
    /// `<namespace>_<name>`.
    public static String instance(String controlPlane, String namespace, String name) {
        return namespace.equals(controlPlane) || controlPlane.isEmpty()
                ? name
                : namespace + "_" + name;
    }

    public static String id(String instance, ObjectKey key) {
        return instance
                + ":"
                + key.group()
                + "/"
                + key.kind()
                + ":"
                + key.namespace()
                + "/"
                + key.name();
    }

    /// Stamps a target; CustomResourceDefinitions are never stamped.
    public static void stamp(String instance, KubeObject target) {
        if (!target.key().isCrd()) {
            target.setAnnotation(ANNOTATION, id(instance, target.key()));
        }
    }

    /// The owning instance when the annotation names this very object; a copied annotation owns
    /// nothing.
    public static Optional<String> owner(KubeObject live) {
        Optional<String> id = live.annotation(ANNOTATION);
        if (id.isEmpty()) {
            return Optional.empty();
        }
        int colon = id.get().indexOf(':');
        if (colon <= 0) {
            return Optional.empty();
        }
        String instance = id.get().substring(0, colon);
        return id.get().equals(id(instance, live.key())) ? Optional.of(instance) : Optional.empty();
    }

    public static boolean isCopied(KubeObject live) {
        return live.annotation(ANNOTATION).isPresent() && owner(live).isEmpty();
    }

    public static boolean owns(String instance, KubeObject live) {
        return owner(live).filter(instance::equals).isPresent();
    }
}
