package dev.sluice.rollout.core;

import dev.sluice.rollout.core.Observation.PodView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `restartAt`: evicts older pods within the availability budget (D7, D8).
final class Restarts {
    private static final int RETRY_SECONDS = 30;

    private Restarts() {}

    /// While a restart is due, pods that are on their way out count as gone even where the
    /// ReplicaSet does not know yet: what follows must not spend the same budget again (D7).
    static Observation withPodsThatServe(Observation seen, Instant now) {
        if (!References.needsPods(seen.rollout(), now)) {
            return seen;
        }
        return seen.with(
                seen.replicaSets().stream()
                        .map(
                                rs ->
                                        rs.withAtMost(
                                                (int)
                                                        seen.pods().stream()
                                                                .filter(
                                                                        p ->
                                                                                p.replicaSetUid()
                                                                                        .equals(
                                                                                                rs
                                                                                                        .uid()))
                                                                .filter(
                                                                        p ->
                                                                                p.ready()
                                                                                        && !p
                                                                                                .deleting())
                                                                .count()))
                        .toList());
    }

    /// True when a pod is evicted, which ends the pass.
    static boolean evicts(Pass pass) {
        Optional<Instant> restartAt = pass.spec.restartAt();
        if (restartAt.isEmpty()
                || restartAt.equals(pass.next.restartedAt)
                || pass.stored.currentPodHash().isEmpty()) {
            return false;
        }
        if (pass.now.isBefore(restartAt.get())) {
            pass.wakeAt(restartAt.get());
            return false;
        }
        List<PodView> pods = inOrder(pass);
        int specCount = pass.sets.owned().stream().mapToInt(ReplicaSetView::replicas).sum();
        Map<String, Integer> serving = serving(pass, pods);
        int available = serving.values().stream().mapToInt(Integer::intValue).sum();
        int budget =
                available - (Math.max(pass.replicas(), specCount) - Math.max(unavailable(pass), 1));
        int left = 0;
        boolean evicted = false;
        for (PodView pod : pods) {
            if (!pod.creation().isBefore(restartAt.get())) {
                continue;
            }
            left++;
            if (budget > 0 && !pod.deleting() && !isNeeded(pass, pod, serving)) {
                budget--;
                evicted = true;
                serving.computeIfPresent(pod.replicaSetUid(), (_, n) -> serves(pod) ? n - 1 : n);
                pass.doAfter(new Command.EvictPod(pod.name(), pod.uid()));
            }
        }
        if (left == 0) {
            pass.next.restartedAt = restartAt;
        } else {
            pass.wakeAt(pass.now.plusSeconds(RETRY_SECONDS));
        }
        return evicted;
    }

    private static boolean serves(PodView pod) {
        return pod.ready() && !pod.deleting();
    }

    /// Pods that serve, by the uid of their ReplicaSet. Those that it is about to take away anyway
    /// do not count: nobody knows which they will be (D7).
    private static Map<String, Integer> serving(Pass pass, List<PodView> pods) {
        Map<String, Integer> serving = new HashMap<>();
        for (ReplicaSetView rs : pass.sets.owned()) {
            int count =
                    (int)
                            pods.stream()
                                    .filter(p -> serves(p) && p.replicaSetUid().equals(rs.uid()))
                                    .count();
            serving.put(rs.uid(), Math.min(count, rs.replicas()));
        }
        return serving;
    }

    /// The last pod of a revision to which requests go waits until others share its load, or until
    /// the release took the traffic away (T2). Where one pod is all that is wanted, whoever asks
    /// for its restart asks for the gap.
    private static boolean isNeeded(Pass pass, PodView pod, Map<String, Integer> serving) {
        return serves(pod)
                && pass.replicas() > 1
                && serving.getOrDefault(pod.replicaSetUid(), 0) == 1
                && pass.sets.owned().stream()
                        .filter(rs -> rs.uid().equals(pod.replicaSetUid()))
                        .anyMatch(
                                rs ->
                                        Capacity.isServing(pass, rs.hash())
                                                || isBehindRouter(pass, rs.hash()));
    }

    /// The stable Service needs an endpoint also without a share: ingress-nginx answers 503 to
    /// everybody, whatever the canary's weight, where the Service of the main Ingress has none.
    private static boolean isBehindRouter(Pass pass, String hash) {
        return pass.next
                .trafficPlan
                .filter(p -> p.weights().isPresent())
                .flatMap(p -> p.selected(TrafficPlan.Role.STABLE))
                .filter(hash::equals)
                .isPresent();
    }

    private static int unavailable(Pass pass) {
        return switch (pass.spec.strategy()) {
            case Strategy.Canary c -> c.maxUnavailable().roundDown(pass.replicas());
            case Strategy.BlueGreen b -> b.maxUnavailable().roundDown(pass.replicas());
        };
    }

    /// Pods of stable, then new, then older revisions, oldest first within each.
    private static List<PodView> inOrder(Pass pass) {
        List<ReplicaSetView> sets = new ArrayList<>(pass.sets.owned());
        sets.sort(
                Comparator.comparingInt((ReplicaSetView rs) -> rank(pass, rs))
                        .thenComparing(ReplicaSetView::creation));
        List<PodView> pods = new ArrayList<>();
        for (ReplicaSetView rs : sets) {
            pass.seen.pods().stream()
                    .filter(p -> p.replicaSetUid().equals(rs.uid()))
                    .sorted(Comparator.comparing(PodView::creation).thenComparing(PodView::name))
                    .forEach(pods::add);
        }
        return pods;
    }

    private static int rank(Pass pass, ReplicaSetView rs) {
        if (rs.hash().equals(pass.next.stableRS)) {
            return 0;
        }
        return rs.hash().equals(pass.newHash()) ? 1 : 2;
    }
}
