package dev.sluice.rollout.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.events.SyncEvent;
import dev.sluice.rollout.core.Decision;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.RolloutStatus.Release;
import dev.sluice.rollout.core.status.StatusDraft;
import dev.sluice.rollout.core.status.StatusJson;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Where releases come from: the Git commit that a sync applied, remembered until the release
/// that it started can carry it.
///
/// It is information for people and events, never for decisions. After a restart the journal
/// gives back what it has read; a sync that it had not read yet, or one from more than a day
/// before, is lost, and its release then carries no commit.
public final class Origins {
    private static final int LIMIT = 20_000;

    private final Map<String, Origin> byRollout = new ConcurrentHashMap<>();

    /// The Git change that a sync applied to a Rollout.
    ///
    /// @param generation of the Rollout right after the sync
    public record Origin(
            long generation, String repository, String commit, String application, String actor) {}

    /// Remembers where the latest generation of a Rollout comes from: the first sync that left it.
    public void remember(String uid, Origin origin) {
        if (byRollout.size() < LIMIT || byRollout.containsKey(uid)) {
            byRollout.merge(
                    uid, origin, (old, now) -> now.generation() > old.generation() ? now : old);
        }
    }

    /// Remembers where the Rollouts of a sync come from.
    public void remember(SyncEvent.SyncCompleted completed) {
        SyncEvent.ApplicationRef application = completed.application();
        String actor =
                completed.actor().orElse(completed.automated() ? "automated sync" : "unknown");
        for (SyncEvent.SyncedRollout rollout : completed.rollouts()) {
            remember(
                    rollout.uid(),
                    new Origin(
                            rollout.generation(),
                            application.repository(),
                            completed.commit(),
                            application.namespace() + "/" + application.name(),
                            actor));
        }
    }

    /// Whether an origin waits for its release.
    public boolean isAwaited(String uid) {
        return byRollout.containsKey(uid);
    }

    /// Drops what is known of a Rollout that is gone.
    public void forget(String uid) {
        byRollout.remove(uid);
    }

    /// Adds the origin to the release of a decision, where it fits and the release has none yet.
    Decision complete(Sighting sighting, Decision decision) {
        Origin origin = byRollout.get(sighting.meta().uid());
        Optional<Release> release = decision.next().release();
        if (origin == null || release.isEmpty() || writesRolloutItself(decision)) {
            return decision;
        }
        long generation = sighting.meta().generation();
        if (origin.generation() != generation || !release.get().commit().isEmpty()) {
            if (origin.generation() <= generation) {
                byRollout.remove(sighting.meta().uid(), origin);
            }
            return decision;
        }
        StatusDraft draft = new StatusDraft(decision.next());
        draft.release = Optional.of(named(release.get(), origin));
        RolloutStatus next = draft.freeze();
        Optional<ObjectNode> patch = StatusJson.patch(sighting.json().path("status"), next);
        return new Decision(
                next,
                patch,
                decision.before(),
                decision.after(),
                decision.notices(),
                decision.wakeAt());
    }

    /// Such a decision changes the version of the Rollout first, so a status patch would conflict.
    private static boolean writesRolloutItself(Decision decision) {
        return decision.statusPatch().isEmpty()
                && !(decision.before().isEmpty() && decision.after().isEmpty());
    }

    private static Release named(Release release, Origin origin) {
        return new Release(
                release.attempt(),
                release.measurements(),
                release.startedAt(),
                release.fromHash(),
                release.toHash(),
                release.revision(),
                origin.repository(),
                origin.commit(),
                origin.application(),
                origin.actor());
    }
}
