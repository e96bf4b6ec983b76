/// rollout-service: staged exposure and promotion of Rollouts.
///
/// Reading path: [dev.sluice.rollout.app.RolloutReconciler] (observe, decide, execute), then
/// [dev.sluice.rollout.core.RolloutDecider] (the decision, a pure function), then
/// [dev.sluice.rollout.adapter.k8s.RolloutController] (what makes it look).
@NullMarked
package dev.sluice.rollout;

import org.jspecify.annotations.NullMarked;
