package dev.sluice.explorer.check;

import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Proxy;
import dev.sluice.explorer.model.Proxy.Config;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.router.core.Lingering;
import dev.sluice.router.core.provider.ServiceSelectors;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// What a write of router-service may do.
final class TrafficRules {
    static final List<Rule<RouterWrite>> ALL =
            List.of(
                    new Rule<>(
                            "T1",
                            "a share is given only to pods that can carry it",
                            TrafficRules::t1),
                    new Rule<>("T2", "a share is given only where a pod is", TrafficRules::t2),
                    new Rule<>("T3", "capacity is read when it is used", TrafficRules::t3),
                    new Rule<>("T7", "no share goes to the sicker side", TrafficRules::t7),
                    new Rule<>("T4", "shares sum to the whole", TrafficRules::t4),
                    new Rule<>("T8", "nothing moves by what cannot be seen", TrafficRules::t8),
                    new Rule<>("T6", "no write starves a share", TrafficRules::t6),
                    new Rule<>("T9", "copies change nothing", RouterRules::t9),
                    new Rule<>("S1", "a managed Service selects one revision", TrafficRules::s1),
                    new Rule<>(
                            "S2", "a Service moves only to pods for its share", TrafficRules::s2),
                    new Rule<>("S4", "every backend exists", TrafficRules::s4),
                    new Rule<>("A3", "an abort never raises the canary", TrafficRules::a3),
                    new Rule<>(
                            "B3",
                            "a Service moves only to a revision with a pod",
                            TrafficRules::b3),
                    new Rule<>("R1", "what is not ours stays as it is", RouterRules::r1),
                    new Rule<>("R5", "evidence says what is", RouterRules::r5),
                    new Rule<>("C6", "an older plan never replaces a newer one", TrafficRules::c6));

    /// As long as one look may be acted upon.
    private static final long FRESH_MILLIS = 1_000;

    private TrafficRules() {}

    static Optional<String> t1(RouterWrite w) {
        Cluster cluster = w.cluster();
        int n = w.replicas();
        if (n == 0) {
            return Optional.empty();
        }
        Map<String, Integer> after = Live.shares(cluster);
        for (Map.Entry<String, Integer> e : after.entrySet()) {
            int was = w.before().live().getOrDefault(e.getKey(), 0);
            if (e.getValue() <= was) {
                continue;
            }
            int need =
                    Needs.discounted(
                            cluster,
                            Needs.of(cluster, e.getKey(), e.getValue(), n),
                            w.plan().abort());
            int has = w.capacity().available(e.getKey());
            if (has < need && !isRescue(w, n)) {
                return Optional.of(
                        "%s gets up to %d with %d available pods, needs %d (N=%d)"
                                .formatted(e.getKey(), e.getValue(), has, need, n));
            }
        }
        return Optional.empty();
    }

    /// Where nothing satisfies T1, what makes the worst shortage smaller is allowed, and leaving
    /// the dead comes first (T2).
    private static boolean isRescue(RouterWrite w, int n) {
        Facts now = Facts.of(w.cluster());
        for (Proxy proxy : w.cluster().proxies()) {
            if (dead(w, w.before(), proxy.name()) && !dead(w, now, proxy.name())) {
                return true;
            }
        }
        int before = 0;
        for (Map.Entry<String, Integer> e : w.before().live().entrySet()) {
            int need = Needs.of(w.cluster(), e.getKey(), e.getValue(), n);
            before = Math.max(before, need - w.capacity().available(e.getKey()));
        }
        int after = 0;
        for (Proxy proxy : w.cluster().proxies()) {
            for (String hash : now.wanted().keySet()) {
                int whole = Math.max(1, w.cluster().config(proxy.entry()).whole());
                int share =
                        now.newestShare(proxy.name(), hash)
                                * w.cluster().scenario().maxWeight()
                                / whole;
                int need = Needs.of(w.cluster(), hash, share, n);
                after = Math.max(after, need - w.capacity().available(hash));
            }
        }
        return after < before;
    }

    /// Whether the newest routing of a proxy gives anything to a revision without a pod.
    private static boolean dead(RouterWrite w, Facts facts, String proxy) {
        return facts.wanted().keySet().stream()
                .anyMatch(
                        hash ->
                                facts.newestShare(proxy, hash) > 0
                                        && w.capacity().available(hash) == 0);
    }

    static Optional<String> t2(RouterWrite w) {
        if (w.replicas() == 0) {
            return Optional.empty();
        }
        for (Proxy proxy : w.cluster().proxies()) {
            Config now = w.cluster().config(proxy.entry());
            Config was = w.before().newest().getOrDefault(proxy.name(), now);
            for (String service : now.answering()) {
                String hash = w.cluster().selected(service);
                boolean moved =
                        now.share(service) > was.share(service)
                                || !was.answering().contains(service)
                                || !hash.equals(w.before().selectors().get(service));
                if (moved && !hash.isEmpty() && w.capacity().available(hash) == 0) {
                    return Optional.of(
                            "Service %s gets %d, and %s has no pod"
                                    .formatted(service, now.share(service), hash));
                }
            }
        }
        return Optional.empty();
    }

    static Optional<String> t3(RouterWrite w) {
        long age = w.decidedAt() - w.capacity().millis();
        return age > FRESH_MILLIS
                ? Optional.of("capacity was " + age + " ms old when " + w.ref() + " was decided on")
                : Optional.empty();
    }

    /// An outage of the API between two writes is no fault; a decision in the dark is one.
    static Optional<String> t8(RouterWrite w) {
        return w.blind()
                ? Optional.of(w.ref() + " is written though nobody can see what is there")
                : Optional.empty();
    }

