package dev.sluice.explorer.check;

/// A broken invariant.
///
/// @param number of the invariant, such as `D1`
public record Violation(String number, String message) {}
