package dev.sluice.rollout.core.canary;

import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.Planning;
import dev.sluice.rollout.core.Planning.Wanted;
import dev.sluice.rollout.core.Promotion;
import dev.sluice.rollout.core.Reasons;
import dev.sluice.rollout.core.Retirement;
import dev.sluice.rollout.core.RolloutStatus.PauseCondition;
import dev.sluice.rollout.core.Step;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.analysis.Runs;
import dev.sluice.rollout.core.analysis.Slot;
import dev.sluice.rollout.core.experiment.StepExperiments;
import dev.sluice.rollout.core.gate.EventGates;
import dev.sluice.rollout.core.hash.PodHash;
import java.time.Instant;
import java.util.Optional;

/// One pass over a canary.
public final class CanaryDecider {
    private final Pass pass;
    private final Strategy.Canary canary;
    private final Weights weights;
    private final Retirement retirement;
    private final StepExperiments experiments;

    public CanaryDecider(Pass pass, Strategy.Canary canary) {
        this.pass = pass;
        this.canary = canary;
        this.weights = new Weights(pass, canary);
        this.retirement = new Retirement(pass, canary);
        this.experiments = new StepExperiments(pass);
    }

    /// True when the template or the steps changed and the release starts over; nothing else
    /// happens in such a pass.
    public boolean resetsOnChange() {
        String stepHash = PodHash.ofSteps(canary.stepsJson());
        boolean podChanged =
                !pass.stored.currentPodHash().isEmpty()
                        && !pass.stored.currentPodHash().equals(pass.newHash());
        if (!podChanged && stepHash.equals(pass.stored.currentStepHash()) && !isPastTheEnd()) {
            return false;
        }
        Promotion.reset(pass);
        Runs runs = new Runs(pass);
        runs.cancel(Slot.STEP);
        runs.cancel(Slot.BACKGROUND);
        experiments.leave();
        pass.next.currentStepHash = stepHash;
        int count = canary.steps().size();
        pass.next.currentStepIndex = count == 0 ? Optional.empty() : Optional.of(0);
        if (count > 0) {
            if (pass.newHash().equals(pass.next.stableRS)) {
                skip("Rollback to stable ReplicaSets");
            } else if (isWithinWindow()
                    && pass.sets.newSet().map(rs -> rs.replicas() > 0).orElse(false)) {
                skip("Rollback to active ReplicaSets within RollbackWindow");
            }
        }
        return true;
    }

    /// Somebody promoted past a step of other steps, which were taken back before we saw them (P5).
    /// An aborted release goes to its first step anyway, and is not started again by that (A6).
    private boolean isPastTheEnd() {
        return !pass.isAborted()
                && pass.stored
                        .currentStepIndex()
                        .filter(i -> i > canary.steps().size())
                        .isPresent();
    }

    private void skip(String why) {
        pass.next.currentStepIndex = Optional.of(canary.steps().size());
        pass.notices.add(Notice.normal("SkipSteps", why));
    }

    private boolean isWithinWindow() {
        return pass.sets.isWithinWindow(pass.next.stableRS, pass.spec.rollbackWindow());
    }

    public void decide() {
        if (canary.pingPong().isEmpty()) {
            pass.next.stablePingPong = "";
        }
        retirement.trimHistory();
        retirement.clearDeadlines();
        analyse();
        boolean waits = pass.pauseRequested;
        CanaryScaling scaling = new CanaryScaling(pass, canary, weights, retirement);
        // A change of `replicas` is followed in every state, and never holds up what does not
        // depend on it (H5).
        boolean isScaling = scaling.isDue();
        if (!waits && (!pass.isHalted() || pass.isAborted())) {
            waits = (scaling.scale() && !isScaling) || pauseStep();
        } else if (isScaling) {
            scaling.follow();
        }
        if (!waits) {
            advance();
        } else if (pass.isAborted()) {
            rewind();
        }
    }

    public Wanted wanted() {
        return CanaryRouting.wanted(pass, canary);
    }

