package dev.sluice.events;

import java.util.Optional;

/// What every event of a release carries: which workload, which attempt, from what to what, and the
/// Git commit and actor where they are known.
///
/// @param workload the Rollout
/// @param attempt rises by one with each new pod template and each retry; the first deployment is 1
/// @param from the stable revision, absent on the first deployment
/// @param to the revision that is being released
/// @param application `namespace/name` of the Application that synced it
/// @param repository Git repository
/// @param commit Git commit
/// @param actor who caused it: a user, `automated sync`, or a service
public record ReleaseContext(
        WorkloadRef workload,
        long attempt,
        Optional<RevisionRef> from,
        RevisionRef to,
        Optional<String> application,
        Optional<String> repository,
        Optional<String> commit,
        Optional<String> actor) {}
