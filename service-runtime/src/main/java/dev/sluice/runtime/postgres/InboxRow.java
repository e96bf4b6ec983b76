package dev.sluice.runtime.postgres;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;

/// An event that a consumer has handled.
@Entity
@Table(name = "inbox")
class InboxRow {
    @EmbeddedId Id id = new Id();

    @Column(name = "handled_at")
    Instant handledAt = Instant.EPOCH;

    @Embeddable
    record Id(String consumer, String source, @Column(name = "event_id") String eventId) {
        Id() {
            this("", "", "");
        }
    }
}
