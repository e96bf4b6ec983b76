package dev.sluice.explorer.model;

/// What an Experiment controls; it goes when its owner is gone.
///
/// @param owner uid of the Experiment
public record Owned<T>(String owner, T object) {}
