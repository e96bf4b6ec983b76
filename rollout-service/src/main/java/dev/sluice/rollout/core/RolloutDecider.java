package dev.sluice.rollout.core;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Decides what a Rollout does next. Pure, total and deterministic: the same observation gives the same decision.
public final class RolloutDecider {
    private RolloutDecider() {}

    public static Decision decide(Observation seen, Instant now) {
        return new Decision(
                seen.rollout().status(), Optional.empty(), List.of(), List.of(), List.of(), Optional.empty());
    }

    /// A Rollout whose spec cannot be read: it gets the `InvalidSpec` condition, nothing else is touched.
    public static Decision decideInvalid(ParseResult.Invalid invalid, Instant now) {
        return new Decision(invalid.status(), Optional.empty(), List.of(), List.of(), List.of(), Optional.empty());
    }
}
