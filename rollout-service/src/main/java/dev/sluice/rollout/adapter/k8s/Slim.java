package dev.sluice.rollout.adapter.k8s;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Leaves out, while an object is being read, what no decision looks at: it would be most of the
/// memory of a cache with thousands of objects (C11).
final class Slim {
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    private Slim() {}

    static @Nullable ObjectMeta metadata(@Nullable ObjectMeta metadata) {
        if (metadata == null) {
            return null;
        }
        metadata.setManagedFields(null);
        Map<String, String> annotations = metadata.getAnnotations();
        if (annotations != null && annotations.containsKey(LAST_APPLIED)) {
            Map<String, String> kept = new HashMap<>(annotations);
            kept.remove(LAST_APPLIED);
            metadata.setAnnotations(kept);
        }
        return metadata;
    }
}
