/// The relay behind [dev.sluice.runtime.Outbox]. Start with [dev.sluice.runtime.outbox.Relay]; what
/// it needs from PostgreSQL and Kafka are the three ports beside it.
@NullMarked
package dev.sluice.runtime.outbox;

import org.jspecify.annotations.NullMarked;
