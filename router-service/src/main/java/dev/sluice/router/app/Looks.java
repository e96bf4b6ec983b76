package dev.sluice.router.app;

/// Where hints to look at a Rollout arrive. A hint has no authority: it only spares the grace
/// period of the very plan that it names.
public interface Looks {

    /// Somebody says that this plan of this Rollout is there to be carried out.
    void hint(String namespace, String name, String uid, long attempt, long plan);
}
