/// What a Rollout may ask for beyond the original, by annotations: an action per verdict,
/// availability thresholds per step, and the freezes that hold releases back.
@NullMarked
package dev.sluice.rollout.core.policy;

import org.jspecify.annotations.NullMarked;
