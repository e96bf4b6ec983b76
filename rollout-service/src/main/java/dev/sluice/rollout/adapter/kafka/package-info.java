/// What rollout-service hears from the event bus: hints to look again, commands, and where a synced
/// Rollout comes from.
@NullMarked
package dev.sluice.rollout.adapter.kafka;

import org.jspecify.annotations.NullMarked;
