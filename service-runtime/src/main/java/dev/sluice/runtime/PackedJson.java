package dev.sluice.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;

/// A JSON object kept as text, a tenth of the memory that its tree takes. The tree is there again
/// as soon as somebody asks, and stays as long as somebody uses it.
///
/// Nobody may write into the tree: others may be looking at the same one.
public final class PackedJson {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final byte[] text;
    private volatile WeakReference<ObjectNode> tree = new WeakReference<>(null);

    /// Keeps `object` as it is now.
    public PackedJson(ObjectNode object) {
        try {
            text = JSON.writeValueAsBytes(object);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a JSON tree without text form", e);
        }
    }

    /// The object, not to be changed.
    public ObjectNode tree() {
        ObjectNode present = tree.get();
        if (present != null) {
            return present;
        }
        try {
            ObjectNode read = JSON.readValue(text, ObjectNode.class);
            tree = new WeakReference<>(read);
            return read;
        } catch (IOException e) {
            throw new UncheckedIOException("our own JSON does not parse", e);
        }
    }
}
