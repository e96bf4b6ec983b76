package dev.sluice.explorer.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.experiment.Experiment;
import dev.sluice.rollout.core.experiment.ExperimentParser;

/// One version of an Experiment: as the API server has it, and as rollout-service reads it.
///
/// @param version its resourceVersion
public record StoredExperiment(long version, ObjectNode json, Experiment parsed) {

    static StoredExperiment of(long version, ObjectNode json) {
        return new StoredExperiment(version, json, ExperimentParser.parse(json));
    }

    public String name() {
        return parsed.meta().name();
    }

    public String uid() {
        return parsed.meta().uid();
    }

    /// Whether it is over, or was told to end.
    public boolean isEnding() {
        return parsed.status().isCompleted() || parsed.spec().terminate();
    }
}
