package dev.sluice.explorer.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.explorer.drive.RolloutWorker.Op;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Nature;
import dev.sluice.explorer.model.Proxy;
import dev.sluice.explorer.scenario.Option;
import dev.sluice.rollout.core.Command;
import dev.sluice.rollout.core.IntOrPercent;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.PodView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Reasons;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.TrafficPlan.Share;
import dev.sluice.rollout.core.status.Times;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What a write of rollout-service to a ReplicaSet may do.
final class ScaleRules {
    static final List<Rule<RolloutWrite>> ALL =
            List.of(
                    new Rule<>(
                            "D1", "no revision goes below its largest live share", ScaleRules::d1),
                    new Rule<>("D2", "what can be reached keeps a pod", ScaleRules::d2),
                    new Rule<>("D3", "share and pods never fall in one pass", ScaleRules::d3),
                    new Rule<>("D4", "a deadline is never shortened", ScaleRules::d4),
                    new Rule<>(
                            "D5", "a revision lives until a deadline of its own", ScaleRules::d5),
                    new Rule<>("D6", "nothing shrinks while a person must judge", ScaleRules::d6),
                    new Rule<>("D7", "restart and scale-down share one budget", ScaleRules::d7),
                    new Rule<>("D8", "no eviction ends a share's last pod", ScaleRules::d8),
                    new Rule<>("D9", "history keeps what has pods or reach", ScaleRules::d9),
                    new Rule<>(
                            "T5", "counted canaries keep N minus maxUnavailable", ScaleRules::t5),
                    new Rule<>("T6", "no write starves a share", ScaleRules::t6),
                    new Rule<>("T8", "nothing ends by what cannot be seen", ScaleRules::t8),
                    new Rule<>("B2", "the old stack waits for its delay", ScaleRules::b2),
                    new Rule<>("A1", "an abort without an update changes nothing", ScaleRules::a1),
                    new Rule<>(
                            "A7",
                            "an aborted revision keeps its pods while a rule leads to it",
                            ScaleRules::a7),
                    new Rule<>("C3", "every write is conditional", ScaleRules::c3),
                    new Rule<>("H1", "the replica count has one writer", ScaleRules::h1),
                    new Rule<>("H7", "counted canaries stay within the surge", ScaleRules::h7),
                    new Rule<>("G9", "a measurement is begun once", ScaleRules::g9),
                    new Rule<>("S5", "one revision per template", ScaleRules::s5));

    private ScaleRules() {}

    private static Optional<Command.ScaleReplicaSet> down(RolloutWrite w) {
        return w.op() instanceof Op.Do(Command.ScaleReplicaSet scale) && scale.to() < scale.from()
                ? Optional.of(scale)
                : Optional.empty();
    }

    private static Optional<Command.ScaleReplicaSet> up(RolloutWrite w) {
        return w.op() instanceof Op.Do(Command.ScaleReplicaSet scale) && scale.to() > scale.from()
                ? Optional.of(scale)
                : Optional.empty();
    }

    private static String hash(RolloutWrite w, String set) {
        return Optional.ofNullable(w.cluster().sets().get(set))
                .map(ReplicaSetView::hash)
                .orElse("");
    }

    static Optional<String> d1(RolloutWrite w) {
        return down(w).flatMap(
                        scale -> {
                            String hash = hash(w, scale.name());
                            int share = w.before().live().getOrDefault(hash, 0);
                            int need =
                                    Needs.discounted(
                                            w.cluster(),
                                            Needs.of(w.cluster(), hash, share, w.replicas()),
                                            false);
                            return scale.to() < need
                                    ? Optional.of(
                                            "%s goes from %d to %d; a proxy may give it %d, which needs %d"
                                                    .formatted(
                                                            hash,
                                                            scale.from(),
                                                            scale.to(),
                                                            share,
                                                            need))
                                    : Optional.empty();
                        });
    }

    static Optional<String> d2(RolloutWrite w) {
        boolean mayAllBeMissing =
                counted(w)
                        .map(c -> unavailable(c, w.replicas()) >= w.replicas())
                        .orElse(w.replicas() == 0);
        return down(w).filter(scale -> scale.to() == 0 && !mayAllBeMissing)
                .map(scale -> hash(w, scale.name()))
                .flatMap(hash -> reach(w.cluster(), hash));
    }