    /// Whoever gains is short of no more pods afterwards than whoever loses was before.
    static Optional<String> t7(RouterWrite w) {
        int n = w.replicas();
        Facts now = Facts.of(w.cluster());
        for (Proxy proxy : w.cluster().proxies()) {
            int worst = 0;
            for (String hash : now.wanted().keySet()) {
                worst = Math.max(worst, shortage(w, w.before(), proxy, hash, n));
            }
            for (String hash : now.wanted().keySet()) {
                int max = w.cluster().scenario().maxWeight();
                boolean gains =
                        now.newestPart(proxy.name(), hash, max)
                                > w.before().newestPart(proxy.name(), hash, max);
                int shortage = shortage(w, now, proxy, hash, n);
                if (gains && shortage > worst && !isRescue(w, n)) {
                    return Optional.of(
                            "%s at %s is short of %d pods, the worst was %d"
                                    .formatted(hash, proxy.name(), shortage, worst));
                }
            }
        }
        return Optional.empty();
    }

    private static int shortage(RouterWrite w, Facts facts, Proxy proxy, String hash, int n) {
        int share = facts.newestPart(proxy.name(), hash, w.cluster().scenario().maxWeight());
        int need =
                Needs.discounted(
                        w.cluster(), Needs.of(w.cluster(), hash, share, n), w.plan().abort());
        return need - w.capacity().available(hash);
    }

    static Optional<String> t4(RouterWrite w) {
        for (Proxy proxy : w.cluster().proxies()) {
            Config config = w.cluster().config(proxy.entry());
            int sum = config.shares().values().stream().mapToInt(Integer::intValue).sum();
            boolean negative = config.shares().values().stream().anyMatch(s -> s < 0);
            if (negative || sum != config.whole() || sum == 0) {
                return Optional.of(proxy.name() + " is given " + config);
            }
        }
        return Optional.empty();
    }

    static Optional<String> t6(RouterWrite w) {
        return Starved.by(w.before(), w.cluster(), w.replicas())
                .filter(_ -> !isRescue(w, w.replicas()));
    }

    static Optional<String> s1(RouterWrite w) {
        boolean bare =
                w.isService()
                        && ServiceSelectors.managedBy(w.present()).isPresent()
                        && ServiceSelectors.selectedHash(w.present()).isEmpty();
        return bare ? Optional.of(w.ref() + " is managed and selects every pod") : Optional.empty();
    }

    static Optional<String> s2(RouterWrite w) {
        if (!isMoved(w) || w.replicas() == 0) {
            return Optional.empty();
        }
        String service = w.ref().name();
        String to = w.cluster().selected(service);
        String from = w.before().selectors().getOrDefault(service, "");
        int share = Live.shareOf(w.cluster(), service);
        int need =
                Needs.discounted(
                        w.cluster(),
                        Live.need(share, w.cluster().scenario().maxWeight(), w.replicas()),
                        w.plan().abort());
        boolean isDead = !from.isEmpty() && w.capacity().available(from) == 0;
        int has = w.capacity().available(to);
        return share > 0 && has < need && !(isDead && has > 0)
                ? Optional.of(
                        "Service %s with a share of %d moves to %s with %d pods, needs %d"
                                .formatted(service, share, to, has, need))
                : Optional.empty();
    }

    private static boolean isMoved(RouterWrite w) {
        return w.isService()
                && !w.cluster()
                        .selected(w.ref().name())
                        .equals(w.before().selectors().getOrDefault(w.ref().name(), ""));
    }

    static Optional<String> s4(RouterWrite w) {
        for (Proxy proxy : w.cluster().proxies()) {
            Config config = w.cluster().config(proxy.entry());
            for (String service : config.destinations()) {
                if (w.cluster().service(service).isEmpty() && !w.cluster().isLost(service)) {
                    return Optional.of(proxy.name() + " sends to the missing " + service);
                }
            }
        }
        return Optional.empty();
    }

    static Optional<String> a3(RouterWrite w) {
        TrafficPlan plan = w.plan();
        String stable = w.rollout().status().stableRS();
        if (!plan.abort() || stable.isEmpty()) {
            return Optional.empty();
        }
        Facts now = Facts.of(w.cluster());
        for (Proxy proxy : w.cluster().proxies()) {
            int was = w.before().newestShare(proxy.name(), stable);
            int is = now.newestShare(proxy.name(), stable);
            if (is < was) {
                return Optional.of(
                        "%s takes traffic from the stable revision in an abort: %d to %d"
                                .formatted(proxy.name(), was, is));
            }
        }
        return Optional.empty();
    }

    static Optional<String> b3(RouterWrite w) {
        String to = w.cluster().selected(w.ref().name());
        return isMoved(w) && w.replicas() > 0 && !to.isEmpty() && w.capacity().available(to) == 0
                ? Optional.of("Service " + w.ref().name() + " moves to " + to + " without a pod")
                : Optional.empty();
    }

    static Optional<String> c6(RouterWrite w) {
        if (w.former().isEmpty()) {
            return Optional.empty();
        }
        OptionalLong was = Lingering.stampedPlan(w.former().get(), Cluster.UID);
        OptionalLong is = Lingering.stampedPlan(w.present(), Cluster.UID);
        boolean lowered = was.isPresent() && (is.isEmpty() || is.getAsLong() < was.getAsLong());
        return lowered
                ? Optional.of(w.ref() + " goes from plan " + was + " to " + is)
                : Optional.empty();
    }
}
