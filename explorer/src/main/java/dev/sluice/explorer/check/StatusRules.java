package dev.sluice.explorer.check;

import dev.sluice.explorer.drive.RolloutWorker.Op;
import dev.sluice.explorer.model.Nature;
import dev.sluice.explorer.model.Proxy;
import dev.sluice.explorer.model.Proxy.Entry;
import dev.sluice.explorer.scenario.Option;
import dev.sluice.rollout.core.Conditions;
import dev.sluice.rollout.core.Observation;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Reasons;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.RolloutStatus.PauseCondition;
import dev.sluice.rollout.core.RolloutStatus.Release;
import dev.sluice.rollout.core.RolloutStatus.RunStatus;
import dev.sluice.rollout.core.Step;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.TrafficPlan.Role;
import dev.sluice.rollout.core.TrafficPlan.Share;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a status that rollout-service writes may say.
final class StatusRules {
    static final List<Rule<RolloutWrite>> ALL =
            List.of(
                    new Rule<>("T4", "shares sum to the whole", StatusRules::t4),
                    new Rule<>("R5", "live never forgets what a proxy may do", StatusRules::r5),
                    new Rule<>("C6", "plan ids rise", StatusRules::c6),
                    new Rule<>("S7", "stable changes by promotion only", StatusRules::s7),
                    new Rule<>("P1", "promotion needs all traffic and all pods", StatusRules::p1),
                    new Rule<>("P2", "steps complete one by one, in effect", StatusRules::p2),
                    new Rule<>("P5", "no step past the end", StatusRules::p5),
                    new Rule<>("P8", "a freeze holds steps and promotion", StatusRules::p8),
                    new Rule<>(
                            "A6", "an aborted revision does not restart itself", StatusRules::a6),
                    new Rule<>("B1", "active flips to a whole, judged revision", StatusRules::b1),
                    new Rule<>("B7", "another strategy moves nothing by itself", StatusRules::b7),
                    new Rule<>("L4", "no deadline passes in a pause", StatusRules::l4),
                    new Rule<>("C10", "a pause keeps its start and lasts", StatusRules::c10),
                    new Rule<>("X2", "a superseding revision starts at nothing", StatusRules::x2),
                    new Rule<>("X3", "an attempt inherits no gate", StatusRules::x3));

    private static final long SECOND = 1_000;

    private StatusRules() {}

    private static boolean isStatus(RolloutWrite w) {
        return w.op() instanceof Op.WriteStatus && w.seen().isPresent();
    }

    private static RolloutStatus was(RolloutWrite w) {
        return w.seen().orElseThrow().rollout().status();
    }

    private static RolloutStatus is(RolloutWrite w) {
        return w.decision().next();
    }

    static Optional<String> t4(RolloutWrite w) {
        if (!isStatus(w) || is(w).trafficPlan().isEmpty()) {
            return Optional.empty();
        }
        TrafficPlan plan = is(w).trafficPlan().get();
        long sum = plan.shares().stream().mapToLong(Share::weight).sum();
        boolean wrong = !plan.shares().isEmpty() && sum != plan.maxWeight();
        boolean unequal =
                plan.weights()
                        .map(
                                x ->
                                        x.canary() < 0
                                                || x.stable() < 0
                                                || x.canary() + x.stable() + beside(x)
                                                        != plan.maxWeight())
                        .orElse(false);
        return wrong || unequal ? Optional.of(plan.toString()) : Optional.empty();
    }

    private static int beside(TrafficPlan.Weights weights) {
        return weights.additional().stream().mapToInt(TrafficPlan.Destination::weight).sum();
    }

    static Optional<String> r5(RolloutWrite w) {
        if (!isStatus(w) || is(w).trafficPlan().isEmpty()) {
            return Optional.empty();
        }
        TrafficPlan plan = is(w).trafficPlan().get();
        Map<String, Integer> before = w.before().weighted();
        Optional<TrafficPlan> old = was(w).trafficPlan();
        if (plan.shares().isEmpty() || old.isEmpty()) {
            return Optional.empty();
        }
        for (Map.Entry<String, Integer> e : before.entrySet()) {
            int told = plan.liveShare(e.getKey());
            boolean lowered = told < old.get().liveShare(e.getKey());
            if (lowered && told < e.getValue()) {
                return Optional.of(
                        "%s counts as %d, and a proxy may give it %d"
                                .formatted(e.getKey(), told, e.getValue()));
            }
        }
        return Optional.empty();
    }

