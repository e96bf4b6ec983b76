/// Blue-green strategy: preview, gates, active switch.
@NullMarked
package dev.sluice.rollout.core.bluegreen;

import org.jspecify.annotations.NullMarked;
