package dev.sluice.rollout.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.ParseResult;
import dev.sluice.rollout.core.Rollout;
import dev.sluice.rollout.core.RolloutMeta;
import dev.sluice.rollout.core.RolloutParser;
import dev.sluice.runtime.WriteResult;
import java.util.Optional;
import java.util.function.Predicate;

/// Rollouts read past every cache, for commands that must not act on an old state.
public interface Rollouts {
    int ATTEMPTS = 5;

    /// The object as the API server has it now.
    Optional<JsonNode> fresh(String namespace, String name);

    /// The object that the Rollout's `workloadRef` names, as the API server has it now.
    Optional<JsonNode> workload(JsonNode rollout);

    /// Has a fresh read judged, again and again while the Rollout changes under our hands; never
    /// when it is not there or can't be read.
    ///
    /// @param judge whether nothing more is to be done
    default void settle(String namespace, String name, Predicate<Rollout> judge) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<JsonNode> json = fresh(namespace, name);
            if (json.isEmpty()
                    || !(RolloutParser.parse(json.get(), workload(json.get()))
                            instanceof ParseResult.Valid(var seen))
                    || judge.test(seen)) {
                return;
            }
        }
    }

    /// Changes the spec, conditional on the version that was read.
    WriteResult writeSpec(RolloutMeta rollout, ObjectNode patch);
}
