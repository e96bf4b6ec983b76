package dev.sluice.explorer.check;

import dev.sluice.explorer.drive.ExperimentWorker.Op;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.StoredExperiment;
import java.util.Optional;

/// A write for an Experiment that took effect.
///
/// @param decidedOn the Experiment as it was when this was decided
/// @param before the cluster just before
/// @param cluster the cluster now
public record ExperimentWrite(Op op, StoredExperiment decidedOn, Facts before, Cluster cluster) {

    /// The Experiment as it is now; empty when somebody deleted it.
    Optional<StoredExperiment> present() {
        return Optional.ofNullable(cluster.experiments().get(decidedOn.name()))
                .filter(e -> e.uid().equals(decidedOn.uid()));
    }
}
