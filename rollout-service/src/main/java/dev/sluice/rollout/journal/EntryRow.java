package dev.sluice.rollout.journal;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/// One line of a timeline.
@Entity
@Table(name = "journal_entry")
class EntryRow {
    @Id Long id = 0L;
    String source = "";

    @Column(name = "event_id")
    String eventId = "";

    String uid = "";
    long attempt;
    String application = "";

    @Column(name = "commit_id")
    String commit = "";

    String type = "";
    Instant at = Instant.EPOCH;
    long seq;
    String summary = "";
    String actor = "";
    String data = "";
}
