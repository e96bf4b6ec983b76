package dev.sluice.router.adapter.k8s;

import dev.sluice.router.core.Keys;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Leaves out, while an object is being read into a cache, what nothing here looks at: it would be
/// most of the memory of a cache with thousands of objects (C11).
final class Slim {

    private Slim() {}

    static @Nullable ObjectMeta metadata(@Nullable ObjectMeta metadata) {
        if (metadata == null) {
            return null;
        }
        metadata.setManagedFields(null);
        Map<String, String> annotations = metadata.getAnnotations();
        if (annotations != null && !annotations.isEmpty()) {
            String manager = annotations.get(Keys.MANAGED_BY);
            metadata.setAnnotations(manager == null ? Map.of() : Map.of(Keys.MANAGED_BY, manager));
        }
        return metadata;
    }
}
