package dev.sluice.rollout.app;

/// Asks for a look at a Rollout soon. An event says no more than that (V8).
public interface Looks {
    /// Asks for one look, by whichever replica hears it.
    void at(String namespace, String name);
}
