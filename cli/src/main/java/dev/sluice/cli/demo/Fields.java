package dev.sluice.cli.demo;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads a nested field of an object that is shown, not decided upon.
final class Fields {

    private Fields() {}

    /// The text at the path, empty where there is none.
    static String text(Object object, String... path) {
        Object value = find(object, path);
        return value == null ? "" : value.toString();
    }

    /// The whole number at the path.
    static Optional<Integer> number(Object object, String... path) {
        return find(object, path) instanceof Number number
                ? Optional.of(number.intValue())
                : Optional.empty();
    }

    /// The list at the path, empty where there is none.
    static List<?> list(Object object, String... path) {
        return find(object, path) instanceof List<?> list ? list : List.of();
    }

    private static @Nullable Object find(Object object, String... path) {
        Object value =
                object instanceof GenericKubernetesResource resource
                        ? resource.getAdditionalProperties()
                        : object;
        for (String name : path) {
            if (!(value instanceof Map<?, ?> map)) {
                return null;
            }
            value = map.get(name);
        }
        return value;
    }
}
