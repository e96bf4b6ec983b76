/// Tests of the decision core; [dev.sluice.rollout.core.World] is the small cluster in which
/// decisions are played out.
@NullMarked
package dev.sluice.rollout.core;

import org.jspecify.annotations.NullMarked;
