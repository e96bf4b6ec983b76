/// Tests of the metrics.
@NullMarked
package dev.sluice.rollout.adapter.metrics;

import org.jspecify.annotations.NullMarked;
