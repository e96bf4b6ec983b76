package dev.sluice.events;

/// A step of the strategy.
///
/// @param index from 0
/// @param count number of steps; 0 where the strategy has none
/// @param description as users know it, for example `setWeight: 10`
public record StepRef(int index, int count, String description) {}
