package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// The controller owner reference to a Rollout.
public final class Owner {
    private Owner() {}

    public static ObjectNode reference(RolloutMeta meta) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("apiVersion", Names.API_VERSION)
                .put("kind", "Rollout")
                .put("name", meta.name())
                .put("uid", meta.uid())
                .put("controller", true)
                .put("blockOwnerDeletion", true);
    }
}
