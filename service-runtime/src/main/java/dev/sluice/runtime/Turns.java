package dev.sluice.runtime;

import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/// Lets a bounded number of threads work at once, the urgent ones first, equals in the order in
/// which they came.
///
/// When thousands of objects want something at the same moment, all of them at work at once would
/// only make each other slow: what has been begun is finished first, and the rest waits its turn
/// here, where it costs nothing.
public final class Turns {

    private record Waiting(int rank, long number, CompletableFuture<Boolean> turn)
            implements Comparable<Waiting> {
        @Override
        public int compareTo(Waiting other) {
            return rank != other.rank
                    ? Integer.compare(rank, other.rank)
                    : Long.compare(number, other.number);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final PriorityQueue<Waiting> queue = new PriorityQueue<>();
    private int free;
    private long count;

    /// @param places how many may work at once
    public Turns(int places) {
        if (places < 1) {
            throw new IllegalArgumentException("at least one must be able to work");
        }
        this.free = places;
    }

    /// Waits for a turn; call [#leave] afterwards, whatever happens.
    ///
    /// @param rank the lower, the more urgent
    public void enter(int rank) {
        Waiting mine;
        lock.lock();
        try {
            if (free > 0) {
                free--;
                return;
            }
            mine = new Waiting(rank, count++, new CompletableFuture<>());
            queue.add(mine);
        } finally {
            lock.unlock();
        }
        var _ = mine.turn().join();
    }

    /// Gives the place to whoever is next.
    public void leave() {
        Waiting next;
        lock.lock();
        try {
            next = queue.poll();
            if (next == null) {
                free++;
            }
        } finally {
            lock.unlock();
        }
        if (next != null) {
            next.turn().complete(true);
        }
    }
}
