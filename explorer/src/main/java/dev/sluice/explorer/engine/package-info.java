/// Schedules: what may happen next, random walks, the search of everything, fair ends, and the way
/// from a long failing schedule to a short one.
@NullMarked
package dev.sluice.explorer.engine;

import org.jspecify.annotations.NullMarked;
