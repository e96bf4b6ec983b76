package dev.sluice.explorer.engine;

import dev.sluice.explorer.drive.World;

/// One thing that may happen next.
///
/// @param name unique in its alphabet; schedules are written with it
/// @param weight how often a random walk picks it, compared with others
public record Action(String name, Kind kind, int weight, Effect effect) {

    public enum Kind {
        /// A step of one of our replicas.
        OURS,
        /// The cluster follows, later than it could.
        CLUSTER,
        /// Something breaks or is repaired.
        FAULT,
        /// A person, Git or an autoscaler.
        PERSON,
        /// Time passes.
        TIME
    }

    /// Makes it happen; false when it changed nothing.
    @FunctionalInterface
    public interface Effect {
        boolean on(World world);
    }
}
