package dev.sluice.runtime.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/// Gives what comes in while a transaction is under way to the next one, all at once. A single
/// caller waits for nobody; of a thousand callers many share a transaction.
///
/// @param <T> what a caller wants done
/// @param <R> what it gets back
final class Together<T, R> {
    private static final int LIMIT = 200;

    private record Waiting<T, R>(T wanted, CompletableFuture<R> answer) {}

    private final Function<List<T>, List<R>> work;
    private final Queue<Waiting<T, R>> queue = new ConcurrentLinkedQueue<>();
    private final ReentrantLock turn = new ReentrantLock();

    /// @param work does everything of a list and answers in the same order
    Together(Function<List<T>, List<R>> work) {
        this.work = work;
    }

    /// Does `wanted`, maybe together with what others want.
    R add(T wanted) {
        Waiting<T, R> mine = new Waiting<>(wanted, new CompletableFuture<>());
        queue.add(mine);
        turn.lock();
        try {
            while (!mine.answer().isDone()) {
                doNext();
            }
        } finally {
            turn.unlock();
        }
        try {
            return mine.answer().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private void doNext() {
        List<Waiting<T, R>> batch = new ArrayList<>();
        for (Waiting<T, R> next = queue.poll(); next != null; next = queue.poll()) {
            batch.add(next);
            if (batch.size() == LIMIT) {
                break;
            }
        }
        try {
            answer(batch);
        } catch (StatementRefusedException e) {
            if (batch.size() == 1) {
                fail(batch, e);
            } else {
                // One of them is at fault: the others must not suffer for it.
                batch.forEach(this::alone);
            }
        } catch (RuntimeException e) {
            fail(batch, e);
        } finally {
            // after an error of the JVM too, nobody waits for ever
            fail(batch, new IllegalStateException("the transaction ended without an answer"));
        }
    }

    private void alone(Waiting<T, R> one) {
        try {
            answer(List.of(one));
        } catch (RuntimeException e) {
            fail(List.of(one), e);
        }
    }

    private void answer(List<Waiting<T, R>> batch) {
        List<R> answers = work.apply(batch.stream().map(Waiting::wanted).toList());
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).answer().complete(answers.get(i));
        }
    }

    private static <T, R> void fail(List<Waiting<T, R>> batch, RuntimeException e) {
        batch.forEach(one -> one.answer().completeExceptionally(e));
    }
}
