package dev.sluice.analysis.core.expr;

import java.time.Instant;
import java.util.Optional;

/// What an expression can see: the metric's result (conditions only) and the time of evaluation. No
/// I/O, no clock.
public record Environment(Optional<Value> result, Instant now) {
    public static Environment ofResult(Value result, Instant now) {
        return new Environment(Optional.of(result), now);
    }

    /// For expressions that stand outside a condition, such as a range query's start and end.
    public static Environment withoutResult(Instant now) {
        return new Environment(Optional.empty(), now);
    }
}
