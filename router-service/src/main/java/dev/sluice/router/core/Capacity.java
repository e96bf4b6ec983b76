package dev.sluice.router.core;

/// Pods of one revision, from a fresh read.
///
/// @param wanted replicas that its ReplicaSet asks for
/// @param available available pods, not more than wanted: the surplus is about to go
public record Capacity(int wanted, int available) {

    /// A revision without a ReplicaSet.
    public static Capacity none() {
        return new Capacity(0, 0);
    }
}
