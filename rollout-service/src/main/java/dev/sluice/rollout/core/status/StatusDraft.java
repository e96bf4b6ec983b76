package dev.sluice.rollout.core.status;

import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.RolloutStatus.CanaryWeights;
import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.RolloutStatus.PauseCondition;
import dev.sluice.rollout.core.RolloutStatus.Release;
import dev.sluice.rollout.core.RolloutStatus.ReleaseDuration;
import dev.sluice.rollout.core.RolloutStatus.RunStatus;
import dev.sluice.rollout.core.RolloutStatus.StepPluginStatus;
import dev.sluice.rollout.core.RolloutStatus.Why;
import dev.sluice.rollout.core.TrafficPlan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The status while one decision is being made. Lives on the stack of that decision only;
/// fields are named as in [RolloutStatus].
public final class StatusDraft {
    public boolean abort;
    public Optional<Instant> abortedAt;
    public List<PauseCondition> pauseConditions;
    public boolean controllerPause;
    public String currentPodHash;
    public String currentStepHash;
    public Optional<Integer> currentStepIndex;
    public Optional<Integer> collisionCount;
    public int replicas;
    public int updatedReplicas;
    public int readyReplicas;
    public int availableReplicas;
    public int hpaReplicas;
    public String selector;
    public String observedGeneration;
    public List<Condition> conditions;
    public String stableRS;
    public Optional<Instant> restartedAt;
    public boolean promoteFull;
    public String phase;
    public String message;
    public Optional<ReleaseDuration> duration;
    public Optional<CanaryWeights> weights;
    public Optional<RunStatus> stepRun;
    public Optional<RunStatus> backgroundRun;
    public String currentExperiment;
    public String stablePingPong;
    public List<StepPluginStatus> stepPlugins;
    public Optional<RunStatus> preRun;
    public Optional<RunStatus> postRun;
    public String previewSelector;
    public String activeSelector;
    public boolean scaleUpPreviewCheckPoint;
    public String workloadObservedGeneration;
    public Optional<Release> release;
    public Optional<TrafficPlan> trafficPlan;
    public Optional<Why> why;

    public StatusDraft(RolloutStatus s) {
        abort = s.abort();
        abortedAt = s.abortedAt();
        pauseConditions = new ArrayList<>(s.pauseConditions());
        controllerPause = s.controllerPause();
        currentPodHash = s.currentPodHash();
        currentStepHash = s.currentStepHash();
        currentStepIndex = s.currentStepIndex();
        collisionCount = s.collisionCount();
        replicas = s.replicas();
        updatedReplicas = s.updatedReplicas();
        readyReplicas = s.readyReplicas();
        availableReplicas = s.availableReplicas();
        hpaReplicas = s.hpaReplicas();
        selector = s.selector();
        observedGeneration = s.observedGeneration();
        conditions = new ArrayList<>(s.conditions());
        stableRS = s.stableRS();
        restartedAt = s.restartedAt();
        promoteFull = s.promoteFull();
        phase = s.phase();
        message = s.message();
        duration = s.duration();
        weights = s.weights();
        stepRun = s.stepRun();
        backgroundRun = s.backgroundRun();
        currentExperiment = s.currentExperiment();
        stablePingPong = s.stablePingPong();
        stepPlugins = new ArrayList<>(s.stepPlugins());
        preRun = s.preRun();
        postRun = s.postRun();
        previewSelector = s.previewSelector();
        activeSelector = s.activeSelector();
        scaleUpPreviewCheckPoint = s.scaleUpPreviewCheckPoint();
        workloadObservedGeneration = s.workloadObservedGeneration();
        release = s.release();
        trafficPlan = s.trafficPlan();
        why = s.why();
    }

    public RolloutStatus freeze() {
        return new RolloutStatus(
                abort,
                abortedAt,
                pauseConditions,
                controllerPause,
                currentPodHash,
                currentStepHash,
                currentStepIndex,
                collisionCount,
                replicas,
                updatedReplicas,
                readyReplicas,
                availableReplicas,
                hpaReplicas,
                selector,
                observedGeneration,
                conditions,
                stableRS,
                restartedAt,
                promoteFull,
                phase,
                message,
                duration,
                weights,
                stepRun,
                backgroundRun,
                currentExperiment,
                stablePingPong,
                stepPlugins,
                preRun,
                postRun,
                previewSelector,
                activeSelector,
                scaleUpPreviewCheckPoint,
                workloadObservedGeneration,
                release,
                trafficPlan,
                why);
    }

    public boolean hasPause(String reason) {
        return pauseConditions.stream().anyMatch(p -> p.reason().equals(reason));
    }

    /// Adds a pause of ours; one that exists keeps its start.
    public void addPause(String reason, Instant now) {
        controllerPause = true;
        if (!hasPause(reason)) {
            pauseConditions.add(new PauseCondition(reason, Times.seconds(now)));
        }
    }

    /// With the last condition goes `controllerPause`: true with an empty list means that a
    /// person resumed.
    public void removePause(String reason) {
        pauseConditions.removeIf(p -> p.reason().equals(reason));
        if (pauseConditions.isEmpty()) {
            controllerPause = false;
        }
    }

    public void clearPauses() {
        pauseConditions.clear();
        controllerPause = false;
    }

    public void clearAbort() {
        abort = false;
        abortedAt = Optional.empty();
    }

    public Optional<Condition> condition(String type) {
        return conditions.stream().filter(c -> c.type().equals(type)).findFirst();
    }

    /// Same status and reason as before is no change, whatever the message; otherwise the
    /// condition moves to the end.
    public boolean setCondition(
            String type, String status, String reason, String message, Instant now) {
        Optional<Condition> old = condition(type);
        if (old.isPresent()
                && old.get().status().equals(status)
                && old.get().reason().equals(reason)) {
            return false;
        }
        replaceCondition(type, status, reason, message, now);
        return true;
    }

    /// Sets the condition and refreshes its update time even when status and reason stay.
    public void replaceCondition(
            String type, String status, String reason, String message, Instant now) {
        Instant at = Times.seconds(now);
        Optional<Condition> old = condition(type);
        Instant transition =
                old.filter(c -> c.status().equals(status))
                        .map(Condition::lastTransitionTime)
                        .orElse(at);
        removeCondition(type);
        conditions.add(new Condition(type, status, reason, message, at, transition));
    }

    public void removeCondition(String type) {
        conditions.removeIf(c -> c.type().equals(type));
    }
}
