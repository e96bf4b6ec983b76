package dev.sluice.router.core;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// One atomic, conditional write of owned fields.
public sealed interface Change {

    /// The object that it is about.
    ObjectRef ref();

    /// Creates an object of ours; fails when it exists.
    record Create(ObjectRef ref, ObjectNode body) implements Change {}

    /// A JSON merge patch that carries the resourceVersion it was computed from.
    record Merge(ObjectRef ref, ObjectNode patch) implements Change {}

    /// A JSON patch that sets the resourceVersion it was computed from, so that the server refuses
    /// it on any other.
    record Operations(ObjectRef ref, ArrayNode operations) implements Change {}

    /// Removes an object of ours, only if it is still the one that was read.
    record Delete(ObjectRef ref, String uid, String resourceVersion) implements Change {}
}
