package dev.sluice.explorer;

import dev.sluice.explorer.check.Facts;
import dev.sluice.explorer.drive.World;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Proxy;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.TrafficPlan.Role;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// What each story is about: a state that its course of events has to come by. A story that does
/// not get there proves nothing.
final class Situations {
    private static final int MOST_STARTED = 60;

    static final Map<String, Predicate<World>> OF_STORIES =
            Map.ofEntries(
                    Map.entry("issue-2235", w -> isPromoted(w, 1) && keepsPods(w, 0)),
                    Map.entry("issue-2050", w -> isInRelease(w) && share(w, 1) == 100),
                    Map.entry("issue-3372", w -> isTarget(w, 2) && wanted(w, 0) < replicas(w)),
                    Map.entry("issue-3020", w -> isTarget(w, 0) && wanted(w, 0) < replicas(w)),
                    Map.entry("issue-4390", w -> isTarget(w, 2) && keepsPods(w, 1)),
                    Map.entry("issue-4534", w -> isTarget(w, 2) && hasDeadline(w, 0)),
                    Map.entry("issue-3681", w -> share(w, 1) == 100 && lags(w) && keepsPods(w, 0)),
                    Map.entry("issue-3926", w -> share(w, 1) > 0 && lags(w)),
                    Map.entry("issue-4612", w -> isTarget(w, 0) && share(w, 1) > 0),
                    Map.entry("issue-4752", w -> selects(w, "canary", 1) && lags(w)),
                    Map.entry("issue-4898", w -> isAborted(w) && wanted(w, 0) < replicas(w)),
                    Map.entry("issue-3941", w -> isTarget(w, 0) && isStuck(w, 0)),
                    Map.entry("issue-1292", w -> isAborted(w) && !isInRelease(w)),
                    Map.entry("issue-3774", w -> hasDeadline(w, 0)),
                    Map.entry("issue-2118", w -> isAborted(w) && share(w, 1) == 0),
                    Map.entry("issue-1820", w -> share(w, 1) == 100),
                    Map.entry("issue-3467", w -> isInRelease(w) && replicas(w) == 5),
                    Map.entry("issue-3565", w -> isInRelease(w) && replicas(w) == 2),
                    Map.entry("issue-1415", w -> isInRelease(w) && replicas(w) == 1),
                    Map.entry("issue-2931", w -> isTarget(w, 1) && replicas(w) == 2),
                    Map.entry("issue-1583", w -> isInRelease(w) && replicas(w) == 0),
                    Map.entry("issue-4604", w -> isInRelease(w) && isHurt(w, 1)),
                    Map.entry("issue-2897", w -> isRun(w, "Failed") && attempt(w) > 2),
                    Map.entry("issue-4479", w -> isRun(w, "Error") && isInRelease(w)),
                    Map.entry("issue-3850", w -> isPausedFor(w, "InconclusiveAnalysisRun")),
                    Map.entry("issue-4073", w -> isTarget(w, 2)),
                    Map.entry("issue-2117", w -> isAborted(w)),
                    Map.entry("issue-3988", w -> isAborted(w) && isStuck(w, 1)),
                    Map.entry("issue-1774", w -> isStuck(w, 0) && isTarget(w, 1)),
                    Map.entry("issue-1757", w -> isInRelease(w) && attempt(w) > 2),
                    Map.entry("issue-2929", w -> isAborted(w) && replicas(w) == 4),
                    Map.entry("issue-1731", w -> selects(w, "stable", 0) && isYoung(w)),
                    Map.entry("issue-3617", w -> isAborted(w) && isRuled(w)),
                    Map.entry("issue-4716", w -> isRuled(w) && isInRelease(w)),
                    Map.entry("issue-2526", w -> isRuled(w) && status(w).promoteFull()),
                    Map.entry("issue-5006", w -> isStableService(w, "pong")),
                    Map.entry("issue-1966", w -> isTarget(w, 2) && isStuck(w, 1)),
                    Map.entry("issue-3420", w -> isInRelease(w) && isStuck(w, 1)),
                    Map.entry("read-in-source-floor", w -> replicas(w) == 1 && share(w, 1) == 200),
                    Map.entry("issue-4128", w -> isAborted(w) && isFrozen(w) && isInRelease(w)),
                    Map.entry("flagger-1931", w -> status(w).promoteFull() && isHurt(w, 1)),
                    Map.entry("issue-4221", w -> w.cluster().isRestarting() && isLeaving(w, 0)),
                    Map.entry("issue-3333", w -> isBlind(w) && isInRelease(w) && !isObserved(w)),
                    Map.entry("issue-2091", w -> isAborted(w) && isHeld(w) && isInRelease(w)),
                    Map.entry("issue-1107", w -> isRun(w, "Running") && isInRelease(w)),
                    Map.entry("issue-1367", w -> replicas(w) == 4 && !isInRelease(w)),
                    Map.entry("read-in-source-verification", w -> isAppliedByOneAlone(w, 1)),
                    Map.entry("read-in-source-intermediate", w -> isTarget(w, 2) && trails(w, 1)),
                    Map.entry("openkruise-272", w -> isBlueGreen(w) && isInRelease(w)));

