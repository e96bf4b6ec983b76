/// Tests of policies and freezes.
@NullMarked
package dev.sluice.rollout.core.policy;

import org.jspecify.annotations.NullMarked;
