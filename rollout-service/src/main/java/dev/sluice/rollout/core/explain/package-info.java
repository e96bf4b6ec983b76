/// Says why a Rollout is where it is: what it waits for, or what holds it, since when, and what
/// would let it go on.
@NullMarked
package dev.sluice.rollout.core.explain;

import org.jspecify.annotations.NullMarked;
