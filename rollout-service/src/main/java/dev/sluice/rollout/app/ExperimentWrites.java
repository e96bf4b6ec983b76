package dev.sluice.rollout.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.experiment.Experiment;
import dev.sluice.rollout.core.experiment.ExperimentCommand;
import dev.sluice.runtime.WriteResult;

/// Writes for Experiments, each conditional on what was observed and safe to repeat (C3).
public interface ExperimentWrites {
    /// Carries out one command of a decision. A creation whose name is somebody else's is a
    /// [WriteResult.Conflict]; one that we made before is applied.
    WriteResult carryOut(Experiment.Meta experiment, ExperimentCommand command);

    /// Writes the status, conditional on the version of the Experiment that was decided on.
    ///
    /// @param patch a JSON merge patch `{"status":{…}}` of the object itself
    WriteResult writeStatus(Experiment.Meta experiment, ObjectNode patch);
}
