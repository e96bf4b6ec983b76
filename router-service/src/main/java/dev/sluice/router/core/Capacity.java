package dev.sluice.router.core;

import java.util.OptionalInt;

/// Pods of one revision, from a fresh read.
///
/// @param wanted replicas that its ReplicaSet asks for
/// @param available available pods, not more than wanted: the surplus is about to go
/// @param kept the capacity that rollout-service stamped for this plan; where it declares less than
///     the share's arithmetic need (an explicit `setCanaryScale`), the declaration counts
public record Capacity(int wanted, int available, OptionalInt kept) {

    /// A revision without a ReplicaSet.
    public static Capacity none() {
        return new Capacity(0, 0, OptionalInt.empty());
    }
}
