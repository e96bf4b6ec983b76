package dev.sluice.runtime.outbox;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Where facts wait. Every method throws [StoreUnavailableException] when it is out of reach, after
/// a second at most.
///
/// An unpublished row is leased to one owner, who alone may send it. A key whose leases have all
/// run out is a leftover, which any replica may claim.
public interface OutboxStore {

    /// A fact that was new.
    ///
    /// @param sequence its place in its key, from 1 without gaps
    /// @param sendable whether the caller holds the lease and every earlier fact of the key is
    ///     published or leased to the caller as well; otherwise a sweep sends it
    record Appended(String identity, long row, long sequence, boolean sendable) {}

    /// A leftover that the caller now holds the lease of.
    ///
    /// @param attemptedAt when somebody may have sent it already
    record Leftover(long row, long sequence, Fact fact, Optional<Instant> attemptedAt) {}

    /// Adds what is missing, in order, and returns it.
    List<Appended> append(String owner, List<Fact> facts);

    /// Adds facts that were published without the store, or marks them if they are there.
    void appendPublished(List<Published> facts);

    /// A fact that was published without the store.
    ///
    /// @param sequence the number that it was sent with, 0 for none
    record Published(Fact fact, long sequence) {}

    /// Notes that rows are on their topic.
    void markPublished(List<Long> rows);

    /// Gives rows up to whoever sweeps next.
    void release(List<Long> rows);

    /// Leases leftovers, whole keys in order; empty while another replica claims.
    List<Leftover> claim(String owner, int limit);

    /// The number that a fact was published with (0: without one); empty if it has not been
    /// published.
    OptionalLong publishedAs(Fact fact);

    /// How many facts wait.
    long pending();

    /// Drops bodies of facts published longer ago than `retention`. Their identities stay, since an
    /// object's state implies its last facts for as long as the object lives.
    void prune(Duration retention);

    /// Whether it is worth trying: the store answered last time, or it is time to ask again.
    boolean isReachable();

    /// Whether the store answered last time.
    boolean isUp();

    /// Whether it is too early to say: the first contact is under way.
    boolean isContacting();
}
