package dev.sluice.router.app;

import dev.sluice.router.config.RouterSettings;
import dev.sluice.router.core.TrafficPlan;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// When each Rollout is due. It only spares looks: forgetting it costs a grace period, never
/// correctness. One small entry per live Rollout.
public final class Agenda {

    private static final Duration RECENT = Duration.ofMinutes(5);

    private record Hint(long attempt, long plan) {}

    private record Look(long plan, Instant due, boolean waiting) {}

    private final RouterSettings settings;
    private final InstantSource clock;
    private final Map<String, Hint> hints = new ConcurrentHashMap<>();
    private final Map<String, Look> looks = new ConcurrentHashMap<>();

    public Agenda(RouterSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /// A hint came.
    public void hint(String uid, long attempt, long plan) {
        hints.put(uid, new Hint(attempt, plan));
    }

    /// Something that concerns the Rollout was changed, maybe by somebody else.
    public void touched(String uid) {
        looks.computeIfPresent(uid, (_, look) -> new Look(look.plan(), look.due(), true));
    }

    /// Whether the Rollout waits for something in the cluster to follow.
    public boolean isWaiting(String uid) {
        Look look = looks.get(uid);
        return look != null && look.waiting();
    }

    /// How long the plan can wait; zero when it is due.
    public Duration untilDue(String uid, TrafficPlan plan) {
        Instant now = clock.instant();
        Look look = looks.get(uid);
        if (look != null && look.plan() == plan.id()) {
            return look.waiting() ? Duration.ZERO : between(now, look.due());
        }
        Hint hint = hints.get(uid);
        boolean hinted =
                hint != null && hint.plan() == plan.id() && hint.attempt() == plan.attempt();
        if (hinted) {
            return Duration.ZERO;
        }
        if (plan.complete()) {
            return untilFirstReadBack(uid, plan, now);
        }
        Duration grace = plan.abort() ? settings.abortGrace() : settings.planGrace();
        return between(now, plan.writtenAt().plus(grace));
    }

    /// After a restart every proven plan is read back, but not all of them at once: only those that
    /// were under way lately may have been left without their event.
    private Duration untilFirstReadBack(String uid, TrafficPlan plan, Instant now) {
        if (plan.writtenAt().plus(RECENT).isAfter(now)) {
            return Duration.ZERO;
        }
        int weight = plan.canaryWeight().orElse(0);
        boolean divided = weight > 0 && weight < plan.maxWeight();
        long period = (divided ? settings.readBack() : settings.readBackIdle()).toMillis();
        Duration delay = Duration.ofMillis(Math.floorMod(uid.hashCode(), period));
        looks.put(uid, new Look(plan.id(), now.plus(delay), false));
        return delay;
    }

    private static Duration between(Instant now, Instant due) {
        return due.isAfter(now) ? Duration.between(now, due) : Duration.ZERO;
    }

    /// A look ended.
    ///
    /// @param again when to look again
    public void looked(String uid, long plan, Optional<Duration> again) {
        Duration delay = again.orElse(settings.readBackIdle());
        boolean waiting = delay.compareTo(settings.readBack()) < 0;
        looks.put(uid, new Look(plan, clock.instant().plus(delay), waiting));
        hints.computeIfPresent(uid, (_, hint) -> hint.plan() <= plan ? null : hint);
    }

    /// Forgets Rollouts that are gone.
    public void retain(Set<String> uids) {
        looks.keySet().retainAll(uids);
        hints.keySet().retainAll(uids);
    }
}
