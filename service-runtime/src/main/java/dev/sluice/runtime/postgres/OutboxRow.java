package dev.sluice.runtime.postgres;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A fact on its way out.
@Entity
@Table(name = "outbox")
class OutboxRow {
    @Id Long id = 0L;

    String source = "";

    @Column(name = "event_id")
    String eventId = "";

    String type = "";

    @Column(name = "event_time")
    Instant eventTime = Instant.EPOCH;

    String topic = "";

    String key = "";

    long seq;

    String headers = "";

    String payload = "";

    @Nullable String owner;

    @Column(name = "attempted_at")
    @Nullable Instant attemptedAt;

    @Column(name = "published_at")
    @Nullable Instant publishedAt;
}
