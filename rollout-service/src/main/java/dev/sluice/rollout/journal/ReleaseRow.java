package dev.sluice.rollout.journal;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One attempt of a release.
@Entity
@Table(name = "journal_release")
@IdClass(ReleaseRow.Key.class)
class ReleaseRow {
    @Id String uid = "";
    @Id long attempt;
    String cluster = "";
    String namespace = "";
    String workload = "";
    @Nullable String strategy;

    @Column(name = "from_hash")
    @Nullable String fromHash;

    @Column(name = "to_hash")
    @Nullable String toHash;

    @Nullable String images;
    @Nullable String repository;

    @Column(name = "commit_id")
    @Nullable String commit;

    @Nullable String application;
    @Nullable String actor;
    String phase = "";
    @Nullable String reason;

    @Column(name = "started_at")
    Instant startedAt = Instant.EPOCH;

    @Column(name = "finished_at")
    @Nullable Instant finishedAt;

    /// The key as JPA wants it.
    static class Key implements Serializable {
        private static final long serialVersionUID = 1L;
        String uid = "";
        long attempt;

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && key.uid.equals(uid) && key.attempt == attempt;
        }

        @Override
        public int hashCode() {
            return uid.hashCode() * 31 + Long.hashCode(attempt);
        }
    }
}
