/// The release journal: what every release did, when, and by whom, folded from the events of all
/// services into PostgreSQL and read through `/api/v1/releases`.
///
/// [dev.sluice.rollout.journal.Journaling] turns an event into entries (pure),
/// [dev.sluice.rollout.journal.JournalStore] keeps them,
/// [dev.sluice.rollout.journal.ReleasesResource] shows them. History only: no decision reads it.
@NullMarked
package dev.sluice.rollout.journal;

import org.jspecify.annotations.NullMarked;
