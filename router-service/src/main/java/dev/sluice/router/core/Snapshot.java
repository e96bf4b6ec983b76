package dev.sluice.router.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Objects as they were read; an object that was looked for and not found is not in it.
///
/// @param selected what was found by labels
public record Snapshot(Map<ObjectRef, JsonNode> objects, Map<Selection, List<ObjectRef>> selected) {

    public Snapshot {
        objects = new LinkedHashMap<>(objects);
        selected = new LinkedHashMap<>(selected);
    }

    public Snapshot(Map<ObjectRef, JsonNode> objects) {
        this(objects, Map.of());
    }

    /// The objects that have these labels.
    public List<ObjectRef> selected(Selection selection) {
        return selected.getOrDefault(selection, List.of());
    }

    /// The object, if it exists.
    public Optional<JsonNode> find(ObjectRef ref) {
        return Optional.ofNullable(objects.get(ref));
    }

    /// The same snapshot after one object was written and came back.
    public Snapshot with(ObjectRef ref, JsonNode object) {
        Map<ObjectRef, JsonNode> next = new LinkedHashMap<>(objects);
        next.put(ref, object);
        return new Snapshot(next, selected);
    }
}