    private Situations() {}

    private static RolloutStatus status(World w) {
        return w.cluster().rollout().status();
    }

    private static boolean isInRelease(World w) {
        return !status(w).stableRS().equals(status(w).currentPodHash());
    }

    private static boolean isAborted(World w) {
        return status(w).abort();
    }

    private static int replicas(World w) {
        return w.cluster().rollout().replicas();
    }

    private static long attempt(World w) {
        return status(w).release().map(r -> r.attempt()).orElse(0L);
    }

    private static Optional<ReplicaSetView> set(World w, int image) {
        return w.cluster().sets().values().stream()
                .filter(
                        s ->
                                s.template()
                                        .at("/spec/containers/0/image")
                                        .asText()
                                        .equals("demo:" + (image + 1)))
                .findFirst();
    }

    private static String hash(World w, int image) {
        return set(w, image).map(ReplicaSetView::hash).orElse("none");
    }

    private static boolean isTarget(World w, int image) {
        return status(w).currentPodHash().equals(hash(w, image));
    }

    private static boolean isPromoted(World w, int image) {
        return status(w).stableRS().equals(hash(w, image));
    }

    private static int wanted(World w, int image) {
        return set(w, image).map(ReplicaSetView::replicas).orElse(0);
    }

    private static boolean keepsPods(World w, int image) {
        return w.cluster().pods(hash(w, image)).ready() > 0;
    }

    private static boolean isStuck(World w, int image) {
        return w.cluster().pods(hash(w, image)).isStuck();
    }

    private static boolean isHurt(World w, int image) {
        return set(w, image).isPresent() && w.cluster().pods(hash(w, image)).isDamaged();
    }

    private static boolean hasDeadline(World w, int image) {
        return set(w, image).flatMap(s -> s.annotation("scale-down-deadline")).isPresent();
    }

    /// The largest share of a revision in the newest routing of any proxy.
    private static int share(World w, int image) {
        Facts facts = Facts.of(w.cluster());
        return w.cluster().proxies().stream()
                .mapToInt(p -> facts.newestShare(p.name(), hash(w, image)))
                .max()
                .orElse(0);
    }

    private static boolean selects(World w, String service, int image) {
        return w.cluster().selected(service).equals(hash(w, image));
    }

    private static boolean lags(World w) {
        return w.cluster().proxies().stream().anyMatch(Proxy::lags);
    }

    /// A header or mirror route is written.
    private static boolean isRuled(World w) {
        Cluster cluster = w.cluster();
        return cluster.proxies().stream()
                .map(p -> cluster.config(p.entry()))
                .anyMatch(c -> !c.matched().isEmpty() || !c.mirrored().isEmpty());
    }

    private static boolean isStableService(World w, String service) {
        return isInRelease(w)
                && status(w).trafficPlan().stream()
                        .flatMap(p -> p.services().stream())
                        .anyMatch(s -> s.role() == Role.STABLE && s.name().equals(service));
    }

    private static boolean isRun(World w, String phase) {
        return w.cluster().runs().values().stream()
                .map(AnalysisRunView::phase)
                .anyMatch(phase::equals);
    }

    private static boolean isPausedFor(World w, String reason) {
        return status(w).hasPause(reason);
    }

    private static boolean isFrozen(World w) {
        return w.cluster().freeze().isPresent();
    }

    /// A pod is on its way out.
    private static boolean isLeaving(World w, int image) {
        return !w.cluster().pods(hash(w, image)).leaving(w.cluster().millis()).isEmpty();
    }

    private static boolean isBlind(World w) {
        return w.cluster().isUnreadable();
    }

    private static boolean isObserved(World w) {
        return status(w).trafficPlan().map(TrafficPlan::isObserved).orElse(true);
    }

    private static boolean isHeld(World w) {
        return w.cluster().rollout().json().at("/spec/paused").asBoolean();
    }

    /// Some proxies give a revision its share already, and others do not know yet.
    private static boolean isAppliedByOneAlone(World w, int image) {
        long knowing = w.cluster().proxies().stream().filter(p -> gives(w, p, image)).count();
        return knowing > 0 && knowing < w.cluster().proxies().size() && share(w, image) > 0;
    }

    private static boolean gives(World w, Proxy proxy, int image) {
        return proxy.applied().shares().entrySet().stream()
                .anyMatch(
                        e ->
                                e.getValue() > 0
                                        && proxy.endpoints(e.getKey()).containsKey(hash(w, image)));
    }

    /// No share is meant for a revision any more, and a proxy still gives it one.
    private static boolean trails(World w, int image) {
        return share(w, image) == 0
                && wanted(w, image) > 0
                && w.cluster().proxies().stream().anyMatch(p -> gives(w, p, image));
    }

    private static boolean isBlueGreen(World w) {
        return w.cluster().rollout().json().at("/spec/strategy/blueGreen").isObject();
    }

    private static boolean isYoung(World w) {
        return w.cluster().millis() < MOST_STARTED * 1_000;
    }
}
