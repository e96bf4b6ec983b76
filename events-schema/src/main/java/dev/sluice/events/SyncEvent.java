package dev.sluice.events;

import java.util.List;
import java.util.Optional;

/// Facts of Git synchronisation, from sync-service.
public sealed interface SyncEvent extends EventData {

    /// The Application.
    ApplicationRef application();

    @Override
    default Topic topic() {
        return Topic.SYNC;
    }

    /// An Application and what it is synced from.
    ///
    /// @param repository Git repository of the source
    /// @param targetRevision branch, tag or commit as written in the Application
    /// @param path directory inside the repository
    record ApplicationRef(
            String cluster,
            String namespace,
            String name,
            String uid,
            String project,
            String repository,
            String targetRevision,
            String path) {}

    /// A Rollout that a sync applied, as it was right after.
    record SyncedRollout(String namespace, String name, String uid, long generation) {}

    /// An operation began.
    ///
    /// @param operation id of the operation: uid of the Application and its start
    record SyncStarted(
            ApplicationRef application,
            String operation,
            String commit,
            boolean automated,
            Optional<String> actor)
            implements SyncEvent {}

    /// An operation succeeded: the cluster has the commit's manifests.
    record SyncCompleted(
            ApplicationRef application,
            String operation,
            String commit,
            boolean automated,
            Optional<String> actor,
            int resources,
            List<SyncedRollout> rollouts)
            implements SyncEvent {
        public SyncCompleted {
            rollouts = List.copyOf(rollouts);
        }
    }

    /// An operation failed for good (its retries are used up).
    record SyncFailed(ApplicationRef application, String operation, String commit, String message)
            implements SyncEvent {}

    /// Live objects differ from Git.
    ///
    /// @param resources `group/Kind/namespace/name`, at most 50
    record Drifted(ApplicationRef application, String commit, List<String> resources)
            implements SyncEvent {
        public Drifted {
            resources = List.copyOf(resources);
        }
    }

    /// A commit is not applied again by automated sync, because its release was aborted.
    record RevisionRejected(
            ApplicationRef application,
            String commit,
            WorkloadRef workload,
            long attempt,
            String reason)
            implements SyncEvent {}
}
