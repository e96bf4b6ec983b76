/// Canary strategy: replica maths, weights, steps.
@NullMarked
package dev.sluice.rollout.core.canary;

import org.jspecify.annotations.NullMarked;
