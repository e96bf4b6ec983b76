/// Steps that wait for an event from outside: a test suite that finished, an approval that was
/// given.
@NullMarked
package dev.sluice.rollout.core.gate;

import org.jspecify.annotations.NullMarked;
