package dev.sluice.events;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds fields that a body must have and does not. Jackson fills a missing reference with null,
/// which no record here allows: what may be absent is an [Optional].
final class RequiredFields {

    private RequiredFields() {}

    /// Checks a body and all that it contains.
    ///
    /// @throws IllegalArgumentException naming the path of the first missing field
    static void check(Record body) {
        check(body, "");
    }

    private static void check(Record body, String path) {
        for (RecordComponent component : body.getClass().getRecordComponents()) {
            String name = path + component.getName();
            Object value = read(component, body);
            if (value == null) {
                throw new IllegalArgumentException("field " + name + " is missing");
            }
            descend(value, name);
        }
    }

    private static void descend(Object value, String name) {
        switch (value) {
            case Record nested -> check(nested, name + ".");
            case Optional<?> optional -> optional.ifPresent(inner -> descend(inner, name));
            case List<?> list -> {
                int index = 0;
                for (Object item : list) {
                    descend(item, name + "[" + index++ + "]");
                }
            }
            default -> {
                // a leaf
            }
        }
    }

    private static @Nullable Object read(RecordComponent component, Record body) {
        try {
            return component.getAccessor().invoke(body);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("record component cannot be read: " + component, e);
        }
    }
}
