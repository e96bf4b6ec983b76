package dev.sluice.rollout.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Command;
import dev.sluice.rollout.core.RolloutMeta;
import dev.sluice.runtime.WriteResult;

/// Writes to the cluster, each conditional on what was observed and safe to repeat (C3).
public interface Cluster {
    /// Carries out one command of a decision.
    WriteResult carryOut(RolloutMeta rollout, Command command);

    /// Writes the status, conditional on the version of the Rollout that was decided on.
    ///
    /// @param patch a JSON merge patch `{"status":{…}}`
    WriteResult writeStatus(RolloutMeta rollout, ObjectNode patch);
}
