package dev.sluice.rollout.core;

import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.status.Times;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// How revisions that no longer serve are taken down: first traffic gone with evidence, then
/// the delay, then the pods (D2–D5).
public final class Retirement {
    private final Pass pass;
    private final Strategy strategy;

    public Retirement(Pass pass, Strategy strategy) {
        this.pass = pass;
        this.strategy = strategy;
    }

    /// A deadline is cleared only when its revision becomes stable, or the target, again (D4).
    public void clearDeadlines() {
        pass.stableSet()
                .ifPresent(rs -> pass.annotate(rs, Names.SCALE_DOWN_DEADLINE, Optional.empty()));
        boolean abortDelays = pass.isAborted() && !pass.isFullyPromoted();
        if (!abortDelays) {
            pass.sets
                    .newSet()
                    .ifPresent(
                            rs -> pass.annotate(rs, Names.SCALE_DOWN_DEADLINE, Optional.empty()));
        }
    }

    /// The aborted revision keeps its size until traffic is back on stable and the delay has
    /// passed.
    public boolean scaleAborted(ReplicaSetView set) {
        Optional<Integer> delay = strategy.abortScaleDownDelay();
        if (delay.isPresent() && delay.get() == 0) {
            return pass.scale(set, set.replicas(), true);
        }
        if (set.annotation(Names.SCALE_DOWN_DEADLINE).isPresent()) {
            return isPassed(set) ? pass.scale(set, 0, true) : pass.scale(set, set.replicas(), true);
        }
        boolean isStableWhole =
                pass.stableSet().map(rs -> rs.available() >= pass.replicas()).orElse(false);
        if (isStableWhole && !Capacity.isServing(pass, set.hash()) && set.replicas() > 0) {
            setDeadline(set, delay.orElse(Strategy.DEFAULT_DELAY_SECONDS));
        }
        return pass.scale(set, set.replicas(), true);
    }

    private void setDeadline(ReplicaSetView set, int seconds) {
        Instant deadline = pass.now.plusSeconds(seconds);
        pass.annotate(set, Names.SCALE_DOWN_DEADLINE, Optional.of(Times.text(deadline)));
        pass.wakeAt(deadline);
    }

    public boolean hasDeadline(ReplicaSetView set) {
        return set.annotation(Names.SCALE_DOWN_DEADLINE).isPresent();
    }

    /// Missing or unreadable counts as "not passed" (D4). Wakes the rollout at the deadline.
    public boolean isPassed(ReplicaSetView set) {
        Optional<Instant> deadline =
                set.annotation(Names.SCALE_DOWN_DEADLINE).flatMap(Times::parse);
        if (deadline.isEmpty()) {
            return false;
        }
        if (pass.now.isBefore(deadline.get())) {
            pass.wakeAt(deadline.get());
            return false;
        }
        return true;
    }

    /// Previous revisions that carried traffic: down after the delay, at most
    /// `scaleDownDelayRevisionLimit` kept waiting.
    ///
    /// @param delayed false for an abandoned revision that goes as soon as nothing reaches it
    public boolean scaleOthers(boolean delayed, boolean resize) {
        boolean changed = false;
        int kept = 0;
        for (ReplicaSetView set : newestRevisionFirst()) {
            if (set.replicas() == 0 || Capacity.isReachable(pass, set.hash()) || isServedByAll()) {
                continue;
            }
            boolean waits = set.annotation(Names.SCALE_DOWN_DEADLINE).isPresent();
            if (!delayed && !waits) {
                changed |= pass.scale(set, 0, false);
                continue;
            }
            boolean overLimit =
                    kept >= strategy.scaleDownDelayRevisionLimit().orElse(Integer.MAX_VALUE);
            int delay = strategy.scaleDownDelay().orElse(Strategy.DEFAULT_DELAY_SECONDS);
            if (overLimit || delay == 0 || (waits && isOver(set))) {
                changed |= pass.scale(set, 0, false);
                continue;
            }
            kept++;
            if (!waits) {
                setDeadline(set, delay);
            }
            if (resize) {
                changed |= pass.scale(set, Math.max(set.replicas(), pass.replicas()), false);
            }
        }
        return changed;
    }

    /// A role Service that selects no revision yet leads to every pod: as long as the stable
    /// revision cannot carry it alone, nobody goes (P7).
    private boolean isServedByAll() {
        boolean isWhole =
                pass.stableSet().map(rs -> rs.available() >= pass.replicas()).orElse(false);
        return !isWhole && pass.seen.services().values().stream().anyMatch(s -> s.hash().isEmpty());
    }

    /// An unreadable deadline is written anew rather than taken as passed.
    private boolean isOver(ReplicaSetView set) {
        boolean readable =
                set.annotation(Names.SCALE_DOWN_DEADLINE).flatMap(Times::parse).isPresent();
        if (!readable) {
            setDeadline(set, strategy.scaleDownDelay().orElse(Strategy.DEFAULT_DELAY_SECONDS));
            return false;
        }
        return isPassed(set);
    }

    public List<ReplicaSetView> newestRevisionFirst() {
        return pass.others().stream()
                .filter(rs -> !rs.deleting())
                .sorted(
                        Comparator.comparingLong(ReplicaSetView::revision)
                                .reversed()
                                .thenComparing(ReplicaSetView::name))
                .toList();
    }

    /// Deletes the oldest revisions beyond the history limit, and with each its runs; never
    /// one with pods, reach, a deadline ahead, or to which the rollback window leads (D9).
    public void trimHistory() {
        List<ReplicaSetView> others = pass.others().stream().filter(rs -> !rs.deleting()).toList();
        int surplus = others.size() - pass.spec.revisionHistoryLimit();
        for (int i = 0; i < surplus; i++) {
            ReplicaSetView set = others.get(i);
            if (isOfNoMoreUse(set)) {
                pass.doAfter(
                        new Command.DeleteReplicaSet(set.name(), set.uid(), set.resourceVersion()));
                deleteRunsOf(set.hash());
            }
        }
    }

    private void deleteRunsOf(String hash) {
        pass.seen.analysisRuns().stream()
                .filter(run -> hash.equals(run.labels().get(Names.HASH)) && !run.deleting())
                .map(run -> new Command.DeleteAnalysisRun(run.name(), run.uid()))
                .forEach(pass::doAfter);
        pass.seen.experiments().stream()
                .filter(e -> e.owned() && !e.deleting())
                .filter(e -> hash.equals(e.labels().get(Names.HASH)))
                .map(e -> new Command.DeleteExperiment(e.name(), e.uid()))
                .forEach(pass::doAfter);
    }

    private boolean isOfNoMoreUse(ReplicaSetView set) {
        boolean empty = set.replicas() == 0 && set.created() == 0 && set.generationObserved();
        boolean isDelayed =
                set.annotation(Names.SCALE_DOWN_DEADLINE)
                        .flatMap(Times::parse)
                        .map(deadline -> pass.now.isBefore(deadline))
                        .orElse(false);
        return empty
                && !isDelayed
                && !pass.sets.isWithinWindow(set, pass.next.stableRS, pass.spec.rollbackWindow())
                && !Capacity.isReachable(pass, set.hash())
                && Capacity.floor(pass, set) == 0;
    }
}
