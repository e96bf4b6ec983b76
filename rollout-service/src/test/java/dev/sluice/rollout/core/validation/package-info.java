/// Tests of what makes a Rollout invalid.
@NullMarked
package dev.sluice.rollout.core.validation;

import org.jspecify.annotations.NullMarked;