    private void analyse() {
        Runs runs = new Runs(pass);
        boolean isMoot =
                pass.isFullyPromoted()
                        || pass.isAborted()
                        || pass.next.promoteFull
                        || pass.next.stableRS.isEmpty()
                        || isFastRollback();
        experiments.run(weights.currentStep(), weights.index(), isMoot);
        if (isMoot) {
            runs.cancel(Slot.STEP);
            runs.cancel(Slot.BACKGROUND);
            runs.collect();
            return;
        }
        boolean isPaused = !pass.stored.pauseConditions().isEmpty();
        if (isPaused) {
            runs.keep(Slot.STEP);
        } else if (weights.currentStep().orElse(null) instanceof Step.Plugin plugin) {
            runs.cancel(Slot.STEP);
            EventGates.watch(pass, weights.index(), plugin);
        } else if (weights.currentStep().orElse(null) instanceof Step.Analysis(var analysis)) {
            runs.ensure(Slot.STEP, analysis, weights.index());
        } else {
            runs.cancel(Slot.STEP);
        }
        if (canary.background().isEmpty() || weights.index() < canary.startingStep()) {
            runs.cancel(Slot.BACKGROUND);
        } else if (pass.stored.hasPause(Reasons.INCONCLUSIVE)) {
            runs.keep(Slot.BACKGROUND);
        } else {
            runs.ensure(Slot.BACKGROUND, canary.background().get(), weights.index());
        }
        runs.collect();
    }

    private boolean isFastRollback() {
        return pass.newHash().equals(pass.next.stableRS)
                || (pass.sets.isRollback(pass.next.stableRS) && isWithinWindow());
    }

    /// Starts or watches the pause of the present step; true while it lasts.
    private boolean pauseStep() {
        Optional<Step> step = weights.currentStep();
        boolean isOver =
                pass.next.stableRS.isEmpty()
                        || pass.isFullyPromoted()
                        || pass.isAborted()
                        || pass.next.promoteFull
                        || isFastRollback();
        if (isOver || !(step.orElse(null) instanceof Step.Pause(Optional<Integer> seconds, _))) {
            return false;
        }
        Optional<PauseCondition> pause =
                pass.next.pauseConditions.stream()
                        .filter(p -> p.reason().equals(Reasons.CANARY_PAUSE))
                        .findFirst();
        if (pause.isEmpty() && (pass.resumeAnnounced || !pass.stored.controllerPause())) {
            pass.next.addPause(Reasons.CANARY_PAUSE, pass.now);
            seconds.ifPresent(s -> pass.wakeAt(pass.now.plusSeconds(s + 1L)));
            return true;
        }
        return pause.isPresent() && !isElapsed(pause.get(), seconds);
    }

    private boolean isElapsed(PauseCondition pause, Optional<Integer> seconds) {
        if (seconds.isEmpty()) {
            return false;
        }
        Instant end = pause.startTime().plusSeconds(seconds.get());
        if (pass.now.isAfter(end)) {
            return true;
        }
        pass.wakeAt(end.plusMillis(1));
        return false;
    }

    private void advance() {
        if (pass.isFrozen()) {
            return;
        }
        if (pass.next.promoteFull
                || (!pass.next.stableRS.isEmpty() && !pass.isAborted() && isWithinWindow())) {
            pass.next.clearPauses();
            pass.next.clearAbort();
            pass.abortCause = Optional.empty();
            finishSteps();
        }
        Optional<String> reason = promotionReason();
        if (reason.isPresent()) {
            boolean initial = pass.next.stableRS.isEmpty();
            if (canary.pingPong().isPresent() && !pass.isFullyPromoted()) {
                pass.next.stablePingPong = ServicePair.flipped(pass.next.stablePingPong);
            }
            Promotion.promote(pass, reason.get());
            if (initial || !pass.isAborted()) {
                finishSteps();
            }
        } else if (pass.isAborted()) {
            rewind();
        } else if (!pass.spec.paused()) {
            completeStep();
        }
    }

    private void finishSteps() {
        int count = canary.steps().size();
        pass.next.currentStepIndex = count == 0 ? Optional.empty() : Optional.of(count);
    }

    private void rewind() {
        int count = canary.steps().size();
        pass.next.currentStepIndex =
                count == 0 ? Optional.empty() : Optional.of(pass.isFullyPromoted() ? count : 0);
    }

    /// P1: with a router the target must be seen to have all traffic before it becomes stable.
    private Optional<String> promotionReason() {
        if (pass.next.stableRS.isEmpty() || takesThePlaceOfAFirstDeployment()) {
            return Optional.of("Initial deploy");
        }
        Optional<ReplicaSetView> fresh = pass.sets.newSet();
        int n = pass.replicas();
        boolean isCarried =
                fresh.isPresent()
                        && (fresh.get().available() >= n
                                || weights.isThresholdMet(n, fresh.get().available()));
        if (pass.isAborted() || !isCarried || (!pass.isFullyPromoted() && !hasAllTraffic())) {
            return Optional.empty();
        }
        if (pass.next.promoteFull) {
            return Optional.of("Full promotion requested");
        }
        if (isFastRollback()) {
            return Optional.of(isWithinWindow() ? "Rollback within window" : "Fast rollback");
        }
        int count = canary.steps().size();
        return weights.index() >= count
                ? Optional.of("Completed all " + count + " canary steps")
                : Optional.empty();
    }

