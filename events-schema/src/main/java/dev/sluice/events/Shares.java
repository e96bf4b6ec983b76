package dev.sluice.events;

/// Traffic shares, in parts of `maxWeight`.
///
/// @param canary share of the canary service
/// @param stable share of the stable service
/// @param maxWeight the whole, 100 unless the router is configured otherwise
public record Shares(int canary, int stable, int maxWeight) {}