    private static Optional<String> reach(Cluster cluster, String hash) {
        Set<String> through = new TreeSet<>();
        for (String service : cluster.scenario().services()) {
            if (cluster.selected(service).equals(hash)) {
                through.add(service);
            }
            for (Proxy proxy : cluster.proxies()) {
                boolean used = proxy.live().stream().anyMatch(c -> c.leadsTo(service));
                boolean bare = cluster.selected(service).isEmpty();
                if (used && !bare && cluster.resolves(proxy, service).contains(hash)) {
                    through.add(proxy.name() + "/" + service);
                }
            }
        }
        return through.isEmpty()
                ? Optional.empty()
                : Optional.of(hash + " can be reached through " + through);
    }

    static Optional<String> d3(RolloutWrite w) {
        if (down(w).isEmpty() || w.seen().isEmpty()) {
            return Optional.empty();
        }
        String hash = hash(w, down(w).get().name());
        int was = share(w.seen().get().rollout().status().trafficPlan(), hash);
        int is = share(w.decision().next().trafficPlan(), hash);
        return is < was
                ? Optional.of(
                        "%s falls from %d to %d in the pass that scales it down"
                                .formatted(hash, was, is))
                : Optional.empty();
    }

    private static int share(Optional<TrafficPlan> plan, String hash) {
        return plan.stream()
                .flatMap(p -> p.shares().stream())
                .filter(s -> s.podTemplateHash().equals(hash))
                .mapToInt(Share::weight)
                .sum();
    }

    static Optional<String> d4(RolloutWrite w) {
        return switch (w.op()) {
            case Op.Do(Command.ScaleReplicaSet c) -> deadline(w, c.name(), c.annotations(), c.to());
            case Op.Do(Command.AnnotateReplicaSet c) ->
                    deadline(
                            w,
                            c.name(),
                            c.annotations(),
                            w.before().wanted().getOrDefault(hash(w, c.name()), 0));
            default -> Optional.empty();
        };
    }

    private static Optional<String> deadline(
            RolloutWrite w, String set, Map<String, Optional<String>> annotations, int count) {
        Optional<String> next = annotations.get(Names.SCALE_DOWN_DEADLINE);
        if (next == null || w.seen().isEmpty()) {
            return Optional.empty();
        }
        Optional<Instant> was =
                w.seen().get().replicaSets().stream()
                        .filter(s -> s.name().equals(set))
                        .findFirst()
                        .flatMap(s -> s.annotation(Names.SCALE_DOWN_DEADLINE))
                        .flatMap(Times::parse);
        if (was.isEmpty()) {
            return Optional.empty();
        }
        if (next.isPresent()) {
            Optional<Instant> is = Times.parse(next.get());
            return is.isPresent() && is.get().isBefore(was.get())
                    ? Optional.of("%s: from %s to %s".formatted(set, was.get(), is.get()))
                    : Optional.empty();
        }
        String hash = hash(w, set);
        boolean isBack =
                hash.equals(w.decision().next().stableRS())
                        || hash.equals(w.decision().next().currentPodHash())
                        || hash.equals(w.seen().get().rollout().status().stableRS());
        return isBack || count == 0
                ? Optional.empty()
                : Optional.of(
                        "%s loses its deadline %s with %d pods".formatted(set, was.get(), count));
    }

    /// Whoever took over meanwhile, and how often: what was promised to a revision is kept.
    static Optional<String> d5(RolloutWrite w) {
        if (down(w).isEmpty() || down(w).get().to() > 0 || isFree(w)) {
            return Optional.empty();
        }
        String hash = hash(w, down(w).get().name());
        RolloutStatus next = w.decision().next();
        if (hash.equals(next.stableRS()) || (hash.equals(next.currentPodHash()) && !next.abort())) {
            return Optional.empty(); // it is back in use
        }
        Optional<Instant> deadline =
                Optional.ofNullable(w.before().deadlines().get(hash)).flatMap(Times::parse);
        Instant now = w.cluster().now();
        return deadline.filter(d -> now.plusMillis(Nature.SKEW).isBefore(d))
                .map(d -> "%s may not end before %s and does at %s".formatted(hash, d, now));
    }

    /// Whether a revision may end before its time: by a limit on how many wait, because nobody
    /// wants pods at all, or because pods are counted and no delay is kept.
    private static boolean isFree(RolloutWrite w) {
        boolean isCounted =
                w.seen()
                        .map(s -> s.rollout().spec().strategy())
                        .filter(s -> s instanceof Strategy.Canary canary && !canary.isRouted())
                        .isPresent();
        return w.cluster().scenario().has(Option.ONE_WAITS)
                || w.cluster().scenario().has(Option.NO_DELAY)
                || w.replicas() == 0
                || isCounted;
    }

