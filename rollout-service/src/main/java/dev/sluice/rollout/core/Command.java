package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One write besides the status. Every command is conditional and safe to repeat; a conflict
/// ends the pass (C3, C13).
///
/// `notices` are the Kubernetes Events to record once the write was applied.
public sealed interface Command {

    List<Notice> notices();

    /// Creates the ReplicaSet. If the name is taken the next observation tells why, so an
    /// executor ignores AlreadyExists.
    record CreateReplicaSet(ObjectNode manifest, List<Notice> notices) implements Command {}

    /// Sets the spec count and annotations (an empty value removes the key), conditional on uid
    /// and resourceVersion.
    ///
    /// @param template a merge patch of `spec.template`; running pods keep what they have
    record ScaleReplicaSet(
            String name,
            String uid,
            String resourceVersion,
            int from,
            int to,
            Map<String, Optional<String>> annotations,
            Optional<ObjectNode> template,
            List<Notice> notices)
            implements Command {
        public ScaleReplicaSet {
            annotations = Sorted.copy(annotations);
        }
    }

    /// Changes annotations (an empty value removes the key) and `minReadySeconds`, conditional
    /// on resourceVersion.
    ///
    /// @param template a merge patch of `spec.template`; running pods keep what they have
    record AnnotateReplicaSet(
            String name,
            String uid,
            String resourceVersion,
            Map<String, Optional<String>> annotations,
            Optional<Integer> minReadySeconds,
            Optional<ObjectNode> template,
            List<Notice> notices)
            implements Command {
        public AnnotateReplicaSet {
            annotations = Sorted.copy(annotations);
        }
    }

    /// Adds our controller owner reference to an orphan, conditional on uid and
    /// resourceVersion.
    record AdoptReplicaSet(
            String name, String uid, String resourceVersion, ObjectNode ownerReference)
            implements Command {
        @Override
        public List<Notice> notices() {
            return List.of();
        }
    }

    /// Deletes a ReplicaSet of the history, with uid and resourceVersion as preconditions.
    record DeleteReplicaSet(String name, String uid, String resourceVersion) implements Command {
        @Override
        public List<Notice> notices() {
            return List.of();
        }
    }

    /// Creates a whole AnalysisRun; AlreadyExists is no error, the next observation finds it.
    record CreateAnalysisRun(ObjectNode manifest) implements Command {
        @Override
        public List<Notice> notices() {
            return List.of();
        }
    }

    /// Sets `spec.terminate: true`.
    record TerminateAnalysisRun(String name, String uid) implements Command {
        @Override
        public List<Notice> notices() {
            return List.of();
        }
    }

    record DeleteAnalysisRun(String name, String uid) implements Command {
        @Override
        public List<Notice> notices() {
            return List.of();
        }
    }

    /// Creates a whole Experiment; AlreadyExists is no error, the next observation finds it.
    record CreateExperiment(ObjectNode manifest, List<Notice> notices) implements Command {}

    /// Sets `spec.terminate: true`.
    record TerminateExperiment(String name, String uid) implements Command {
        @Override
        public List<Notice> notices() {
            return List.of();
        }
    }

    record DeleteExperiment(String name, String uid) implements Command {
        @Override
        public List<Notice> notices() {
            return List.of();
        }
    }

    /// Sets an annotation of the Rollout itself, conditional on the observed resourceVersion.
    record AnnotateRollout(String key, String value, List<Notice> notices) implements Command {}

    /// Removes an annotation of the Rollout itself, conditional on the observed resourceVersion.
    record UnannotateRollout(String key) implements Command {
        @Override
        public List<Notice> notices() {
            return List.of();
        }
    }

    /// Sets the count of the Deployment that `workloadRef` names, conditional on resourceVersion.
    record ScaleWorkload(String name, String uid, String resourceVersion, int to)
            implements Command {
        @Override
        public List<Notice> notices() {
            return List.of();
        }
    }

    /// Changes labels and annotations of running pods, each conditional on its uid. A pod that is
    /// gone is no error.
    ///
    /// @param metadata a merge patch of `metadata`
    record RelabelPods(List<PodName> pods, ObjectNode metadata) implements Command {
        public RelabelPods {
            pods = List.copyOf(pods);
        }

        @Override
        public List<Notice> notices() {
            return List.of();
        }
    }

    record PodName(String name, String uid) {}

    /// Writes `spec.replicas` of a Rollout that has none; never used when the field exists
    /// (H1).
    record DefaultReplicas(int replicas) implements Command {
        @Override
        public List<Notice> notices() {
            return List.of();
        }
    }

    /// Asks for the eviction of a pod (PodDisruptionBudgets decide; a refusal is no error).
    record EvictPod(String name, String uid) implements Command {
        @Override
        public List<Notice> notices() {
            return List.of();
        }
    }
}
