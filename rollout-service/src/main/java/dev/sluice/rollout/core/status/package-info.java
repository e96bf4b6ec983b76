/// Status of a Rollout: JSON form, conditions, phase, duration, reasons.
@NullMarked
package dev.sluice.rollout.core.status;

import org.jspecify.annotations.NullMarked;
