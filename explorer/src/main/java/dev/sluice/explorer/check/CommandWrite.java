package dev.sluice.explorer.check;

import dev.sluice.events.RolloutCommand;
import dev.sluice.explorer.model.Cluster;

/// A command from outside that was carried out.
///
/// @param before the cluster just before
/// @param cluster the cluster now
public record CommandWrite(RolloutCommand command, Facts before, Cluster cluster) {}
