package dev.sluice.runtime;

/// Which resources this replica works on: those whose uid falls on a partition that the owning
/// subscription has. It spares double work and is never a safety argument; every write is
/// conditional.
public interface Ownership {

    /// Whether to work on the resource with this uid. Everything is ours where the process has no
    /// owning subscription, after 30 s without word from the broker, and, for a process that has
    /// just started and had no assignment yet, after 4 s already.
    boolean mine(String uid);

    /// Calls `listener` on each change, so that resources that became ours are looked at.
    void onChange(Runnable listener);
}