    static Optional<String> c6(RolloutWrite w) {
        long was = w.before().status().trafficPlan().map(TrafficPlan::id).orElse(0L);
        long is = w.cluster().rollout().status().trafficPlan().map(TrafficPlan::id).orElse(0L);
        return is < was ? Optional.of("plan " + was + " becomes " + is) : Optional.empty();
    }

    static Optional<String> s7(RolloutWrite w) {
        if (!isStatus(w)) {
            return Optional.empty();
        }
        String was = was(w).stableRS();
        String is = is(w).stableRS();
        if (!was.isEmpty() && is.isEmpty()) {
            return Optional.of("there was a stable revision, and now there is none");
        }
        return is.equals(was) || is.equals(is(w).currentPodHash())
                ? Optional.empty()
                : Optional.of("stable becomes " + is + ", which is not the target");
    }

    static Optional<String> p1(RolloutWrite w) {
        if (!isStatus(w)
                || was(w).stableRS().isEmpty()
                || is(w).stableRS().equals(was(w).stableRS())) {
            return Optional.empty();
        }
        Observation seen = w.seen().orElseThrow();
        String target = is(w).stableRS();
        int n = seen.rollout().replicas();
        Strategy strategy = seen.rollout().spec().strategy();
        if (n == 0) {
            return Optional.empty();
        }
        if (neverServed(was(w), seen)) {
            return Optional.empty();
        }
        if (strategy instanceof Strategy.BlueGreen bg) {
            String active = w.before().selectors().getOrDefault(bg.activeService(), "");
            return active.equals(target) || active.isEmpty()
                    ? Optional.empty()
                    : Optional.of(target + " becomes stable, active selects " + active);
        }
        int available =
                seen.replicaSets().stream()
                        .filter(s -> s.hash().equals(target))
                        .mapToInt(ReplicaSetView::available)
                        .sum();
        if (available < Needs.discounted(w.cluster(), n, false)) {
            return Optional.of("%s has %d of %d pods".formatted(target, available, n));
        }
        boolean isRouted = strategy instanceof Strategy.Canary canary && canary.isRouted();
        for (Proxy proxy : w.cluster().proxies()) {
            int share = w.before().newestShare(proxy.name(), target);
            int whole = w.cluster().config(proxy.entry()).whole();
            if (isRouted && !(proxy.entry() instanceof Entry.Whole) && share < whole) {
                return Optional.of(
                        "%s becomes stable with %d of %d at %s"
                                .formatted(target, share, whole, proxy.name()));
            }
        }
        return Optional.empty();
    }

    /// A first deployment that no plan ever gave anything to, and that has no pods that serve.
    private static boolean neverServed(RolloutStatus was, Observation seen) {
        return seen.rollout().spec().strategy() instanceof Strategy.Canary canary
                && canary.isRouted()
                && was.trafficPlan().flatMap(TrafficPlan::weights).isEmpty()
                && seen.replicaSets().stream()
                        .filter(set -> set.hash().equals(was.stableRS()))
                        .allMatch(set -> set.available() == 0);
    }

