package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.core.Keys;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The Services of experiments that a Rollout added to an object. They are noted by the write that
/// adds them: a plan that was replaced before it was proven is named nowhere else, and what it
/// added has to be found again by whoever takes it away (R7). Each Rollout has its own (R9).
final class Additions {
    private Additions() {}

    static Set<String> of(JsonNode object, String uid) {
        Set<String> found = new LinkedHashSet<>();
        for (String part : parts(object)) {
            if (part.startsWith(uid + "/")) {
                found.add(part.substring(uid.length() + 1));
            }
        }
        return found;
    }

    /// Notes these and no others; entries of other Rollouts stay.
    static void note(ObjectNode object, String uid, Collection<String> services) {
        List<String> next = new ArrayList<>(parts(object));
        next.removeIf(part -> part.startsWith(uid + "/"));
        services.stream().sorted().forEach(service -> next.add(uid + "/" + service));
        if (!next.isEmpty()) {
            Marks.annotations(object).put(Keys.ADDITIONS, String.join(",", next));
        } else if (object.path("metadata").path("annotations") instanceof ObjectNode notes) {
            notes.remove(Keys.ADDITIONS);
        }
    }

    private static List<String> parts(JsonNode object) {
        String text = object.path("metadata").path("annotations").path(Keys.ADDITIONS).asText("");
        List<String> parts = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            if (!part.isBlank()) {
                parts.add(part.strip());
            }
        }
        return parts;
    }
}
