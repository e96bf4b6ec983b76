package dev.sluice.rollout.core;

/// Outcome of reading a Rollout object.
public sealed interface ParseResult {

    record Valid(Rollout rollout) implements ParseResult {}

    /// The spec is wrong whatever else exists. Give it to
    /// [RolloutDecider#decideInvalid(Invalid, Instant)].
    ///
    /// @param error `<field path>: Invalid value: <value>: <detail>` or its `Required value`
    /// form
    record Invalid(
            RolloutMeta meta,
            RolloutStatus status,
            com.fasterxml.jackson.databind.JsonNode json,
            String error)
            implements ParseResult {}
}