    static Optional<String> p2(RolloutWrite w) {
        if (!isStatus(w)
                || !(w.seen().orElseThrow().rollout().spec().strategy()
                        instanceof Strategy.Canary canary)
                || isAnotherRelease(w)) {
            return Optional.empty();
        }
        int count = canary.steps().size();
        int from = was(w).currentStepIndex().orElse(count);
        int to = is(w).currentStepIndex().orElse(count);
        boolean ends = is(w).stableRS().equals(is(w).currentPodHash());
        boolean shortCut =
                ends || was(w).promoteFull() || w.cluster().scenario().has(Option.ROLLBACK_WINDOW);
        if (to <= from || shortCut) {
            return Optional.empty();
        }
        if (to - from > (canary.isRouted() ? 1 : 2)) {
            return Optional.of("step %d is followed by %d".formatted(from, to));
        }
        if (canary.isRouted() && canary.steps().get(from) instanceof Step.SetWeight(int weight)) {
            String service = was(w).trafficPlan().map(Roles::canary).orElse("");
            for (Proxy proxy : w.cluster().proxies()) {
                int share = w.cluster().config(proxy.entry()).share(service);
                if (!(proxy.entry() instanceof Entry.Whole) && share != weight) {
                    return Optional.of(
                            "setWeight %d completes with %d at %s"
                                    .formatted(weight, share, proxy.name()));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isAnotherRelease(RolloutWrite w) {
        return !was(w).currentPodHash().equals(is(w).currentPodHash())
                || !was(w).currentStepHash().equals(is(w).currentStepHash());
    }

    static Optional<String> p5(RolloutWrite w) {
        if (!isStatus(w)
                || !(w.seen().orElseThrow().rollout().spec().strategy()
                        instanceof Strategy.Canary canary)) {
            return Optional.empty();
        }
        int index = is(w).currentStepIndex().orElse(0);
        return index < 0 || index > canary.steps().size()
                ? Optional.of("step " + index + " of " + canary.steps().size())
                : Optional.empty();
    }

    static Optional<String> p8(RolloutWrite w) {
        if (!isStatus(w)
                || w.seen().orElseThrow().freeze().isEmpty()
                || was(w).stableRS().isEmpty()
                || was(w).stableRS().equals(was(w).currentPodHash())
                || isAnotherRelease(w)) {
            return Optional.empty(); // no release is held
        }
        int was = was(w).currentStepIndex().orElse(0);
        int is = is(w).currentStepIndex().orElse(0);
        boolean promoted = !is(w).stableRS().equals(was(w).stableRS());
        if (is > was || promoted) {
            return Optional.of("step %d to %d, stable %s".formatted(was, is, is(w).stableRS()));
        }
        String target = is(w).currentPodHash();
        int before = share(was(w).trafficPlan(), target);
        int after = share(is(w).trafficPlan(), target);
        boolean isRaised = after > Math.max(before, weightAt(w, was));
        boolean servesNobody = was(w).trafficPlan().isEmpty(); // there is nothing to protect yet
        return isRaised && !servesNobody && !target.equals(is(w).stableRS())
                ? Optional.of("the share of %s goes from %d to %d".formatted(target, before, after))
                : Optional.empty();
    }

    static Optional<String> a6(RolloutWrite w) {
        if (!isStatus(w) || !was(w).abort() || is(w).abort()) {
            return Optional.empty();
        }
        boolean allowed =
                !was(w).currentPodHash().equals(is(w).currentPodHash())
                        || !was(w).currentStepHash().equals(is(w).currentStepHash())
                        || is(w).stableRS().equals(is(w).currentPodHash())
                        || was(w).promoteFull()
                        || w.cluster().scenario().has(Option.ROLLBACK_WINDOW);
        return allowed
                ? Optional.empty()
                : Optional.of(is(w).currentPodHash() + " is no longer aborted, and nobody asked");
    }

    static Optional<String> b1(RolloutWrite w) {
        if (!isStatus(w)
                || !(w.seen().orElseThrow().rollout().spec().strategy()
                        instanceof Strategy.BlueGreen bg)) {
            return Optional.empty();
        }
        Observation seen = w.seen().get();
        String target = is(w).trafficPlan().flatMap(p -> p.selected(Role.ACTIVE)).orElse("");
        String former =
                was(w).trafficPlan().stream()
                        .flatMap(p -> p.services().stream())
                        .filter(s -> s.name().equals(bg.activeService()))
                        .map(TrafficPlan.RoleService::podTemplateHash)
                        .findFirst()
                        .orElse(w.before().selectors().getOrDefault(bg.activeService(), ""));
        int n = seen.rollout().replicas();
        if (target.isEmpty() || target.equals(former) || former.isEmpty()) {
            return Optional.empty();
        }
        int available =
                seen.replicaSets().stream()
                        .filter(s -> s.hash().equals(target))
                        .mapToInt(ReplicaSetView::available)
                        .sum();
        if (available < n) {
            return Optional.of(
                    "active flips to %s with %d of %d pods".formatted(target, available, n));
        }
        boolean unjudged =
                bg.prePromotion().isPresent()
                        && !target.equals(is(w).stableRS())
                        && !was(w).promoteFull()
                        && !is(w).preRun().map(RunStatus::status).orElse("").equals("Successful");
        boolean rollsBack = deadlineAhead(seen, target);
        return unjudged && !rollsBack
                ? Optional.of("active flips to " + target + " before it was judged")
                : Optional.empty();
    }

    /// A rollback to a revision that is still waiting for its end skips gates, never capacity.
    private static boolean deadlineAhead(Observation seen, String hash) {
        return seen.replicaSets().stream()
                .filter(s -> s.hash().equals(hash))
                .anyMatch(s -> s.annotation("scale-down-deadline").isPresent());
    }

    /// The first plan of another strategy gives the target no more than it had.
    static Optional<String> b7(RolloutWrite w) {
        if (!isStatus(w) || !is(w).stableRS().equals(was(w).stableRS())) {
            return Optional.empty();
        }
        String target = is(w).currentPodHash();
        boolean wasSwitch = was(w).trafficPlan().flatMap(p -> p.selected(Role.ACTIVE)).isPresent();
        Optional<String> active = is(w).trafficPlan().flatMap(p -> p.selected(Role.ACTIVE));
        boolean isOther =
                was(w).trafficPlan().isPresent()
                        && is(w).trafficPlan().isPresent()
                        && wasSwitch != active.isPresent();
        if (!isOther || target.equals(is(w).stableRS())) {
            return Optional.empty();
        }
        boolean isSwitched = active.filter(target::equals).isPresent() && !ledTo(w, target);
        int before = share(was(w).trafficPlan(), target);
        int after = share(is(w).trafficPlan(), target);
        boolean isDivided = was(w).trafficPlan().filter(p -> !p.shares().isEmpty()).isPresent();
        return isSwitched || (isDivided && after > before)
                ? Optional.of(
                        "%s goes from %d to %d%s"
                                .formatted(target, before, after, isSwitched ? ", as active" : ""))
                : Optional.empty();
    }

    /// Whether the plan before had the active Service at this revision already, in another role.
    private static boolean ledTo(RolloutWrite w, String target) {
        Optional<String> service =
                is(w).trafficPlan().stream()
                        .flatMap(p -> p.services().stream())
                        .filter(s -> s.role() == Role.ACTIVE)
                        .map(TrafficPlan.RoleService::name)
                        .findFirst();
        return was(w).trafficPlan().stream()
                .flatMap(p -> p.services().stream())
                .anyMatch(
                        s ->
                                service.filter(s.name()::equals).isPresent()
                                        && s.podTemplateHash().equals(target));
    }

    static Optional<String> l4(RolloutWrite w) {
        if (!isStatus(w)) {
            return Optional.empty();
        }
        boolean passed = isPastDeadline(is(w)) && !isPastDeadline(was(w));
        boolean paused = !was(w).pauseConditions().isEmpty() && !is(w).pauseConditions().isEmpty();
        return passed && paused
                ? Optional.of("the progress deadline passed in a pause")
                : Optional.empty();
    }

    private static boolean isPastDeadline(RolloutStatus status) {
        return status.condition(Conditions.PROGRESSING)
                .map(Condition::reason)
                .filter(Conditions.DEADLINE_EXCEEDED::equals)
                .isPresent();
    }

    /// Times are absolute; a pause with a duration is not over before it, whatever the clocks.
    static Optional<String> c10(RolloutWrite w) {
        if (!isStatus(w) || isAnotherRelease(w)) {
            return Optional.empty();
        }
        for (PauseCondition pause : is(w).pauseConditions()) {
            boolean isMoved =
                    was(w).pauseConditions().stream()
                            .filter(p -> p.reason().equals(pause.reason()))
                            .anyMatch(p -> !p.startTime().equals(pause.startTime()));
            if (isMoved) {
                return Optional.of(
                        pause + " does not start when it did: " + was(w).pauseConditions());
            }
        }
        return shortened(w);
    }

    private static Optional<String> shortened(RolloutWrite w) {
        Optional<Step> step = stepCompleted(w);
        Optional<PauseCondition> pause =
                was(w).pauseConditions().stream()
                        .filter(p -> p.reason().equals(Reasons.CANARY_PAUSE))
                        .findFirst();
        boolean isForced = was(w).promoteFull() || is(w).stableRS().equals(is(w).currentPodHash());
        if (pause.isEmpty()
                || isForced
                || !(step.orElse(null) instanceof Step.Pause(Optional<Integer> seconds, _))) {
            return Optional.empty();
        }
        long lasted = Duration.between(pause.get().startTime(), w.cluster().now()).toMillis();
        long least = seconds.map(s -> s * SECOND - Nature.SKEW).orElse(Long.MAX_VALUE);
        return lasted < least
                ? Optional.of("a pause of " + seconds + " s is over after " + lasted + " ms")
                : Optional.empty();
    }

    /// The step that this status completes.
    private static Optional<Step> stepCompleted(RolloutWrite w) {
        int from = was(w).currentStepIndex().orElse(0);
        boolean goesOn = is(w).currentStepIndex().orElse(0) > from;
        return goesOn
                        && w.seen().orElseThrow().rollout().spec().strategy()
                                instanceof Strategy.Canary canary
                        && from < canary.steps().size()
                ? Optional.of(canary.steps().get(from))
                : Optional.empty();
    }

    static Optional<String> x2(RolloutWrite w) {
        if (!isStatus(w)
                || w.cluster().scenario().has(Option.ROLLBACK_WINDOW)
                || was(w).currentPodHash().isEmpty()
                || is(w).currentPodHash().equals(was(w).currentPodHash())
                || is(w).currentPodHash().equals(is(w).stableRS())) {
            return Optional.empty();
        }
        String target = is(w).currentPodHash();
        int before = share(was(w).trafficPlan(), target);
        boolean isActive =
                w.seen().orElseThrow().rollout().spec().strategy() instanceof Strategy.BlueGreen bg
                        && target.equals(w.before().selectors().get(bg.activeService()));
        if (isActive) {
            return Optional.empty(); // another strategy led everything there
        }
        int after = share(is(w).trafficPlan(), target);
        return after > Math.max(before, firstWeight(w))
                ? Optional.of(is(w).currentPodHash() + " starts with " + after)
                : Optional.empty();
    }

    /// What the first step gives at once, if the pods are there already.
    private static int firstWeight(RolloutWrite w) {
        return weightAt(w, 0);
    }

    /// The weight that the steps up to one of them lead to; everything when there are none.
    private static int weightAt(RolloutWrite w, int index) {
        if (!(w.seen().orElseThrow().rollout().spec().strategy()
                instanceof Strategy.Canary canary)) {
            return 0;
        }
        if (index >= canary.steps().size()) {
            return canary.maxWeight();
        }
        return canary.steps().subList(0, index + 1).reversed().stream()
                .filter(Step.SetWeight.class::isInstance)
                .mapToInt(s -> ((Step.SetWeight) s).weight())
                .findFirst()
                .orElse(0);
    }

    private static int share(Optional<TrafficPlan> plan, String hash) {
        return plan.stream()
                .flatMap(p -> p.shares().stream())
                .filter(s -> s.podTemplateHash().equals(hash))
                .mapToInt(Share::weight)
                .sum();
    }

    static Optional<String> x3(RolloutWrite w) {
        if (!isStatus(w)
                || was(w).release()
                        .map(Release::attempt)
                        .equals(is(w).release().map(Release::attempt))) {
            return Optional.empty();
        }
        return inherited(was(w).stepRun(), is(w).stepRun())
                .or(() -> inherited(was(w).preRun(), is(w).preRun()))
                .or(() -> inherited(was(w).postRun(), is(w).postRun()))
                .map(name -> "the new attempt goes on with " + name);
    }

    private static Optional<String> inherited(Optional<RunStatus> was, Optional<RunStatus> is) {
        return is.map(RunStatus::name)
                .filter(n -> was.map(RunStatus::name).filter(n::equals).isPresent());
    }
}
