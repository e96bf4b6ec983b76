package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The status of a Rollout, field for field; an absent string is empty. Changed through
/// [dev.sluice.rollout.core.status.StatusDraft].
public record RolloutStatus(
        boolean abort,
        Optional<Instant> abortedAt,
        List<PauseCondition> pauseConditions,
        boolean controllerPause,
        String currentPodHash,
        String currentStepHash,
        Optional<Integer> currentStepIndex,
        Optional<Integer> collisionCount,
        int replicas,
        int updatedReplicas,
        int readyReplicas,
        int availableReplicas,
        int hpaReplicas,
        String selector,
        String observedGeneration,
        List<Condition> conditions,
        String stableRS,
        Optional<Instant> restartedAt,
        boolean promoteFull,
        String phase,
        String message,
        Optional<ReleaseDuration> duration,
        Optional<CanaryWeights> weights,
        Optional<RunStatus> stepRun,
        Optional<RunStatus> backgroundRun,
        String currentExperiment,
        String stablePingPong,
        List<StepPluginStatus> stepPlugins,
        Optional<RunStatus> preRun,
        Optional<RunStatus> postRun,
        String previewSelector,
        String activeSelector,
        boolean scaleUpPreviewCheckPoint,
        String workloadObservedGeneration,
        Optional<Release> release,
        Optional<TrafficPlan> trafficPlan,
        Optional<Why> why) {

    public RolloutStatus {
        pauseConditions = List.copyOf(pauseConditions);
        conditions = List.copyOf(conditions);
        stepPlugins = List.copyOf(stepPlugins);
    }

    public record PauseCondition(String reason, Instant startTime) {}

    public record Condition(
            String type,
            String status,
            String reason,
            String message,
            Instant lastUpdateTime,
            Instant lastTransitionTime) {}

    /// One of the four analysis slots.
    public record RunStatus(String name, String status, String message) {}

    public record WeightEntry(int weight, String serviceName, String podTemplateHash) {}

    /// `canary.weights`, as last proven by router-service; `verified` is absent until a plan
    /// was answered.
    public record CanaryWeights(
            WeightEntry canary,
            WeightEntry stable,
            List<WeightEntry> additional,
            Optional<Boolean> verified) {
        public CanaryWeights {
            additional = List.copyOf(additional);
        }
    }

    /// One entry of `canary.stepPluginStatuses`, as the original keeps it.
    public record StepPluginStatus(
            int index,
            String name,
            String operation,
            String phase,
            String message,
            Optional<Instant> startedAt,
            Optional<Instant> updatedAt,
            Optional<Instant> finishedAt,
            String backoff,
            int executions,
            boolean disabled,
            JsonNode status) {}

    public record ReleaseDuration(
            Optional<Instant> rolloutStartedAt,
            Optional<Instant> manualPauseStartedAt,
            long totalManualPauseSeconds,
            Optional<Instant> finishedAt,
            String completionStatus) {
        public boolean isFinished() {
            return rolloutStartedAt.isPresent() && finishedAt.isPresent();
        }
    }

    /// The attempt to which steps, measurements and facts belong; rises with each update and
    /// each retry (X3).
    ///
    /// @param measurements how many AnalysisRuns and Experiments were begun for this revision, by
    ///     kind and step
    public record Release(
            long attempt,
            Map<String, Integer> measurements,
            Instant startedAt,
            String fromHash,
            String toHash,
            long revision,
            String repository,
            String commit,
            String application,
            String actor) {
        public Release {
            measurements = Sorted.copy(measurements);
        }

        public int begun(String kind) {
            return measurements.getOrDefault(kind, 0);
        }

        /// So many of a kind were begun.
        public Release withBegun(String kind, int count) {
            Map<String, Integer> next = new TreeMap<>(measurements);
            next.put(kind, count);
            return new Release(
                    attempt,
                    next,
                    startedAt,
                    fromHash,
                    toHash,
                    revision,
                    repository,
                    commit,
                    application,
                    actor);
        }
    }

    /// What the release is doing, or what it waits for, and since when.
    ///
    /// @param reason one word for programs
    /// @param message a sentence for people
    /// @param unblock what would let it go on; empty when it goes on by itself
    public record Why(State state, String reason, String message, Instant since, String unblock) {
        public enum State {
            Moving,
            Waiting,
            Blocked,
            Broken,
            Done
        }
    }

    public Optional<Condition> condition(String type) {
        return conditions.stream().filter(c -> c.type().equals(type)).findFirst();
    }

    public boolean hasPause(String reason) {
        return pauseConditions.stream().anyMatch(p -> p.reason().equals(reason));
    }
}