    /// What takes the place of a first deployment that never served is a first deployment too, else
    /// nobody could ever mend it (L2): no plan is made before all of its pods are there (P7), and
    /// no step ends without a plan.
    private boolean takesThePlaceOfAFirstDeployment() {
        return canary.isRouted()
                && !pass.isAborted()
                && !pass.isFullyPromoted()
                && pass.next.trafficPlan.flatMap(TrafficPlan::weights).isEmpty()
                && weights.index() == 0
                && pass.stableSet().map(stable -> stable.available() == 0).orElse(false);
    }

    private boolean hasAllTraffic() {
        if (!canary.isRouted()) {
            return true;
        }
        return pass.next
                .trafficPlan
                .map(
                        p ->
                                p.isObserved()
                                        && p.shares().stream()
                                                .allMatch(
                                                        s ->
                                                                s.podTemplateHash()
                                                                                .equals(
                                                                                        pass
                                                                                                .newHash())
                                                                        || s.weight() == 0)
                                        && p.liveShare(pass.newHash()) == p.maxWeight())
                .orElse(false);
    }

    /// Completes the present step, and with it a weight that follows and is there already.
    private void completeStep() {
        if (!completes(weights.currentStep())) {
            return;
        }
        Optional<Step> following = weights.currentStep();
        boolean isThere =
                !canary.isRouted()
                        && following.orElse(null) instanceof Step.SetWeight
                        && isDone(following.get());
        if (isThere) {
            pass.announceResumed();
            completes(following);
        }
        pauseStep();
    }

    private boolean completes(Optional<Step> step) {
        if (step.isEmpty() || pass.next.stableRS.isEmpty() || !isDone(step.get())) {
            return false;
        }
        int index = weights.index();
        pass.next.currentStepIndex = Optional.of(index + 1);
        pass.next.stepRun = Optional.empty();
        pass.next.currentExperiment = "";
        pass.next.removePause(Reasons.CANARY_PAUSE);
        String text =
                "Rollout step "
                        + (index + 1)
                        + "/"
                        + canary.steps().size()
                        + " completed ("
                        + step.get().text()
                        + ")";
        pass.notices.add(Notice.normal("RolloutStepCompleted", text));
        return true;
    }

    /// P2: a step is complete when its effect is observed, not when it was commanded.
    private boolean isDone(Step step) {
        return switch (step) {
            case Step.SetWeight(int weight) ->
                    weights.isAtDesiredCounts()
                            && Planning.isInEffect(pass, wanted())
                            && (!canary.isRouted() || isPlanned(weight));
            case Step.SetCanaryScale(_, _, _) -> weights.isAtDesiredCounts();
            case Step.Pause(Optional<Integer> seconds, _) -> isPauseOver(seconds);
            case Step.SetHeaderRoute _, Step.SetMirrorRoute _ ->
                    Planning.isInEffect(pass, wanted());
            case Step.Plugin _ -> EventGates.isPassed(pass, weights.index());
            case Step.Experiment _ -> experiments.isSuccessful();
            case Step.Analysis(_) -> Runs.isPassed(pass, pass.next.stepRun);
        };
    }

    /// What is wanted now may be less than the step's weight: until the canary Service is free
    /// to be re-pointed, the routing that is in effect gives it nothing. It is more when there is
    /// no stable revision left to have the rest.
    private boolean isPlanned(int weight) {
        int planned =
                pass.next
                        .trafficPlan
                        .flatMap(TrafficPlan::weights)
                        .map(TrafficPlan.Weights::canary)
                        .orElse(-1);
        return planned == weight || (pass.stableSet().isEmpty() && planned == canary.maxWeight());
    }

    private boolean isPauseOver(Optional<Integer> seconds) {
        Optional<PauseCondition> pause =
                pass.next.pauseConditions.stream()
                        .filter(p -> p.reason().equals(Reasons.CANARY_PAUSE))
                        .findFirst();
        return pause.isEmpty() ? pass.stored.controllerPause() : isElapsed(pause.get(), seconds);
    }
}
