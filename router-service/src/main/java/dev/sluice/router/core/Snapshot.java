package dev.sluice.router.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Objects as they were read; an object that was looked for and not found is not in it.
public record Snapshot(Map<ObjectRef, JsonNode> objects) {

    public Snapshot {
        objects = new LinkedHashMap<>(objects);
    }

    /// The object, if it exists.
    public Optional<JsonNode> find(ObjectRef ref) {
        return Optional.ofNullable(objects.get(ref));
    }

    /// The same snapshot after one object was written and came back.
    public Snapshot with(ObjectRef ref, JsonNode object) {
        Map<ObjectRef, JsonNode> next = new LinkedHashMap<>(objects);
        next.put(ref, object);
        return new Snapshot(next);
    }
}
