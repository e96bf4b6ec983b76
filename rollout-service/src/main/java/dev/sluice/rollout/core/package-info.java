/// The decision core of rollout-service: what a Rollout should do next, as one pure function.
///
/// Reading path: [dev.sluice.rollout.core.RolloutDecider], then
/// [dev.sluice.rollout.core.Observation] (what it sees), [dev.sluice.rollout.core.Decision]
/// (what it answers) and [dev.sluice.rollout.core.TrafficPlan] (the hand-shake with
/// router-service). No I/O, no clock, no logger, no framework. Jackson trees appear only where
/// JSON is carried opaque: pod templates, selectors, analysis metrics.
@NullMarked
package dev.sluice.rollout.core;

import org.jspecify.annotations.NullMarked;
