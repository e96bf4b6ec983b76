/// The cluster side: what makes rollout-service look at a Rollout (informers), how an
/// observation is put together, and how commands are written. Start with
/// [dev.sluice.rollout.adapter.k8s.RolloutController].
///
/// Caches hold only what decisions need; Secrets are never read. Pod templates stay JSON
/// throughout.
@NullMarked
package dev.sluice.rollout.adapter.k8s;

import org.jspecify.annotations.NullMarked;
