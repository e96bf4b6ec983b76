/// Tests of the pod template hash.
@NullMarked
package dev.sluice.rollout.core.hash;

import org.jspecify.annotations.NullMarked;
