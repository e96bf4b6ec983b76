/// The metrics of rollout-service, by the names that dashboards rely on; all of them are in
/// [dev.sluice.rollout.adapter.metrics.RolloutMetrics].
@NullMarked
package dev.sluice.rollout.adapter.metrics;

import org.jspecify.annotations.NullMarked;
