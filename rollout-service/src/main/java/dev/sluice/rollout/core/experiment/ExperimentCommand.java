package dev.sluice.rollout.core.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.Sorted;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One write besides the Experiment's status; conditional, and safe to repeat.
///
/// `notices` are the Kubernetes Events to record on the Experiment once the write was applied.
public sealed interface ExperimentCommand {

    default List<Notice> notices() {
        return List.of();
    }

    /// Creates the ReplicaSet of a template, without pods.
    record CreateReplicaSet(String template, ObjectNode manifest, List<Notice> notices)
            implements ExperimentCommand {}

    /// Sets the spec count and annotations (an empty value removes the key), conditional on
    /// resourceVersion.
    record ScaleReplicaSet(
            String template,
            String name,
            String uid,
            String resourceVersion,
            int to,
            Map<String, Optional<String>> annotations,
            List<Notice> notices)
            implements ExperimentCommand {
        public ScaleReplicaSet {
            annotations = Sorted.copy(annotations);
        }
    }

    /// Changes annotations only.
    record AnnotateReplicaSet(
            String name,
            String uid,
            String resourceVersion,
            Map<String, Optional<String>> annotations)
            implements ExperimentCommand {
        public AnnotateReplicaSet {
            annotations = Sorted.copy(annotations);
        }
    }

    /// Creates the Service of a template.
    record CreateService(String template, ObjectNode manifest) implements ExperimentCommand {}

    record DeleteService(String name, String uid) implements ExperimentCommand {}

    /// Creates the AnalysisRun of an analysis.
    record CreateAnalysisRun(String analysis, ObjectNode manifest) implements ExperimentCommand {}

    /// Sets `spec.terminate: true`.
    record TerminateAnalysisRun(String name, String uid, List<Notice> notices)
            implements ExperimentCommand {}
}