    /// Once the switch was made, nothing but a deadline that passed ends the stack before it. A
    /// missing one has not passed (D4).
    static Optional<String> b2(RolloutWrite w) {
        boolean isBlueGreen =
                w.seen()
                        .map(s -> s.rollout().spec().strategy() instanceof Strategy.BlueGreen)
                        .orElse(false);
        if (!isBlueGreen || down(w).isEmpty() || down(w).get().to() > 0 || isFree(w)) {
            return Optional.empty();
        }
        String hash = hash(w, down(w).get().name());
        boolean isTarget = hash.equals(w.decision().next().currentPodHash());
        return isTarget || w.before().deadlines().containsKey(hash)
                ? Optional.empty()
                : Optional.of(hash + " ends without a deadline");
    }

    /// An outage of the API between two writes is no fault; a decision in the dark is one.
    static Optional<String> t8(RolloutWrite w) {
        return down(w).filter(_ -> w.blind())
                .map(s -> s.name() + " shrinks though nobody can see what is routed");
    }

    static Optional<String> d6(RolloutWrite w) {
        boolean judged =
                w.seen()
                        .map(s -> s.rollout().status().hasPause(Reasons.INCONCLUSIVE))
                        .orElse(false);
        // fewer replicas are somebody's wish, and not a step of the release
        return down(w).filter(_ -> judged && !w.decision().next().abort())
                .filter(scale -> scale.to() < w.replicas())
                .filter(scale -> !isOfMore(w, scale.name()))
                .map(s -> s.name() + " shrinks while an analysis is inconclusive");
    }

    /// Whether a ReplicaSet has the size for more replicas than are wanted now.
    private static boolean isOfMore(RolloutWrite w, String name) {
        return w.seen().stream()
                .flatMap(s -> s.replicaSets().stream())
                .filter(set -> set.name().equals(name))
                .anyMatch(
                        set ->
                                set.annotation(Names.DESIRED_REPLICAS)
                                        .map(n -> Names.number(n) > w.replicas())
                                        .orElse(false));
    }

    /// What one pass evicts and scales down together leaves enough pods.
    static Optional<String> d7(RolloutWrite w) {
        if (!(w.op() instanceof Op.Do(Command.EvictPod evict)) || w.seen().isEmpty()) {
            return Optional.empty();
        }
        Observation seen = w.seen().get();
        int n = seen.rollout().replicas();
        int has = (int) seen.pods().stream().filter(ScaleRules::serves).count();
        int taken = 0;
        for (Command command : w.decision().after()) {
            taken +=
                    switch (command) {
                        case Command.EvictPod _ -> 1;
                        case Command.ScaleReplicaSet s -> Math.max(0, s.from() - s.to());
                        default -> 0;
                    };
        }
        int least = n - Math.max(1, mayMiss(seen.rollout().spec().strategy(), n));
        return has - taken < least
                ? Optional.of(
                        "%s and %d more go, of %d that serve; %d have to stay"
                                .formatted(evict.name(), taken - 1, has, least))
                : Optional.empty();
    }

    private static int mayMiss(Strategy strategy, int n) {
        return switch (strategy) {
            case Strategy.Canary canary -> canary.maxUnavailable().roundDown(n);
            case Strategy.BlueGreen bg -> bg.maxUnavailable().roundDown(n);
        };
    }

    private static boolean serves(PodView pod) {
        return pod.ready() && !pod.deleting();
    }

    static Optional<String> d8(RolloutWrite w) {
        if (!(w.op() instanceof Op.Do(Command.EvictPod evict))
                || w.seen().isEmpty()
                || w.replicas() <= 1) {
            return Optional.empty(); // whoever restarts a single pod asks for the gap
        }
        List<PodView> pods = w.seen().get().pods();
        Optional<PodView> pod = pods.stream().filter(p -> p.uid().equals(evict.uid())).findFirst();
        String set = pod.map(PodView::replicaSetUid).orElse("");
        Set<String> taken = new TreeSet<>();
        w.decision().after().stream()
                .filter(Command.EvictPod.class::isInstance)
                .forEach(c -> taken.add(((Command.EvictPod) c).uid()));
        String hash =
                w.seen().get().replicaSets().stream()
                        .filter(s -> s.uid().equals(set))
                        .map(ReplicaSetView::hash)
                        .findFirst()
                        .orElse("");
        boolean isUsed = w.before().live().getOrDefault(hash, 0) > 0;
        boolean someStay =
                pods.stream()
                        .filter(p -> p.replicaSetUid().equals(set) && serves(p))
                        .anyMatch(p -> !taken.contains(p.uid()));
        return isUsed && pod.filter(ScaleRules::serves).isPresent() && !someStay
                ? Optional.of(evict.name() + " is the last pod of " + hash + ", which has a share")
                : Optional.empty();
    }

