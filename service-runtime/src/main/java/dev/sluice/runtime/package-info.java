/// What the four services share: the way out for facts ([dev.sluice.runtime.Outbox]), the way in
/// for events ([dev.sluice.runtime.EventStream]), who works on what
/// ([dev.sluice.runtime.Ownership]), and conditional writes to the cluster
/// ([dev.sluice.runtime.ConditionalWrites]).
///
/// Everything in this package is blocking, bounded in time and fit for virtual threads. The
/// packages below hold the technology: `outbox` (the relay), `postgres` (Hibernate Reactive),
/// `kafka`, `health`. A service starts and works with Kafka and PostgreSQL down.
@NullMarked
package dev.sluice.runtime;

import org.jspecify.annotations.NullMarked;
