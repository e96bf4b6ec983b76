/// Tests of rollout-service as a whole.
@NullMarked
package dev.sluice.rollout;

import org.jspecify.annotations.NullMarked;
