package dev.sluice.rollout.adapter.k8s;

import dev.sluice.rollout.RolloutMessages;
import dev.sluice.rollout.app.Outcome;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// When to look at an object again after a pass over it.
final class NextLook {
    static final Duration CATCH_UP = Duration.ofMillis(100);
    static final Duration NOT_MINE = Duration.ofSeconds(30);
    private static final Duration REFUSED = Duration.ofSeconds(10);
    private static final Duration LONGEST_CONFLICT_DELAY = Duration.ofSeconds(5);
    private static final int MOST_DOUBLINGS = 7;

    private final Duration conflictDelay;
    private final InstantSource clock;
    private final Map<String, Integer> conflicts = new ConcurrentHashMap<>();

    /// @param conflictDelay after the first conflict; doubles with each further one
    NextLook(Duration conflictDelay, InstantSource clock) {
        this.conflictDelay = conflictDelay;
        this.clock = clock;
    }

    static <R extends HasMetadata> UpdateControl<R> after(Duration delay) {
        return UpdateControl.<R>noUpdate().rescheduleAfter(delay);
    }

    /// @param idle the longest wait when nothing was to be done
    <R extends HasMetadata> UpdateControl<R> after(
            ObjectMeta object, Outcome outcome, Duration idle) {
        return switch (outcome) {
            case Outcome.Done(var wrote, var wakeAt) -> {
                conflicts.remove(object.getUid());
                yield after(shorter(wrote ? CATCH_UP : idle, wakeAt));
            }
            case Outcome.Overtaken(var what) -> {
                int count = conflicts.merge(object.getUid(), 1, Integer::sum);
                RolloutMessages.LOG.overtaken(object.getNamespace(), object.getName(), what);
                Duration delay =
                        conflictDelay.multipliedBy(1L << Math.min(count - 1, MOST_DOUBLINGS));
                yield after(
                        delay.compareTo(LONGEST_CONFLICT_DELAY) < 0
                                ? delay
                                : LONGEST_CONFLICT_DELAY);
            }
            case Outcome.Refused(var what, var reason) -> {
                RolloutMessages.LOG.refused(object.getNamespace(), object.getName(), what, reason);
                yield after(REFUSED);
            }
        };
    }

    private Duration shorter(Duration longest, Optional<Instant> wakeAt) {
        if (wakeAt.isEmpty()) {
            return longest;
        }
        Duration until = Duration.between(clock.instant(), wakeAt.get()).plusMillis(1);
        if (until.isNegative() || until.isZero()) {
            return Duration.ofMillis(1);
        }
        return until.compareTo(longest) < 0 ? until : longest;
    }

    void forget(String uid) {
        conflicts.remove(uid);
    }
}
