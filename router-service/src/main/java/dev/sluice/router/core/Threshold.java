package dev.sluice.router.core;

/// How much of the needed capacity has to be available (θ of the invariants): all of it unless the
/// Rollout declares `replicaProgressThreshold`.
public sealed interface Threshold {

    /// All pods.
    record All() implements Threshold {}

    /// A percentage of the pods that the share needs.
    record Percent(int value) implements Threshold {}

    /// A number of pods.
    record Pods(int value) implements Threshold {}

    /// How many of `need` pods must be available; at least one where any is needed (T2).
    default long of(long need) {
        if (need <= 0) {
            return 0;
        }
        return switch (this) {
            case All() -> need;
            case Percent(int value) -> Math.max(1, Math.min(need, (need * value + 99) / 100));
            case Pods(int value) -> Math.max(1, Math.min(need, value));
        };
    }
}
