package dev.sluice.explorer.drive;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Names;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Bodies of small writes.
final class Patches {
    private Patches() {}

    static ObjectNode annotation(String key, String value) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("metadata").putObject("annotations").put(key, value);
        return patch;
    }

    static ObjectNode withoutAnnotation(String key) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("metadata").putObject("annotations").putNull(key);
        return patch;
    }

    static ObjectNode replicas(int count) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("spec").put("replicas", count);
        return patch;
    }

    /// Annotations as the variant writes them.
    static Map<String, Optional<String>> stamps(
            Breakage breakage, Map<String, Optional<String>> annotations) {
        if (breakage != Breakage.NO_STAMP) {
            return annotations;
        }
        Map<String, Optional<String>> rest = new HashMap<>(annotations);
        rest.remove(Names.KEEP);
        rest.remove(Names.KEEP_PLAN);
        return rest;
    }
}
