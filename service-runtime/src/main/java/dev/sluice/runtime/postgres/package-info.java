/// The only Hibernate Reactive code that services share: the database with its own time bounds
/// ([dev.sluice.runtime.postgres.Database]), the outbox table and the inbox table. Entities and
/// `Uni` never leave the `postgres` packages.
@NullMarked
package dev.sluice.runtime.postgres;

import org.jspecify.annotations.NullMarked;
