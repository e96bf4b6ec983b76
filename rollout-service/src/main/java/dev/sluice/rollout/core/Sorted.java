package dev.sluice.rollout.core;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// Unmodifiable copies with one fixed order: `Map.copyOf` iterates differently in every JVM
/// run.
public final class Sorted {
    private Sorted() {}

    public static <V> Map<String, V> copy(Map<String, V> source) {
        return Collections.unmodifiableMap(new TreeMap<>(source));
    }
}
