package dev.sluice.sync.app;

/// Port to the reconcile engine: asks for a pass over one Application, soon.
public interface Looks {
    void look(AppKey key);

    /// Asks for a pass over the Applications that manage this Rollout.
    void lookAtOwners(String namespace, String rollout);
}
