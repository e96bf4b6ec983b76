/// The events that travel between the services and to the outside: one record per fact or command,
/// an envelope ([dev.sluice.events.Event]) with the CloudEvents 1.0 attributes, and the codec for
/// Kafka's binary and structured modes.
///
/// Start with [dev.sluice.events.EventData], the sealed root, then
/// [dev.sluice.events.RolloutEvent].
/// Nothing here knows Kafka, Quarkus or Kubernetes: a consumer in another system can use this
/// library alone.
@NullMarked
package dev.sluice.events;

import org.jspecify.annotations.NullMarked;