    static Optional<String> d9(RolloutWrite w) {
        if (!(w.op() instanceof Op.Do(Command.DeleteReplicaSet delete)) || w.seen().isEmpty()) {
            return Optional.empty();
        }
        Optional<ReplicaSetView> set =
                w.seen().get().replicaSets().stream()
                        .filter(s -> s.name().equals(delete.name()))
                        .findFirst();
        String hash = set.map(ReplicaSetView::hash).orElse("");
        int had = w.before().wanted().getOrDefault(hash, 0);
        return had > 0
                ? Optional.of(delete.name() + " has " + had + " pods")
                : reach(w.cluster(), hash);
    }

    /// The strategy, where pods are counted instead of weights.
    private static Optional<Strategy.Canary> counted(RolloutWrite w) {
        return w.seen()
                .map(s -> s.rollout().spec().strategy())
                .filter(Strategy.Canary.class::isInstance)
                .map(Strategy.Canary.class::cast)
                .filter(c -> !c.isRouted() && !w.cluster().scenario().isRouted())
                .filter(_ -> !w.cluster().scenario().has(Option.SWITCHES_STRATEGY));
    }

    static Optional<String> t5(RolloutWrite w) {
        if (down(w).isEmpty() || counted(w).isEmpty()) {
            return Optional.empty();
        }
        Observation seen = w.seen().orElseThrow();
        int n = seen.rollout().replicas();
        int missing = Math.min(n, unavailable(counted(w).get(), n));
        int before = 0;
        int after = 0;
        for (ReplicaSetView set : seen.replicaSets()) {
            int available = available(seen, set);
            before += available;
            boolean isIt = set.name().equals(down(w).get().name());
            after += isIt ? Math.min(available, down(w).get().to()) : available;
        }
        return after < n - missing && after < before
                ? Optional.of("%d available pods become %d of %d".formatted(before, after, n))
                : Optional.empty();
    }

    /// Where single pods were listed, those on their way out do not count.
    private static int available(Observation seen, ReplicaSetView set) {
        int serving =
                (int)
                        seen.pods().stream()
                                .filter(p -> serves(p) && p.replicaSetUid().equals(set.uid()))
                                .count();
        return seen.pods().isEmpty() ? set.available() : Math.min(set.available(), serving);
    }

    private static int unavailable(Strategy.Canary canary, int n) {
        int missing = canary.maxUnavailable().roundDown(n);
        return missing == 0 && canary.maxSurge().roundUp(n) == 0 ? 1 : missing;
    }

    static Optional<String> t6(RolloutWrite w) {
        return Starved.by(w.before(), w.cluster(), w.replicas());
    }

    static Optional<String> a1(RolloutWrite w) {
        if (down(w).isEmpty() || w.seen().isEmpty()) {
            return Optional.empty();
        }
        var status = w.seen().get().rollout().status();
        boolean idle = status.abort() && status.stableRS().equals(status.currentPodHash());
        boolean isStable = hash(w, down(w).get().name()).equals(status.stableRS());
        return idle && isStable && down(w).get().to() < w.replicas()
                ? Optional.of("an abort shrinks the stable revision to " + down(w).get().to())
                : Optional.empty();
    }

    static Optional<String> a7(RolloutWrite w) {
        if (down(w).isEmpty() || !w.decision().next().abort()) {
            return Optional.empty();
        }
        Cluster cluster = w.cluster();
        String hash = hash(w, down(w).get().name());
        for (Proxy proxy : cluster.proxies()) {
            for (String service : cluster.scenario().services()) {
                boolean leads = proxy.live().stream().anyMatch(c -> c.routesTo(service));
                if (leads
                        && down(w).get().to() < w.replicas()
                        && cluster.resolves(proxy, service).contains(hash)) {
                    return Optional.of(
                            "%s shrinks, and %s has a rule for %s"
                                    .formatted(hash, proxy.name(), service));
                }
            }
        }
        return Optional.empty();
    }

