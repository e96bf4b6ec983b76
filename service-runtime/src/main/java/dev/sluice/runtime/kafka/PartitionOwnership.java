package dev.sluice.runtime.kafka;

import dev.sluice.runtime.Ownership;
import dev.sluice.runtime.RuntimeConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// Ownership by the partitions of the owning subscription.
@ApplicationScoped
class PartitionOwnership implements Ownership {

    /// How long a replica that had an assignment trusts it without word from the broker.
    private static final Duration TRUST = Duration.ofSeconds(30);

    /// How long a replica that just started waits for its first assignment; an abort must not wait
    /// longer although the broker is down. Just above what joining a group takes.
    private static final Duration FIRST = Duration.ofSeconds(4);

    private final int count;
    private final InstantSource clock;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable Instant lastWord;
    private volatile Duration patience = FIRST;
    private volatile Set<Integer> partitions = Set.of();
    private volatile boolean everything = true;

    @Inject
    PartitionOwnership(RuntimeConfig config) {
        this(config.kafka().partitions(), InstantSource.system());
    }

    PartitionOwnership(int count, InstantSource clock) {
        this.count = count;
        this.clock = clock;
    }

    @Override
    public boolean mine(String uid) {
        return everything || partitions.contains(Partitions.of(uid, count));
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /// A process with an owning subscription works on what that gives it.
    void expectAssignment() {
        lastWord = clock.instant();
        everything = false;
    }

    void assigned(Set<Integer> now) {
        lastWord = clock.instant();
        patience = TRUST;
        boolean changed = everything || !partitions.equals(now);
        partitions = Set.copyOf(now);
        everything = false;
        if (changed) {
            listeners.forEach(Runnable::run);
        }
    }

    /// Called about once a second.
    ///
    /// @param heard whether the broker knows this replica right now
    void tick(boolean heard) {
        Instant word = lastWord;
        Instant now = clock.instant();
        if (heard) {
            lastWord = now;
            if (everything) {
                assigned(partitions);
            }
        } else if (!everything && word != null && word.plus(patience).isBefore(now)) {
            everything = true;
            listeners.forEach(Runnable::run);
        }
    }
}
