package dev.sluice.rollout.core;

import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.status.StatusDraft;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Holds back writes that tell no more than new counts of pods while a release moves: one in two
/// seconds is enough, however many pods come and go.
final class Counting {
    private static final int HOLD_SECONDS = 2;

    private Counting() {}

    /// Until when such a write may wait; empty when there is more to tell, or it is due.
    static Optional<Instant> heldUntil(RolloutStatus stored, RolloutStatus next, Instant now) {
        if (!stored.phase().equals("Progressing") || !isCountsOnly(stored, next)) {
            return Optional.empty();
        }
        return stored.condition(Conditions.PROGRESSING)
                .map(c -> c.lastUpdateTime().plusSeconds(HOLD_SECONDS))
                .filter(now::isBefore);
    }

    private static boolean isCountsOnly(RolloutStatus stored, RolloutStatus next) {
        if (stored.equals(next) || !kinds(stored).equals(kinds(next))) {
            return false;
        }
        StatusDraft same = new StatusDraft(next);
        same.replicas = stored.replicas();
        same.updatedReplicas = stored.updatedReplicas();
        same.readyReplicas = stored.readyReplicas();
        same.availableReplicas = stored.availableReplicas();
        same.hpaReplicas = stored.hpaReplicas();
        same.conditions = stored.conditions();
        same.message = stored.message();
        if (isSameWhy(stored, next)) {
            same.why = stored.why();
        }
        return same.freeze().equals(stored);
    }

    private static boolean isSameWhy(RolloutStatus stored, RolloutStatus next) {
        return stored.why().isPresent()
                && next.why().isPresent()
                && stored.why().get().state() == next.why().get().state()
                && stored.why().get().reason().equals(next.why().get().reason());
    }

    private static List<String> kinds(RolloutStatus status) {
        return status.conditions().stream().map(Counting::kind).sorted().toList();
    }

    private static String kind(Condition c) {
        return c.type() + " " + c.status() + " " + c.reason();
    }
}