    static Optional<String> c3(RolloutWrite w) {
        String version =
                switch (w.op()) {
                    case Op.Do(Command.ScaleReplicaSet c) -> c.resourceVersion();
                    case Op.Do(Command.AnnotateReplicaSet c) -> c.resourceVersion();
                    case Op.Do(Command.DeleteReplicaSet c) -> c.resourceVersion();
                    default -> "not of a ReplicaSet";
                };
        return version.isEmpty() ? Optional.of("no version: " + w.op()) : Optional.empty();
    }

    static Optional<String> h1(RolloutWrite w) {
        boolean given = w.seen().map(s -> s.rollout().spec().replicasGiven()).orElse(true);
        return w.op() instanceof Op.Do(Command.DefaultReplicas c) && given
                ? Optional.of("spec.replicas is given and overwritten with " + c.replicas())
                : Optional.empty();
    }

    static Optional<String> h7(RolloutWrite w) {
        if (up(w).isEmpty() || counted(w).isEmpty()) {
            return Optional.empty();
        }
        Observation seen = w.seen().orElseThrow();
        int n = seen.rollout().replicas();
        int surge = surge(counted(w).get().maxSurge(), n);
        int total = 0;
        for (ReplicaSetView set : seen.replicaSets()) {
            total += set.name().equals(up(w).get().name()) ? up(w).get().to() : set.replicas();
        }
        return total > n + surge
                ? Optional.of("%d pods with N=%d and a surge of %d".formatted(total, n, surge))
                : Optional.empty();
    }

    private static int surge(IntOrPercent surge, int n) {
        return surge.roundUp(n);
    }

    static Optional<String> g9(RolloutWrite w) {
        if (!(w.op() instanceof Op.Do(Command.CreateAnalysisRun create))) {
            return Optional.empty();
        }
        JsonNode metadata = create.manifest().path("metadata");
        String name = metadata.path("name").asText();
        if (w.before().runs().containsKey(name)) {
            return Optional.empty(); // that one is found, none begins
        }
        return w.before().runs().values().stream()
                .filter(run -> release(run.name()).equals(release(name)))
                .filter(run -> measuresTheSame(run, metadata.path("labels")))
                .filter(run -> !run.isCompleted() || isForgotten(w.cluster(), run, create))
                .findFirst()
                .map(run -> name + " begins beside " + run.name());
    }

    /// Runs are named after their revision and its number: one that is released again is measured
    /// again.
    private static String release(String run) {
        String[] parts = run.replaceFirst("\\.[0-9]+$", "").split("-", -1);
        return String.join("-", List.of(parts).subList(0, Math.min(3, parts.length)));
    }

    private static boolean measuresTheSame(AnalysisRunView run, JsonNode labels) {
        return Stream.of(Names.HASH, Names.ROLLOUT_TYPE, Names.STEP_INDEX)
                        .allMatch(
                                key ->
                                        run.labels()
                                                .getOrDefault(key, "")
                                                .equals(labels.path(key).asText("")))
                && occasion(run.labels().getOrDefault(Names.MEASUREMENT, ""))
                        .equals(occasion(labels.path(Names.MEASUREMENT).asText("")));
    }

    /// The attempt and the steps: another attempt, or other steps, are measured again (X3, P5).
    private static List<String> occasion(String measurement) {
        String[] parts = measurement.split("\\.", -1);
        return List.of(parts[0], parts[parts.length - 1]);
    }

    /// It ended by itself, and nobody ever looked at how.
    private static boolean isForgotten(
            Cluster cluster, AnalysisRunView run, Command.CreateAnalysisRun create) {
        return !cluster.isRecorded(run.name()) && run.spec().equals(create.manifest().path("spec"));
    }

    static Optional<String> s5(RolloutWrite w) {
        if (!(w.op() instanceof Op.Do(Command.CreateReplicaSet create)) || w.seen().isEmpty()) {
            return Optional.empty();
        }
        String image = image(create.manifest().path("spec").path("template"));
        return w.seen().get().replicaSets().stream()
                .filter(s -> image(s.template()).equals(image))
                .findFirst()
                .map(s -> "a second ReplicaSet for " + image + " beside " + s.name());
    }

    private static String image(JsonNode template) {
        return template.at("/spec/containers/0/image").asText();
    }
}
