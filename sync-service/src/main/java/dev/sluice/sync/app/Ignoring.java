package dev.sluice.sync.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.sync.core.AppSpec.IgnoreRule;
import java.util.List;
import java.util.Optional;

/// Port to what needs an interpreter: jq paths and annotations that hold JSON.
public interface Ignoring {
    /// Problems of the rules, each with its field.
    List<String> problems(List<IgnoreRule> rules);

    /// Removes from the object what the jq path expression selects; one that fails on it is
    /// skipped.
    void removeByJq(String expression, ObjectNode object);

    Optional<ObjectNode> parseObject(String json);
}
