package dev.sluice.bench;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Fields of an object, by their path.
final class Fields {
    private Fields() {}

    static @Nullable Object find(GenericKubernetesResource object, String... path) {
        Object value = object.getAdditionalProperties();
        for (String name : path) {
            if (!(value instanceof Map<?, ?> map)) {
                return null;
            }
            value = map.get(name);
        }
        return value;
    }

    static @Nullable String text(GenericKubernetesResource object, String... path) {
        Object value = find(object, path);
        return value == null ? null : value.toString();
    }
}
