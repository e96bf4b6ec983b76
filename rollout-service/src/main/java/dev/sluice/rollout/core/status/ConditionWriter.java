package dev.sluice.rollout.core.status;

import dev.sluice.rollout.core.Conditions;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.Observation.ReplicaFailure;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.Strategy;
import java.util.Optional;

/// The conditions, with reasons and messages byte for byte.
final class ConditionWriter {
    private final Pass pass;
    private final StatusDraft next;
    private final boolean progressed;
    private final boolean exempt;

    ConditionWriter(Pass pass, boolean progressed, boolean exempt) {
        this.pass = pass;
        this.next = pass.next;
        this.progressed = progressed;
        this.exempt = exempt;
    }

    void write() {
        boolean paused = isPaused();
        boolean healthy = isHealthy();
        boolean turnedUnhealthy = false;
        if (healthy && !paused) {
            set(Conditions.HEALTHY, Conditions.TRUE, "RolloutHealthy", "Rollout is healthy");
        } else if (next.condition(Conditions.HEALTHY).isPresent()) {
            turnedUnhealthy =
                    set(
                            Conditions.HEALTHY,
                            Conditions.FALSE,
                            "RolloutHealthy",
                            "Rollout is not healthy");
        }
        progressing(healthy, turnedUnhealthy);
        available();
        replicaFailure();
        completed();
        pausedCondition(paused);
    }

    private boolean isPaused() {
        return !next.pauseConditions.isEmpty() || pass.spec.paused();
    }

    private boolean set(String type, String status, String reason, String message) {
        return next.setCondition(type, status, reason, message, pass.now);
    }

    private boolean isHealthy() {
        int n = pass.replicas();
        boolean counts =
                next.updatedReplicas == n
                        && next.availableReplicas == n
                        && pass.stored.observedGeneration().equals(next.observedGeneration);
        return counts
                && switch (pass.spec.strategy()) {
                    case Strategy.Canary canary -> {
                        int count = canary.steps().size();
                        boolean stepsDone =
                                count == 0
                                        || next.currentStepIndex.map(i -> i == count).orElse(true);
                        yield isCompleted() && stepsDone && next.replicas == n;
                    }
                    case Strategy.BlueGreen bg ->
                            next.activeSelector.equals(next.currentPodHash)
                                    && (bg.previewService().isEmpty()
                                            || next.previewSelector.equals(next.currentPodHash));
                };
    }

    private boolean isCompleted() {
        return !next.stableRS.isEmpty() && next.stableRS.equals(next.currentPodHash);
    }

    private void progressing(boolean healthy, boolean turnedUnhealthy) {
        String name = setName(pass);
        if (next.abort) {
            String cause = pass.abortCause.map(c -> ": " + c).orElse("");
            String message = "Rollout aborted update to revision " + revision() + cause;
            if (set(Conditions.PROGRESSING, Conditions.FALSE, Conditions.ABORTED, message)) {
                pass.notices.add(Notice.warning(Conditions.ABORTED, message));
            }
            return;
        }
        if (isPaused() && !isCompleted()) {
            set(
                    Conditions.PROGRESSING,
                    Conditions.UNKNOWN,
                    Conditions.ROLLOUT_PAUSED,
                    "Rollout is paused");
            return;
        }
        if (pass.isFrozen()) {
            set(Conditions.PROGRESSING, Conditions.UNKNOWN, Conditions.FROZEN, "Rollout is frozen");
            return;
        }
        if (healthy) {
            set(
                    Conditions.PROGRESSING,
                    Conditions.TRUE,
                    "NewReplicaSetAvailable",
                    "ReplicaSet \"" + name + "\" has successfully progressed.");
            return;
        }
        if (pass.progressing().isEmpty() && !progressed) {
            set(
                    Conditions.PROGRESSING,
                    Conditions.TRUE,
                    "FoundNewReplicaSet",
                    "Found new replica set \"" + name + "\"");
        } else if (progressed || turnedUnhealthy) {
            boolean lostPods = turnedUnhealthy && isCompleted();
            next.replaceCondition(
                    Conditions.PROGRESSING,
                    Conditions.TRUE,
                    lostPods ? "ReplicaSetNotAvailable" : "ReplicaSetUpdated",
                    lostPods
                            ? "Rollout does not have minimum availability"
                            : "ReplicaSet \"" + name + "\" is progressing.",
                    pass.now);
        } else if (!exempt && pass.progressing().map(c -> isTimedOut(pass, c)).orElse(false)) {
            set(
                    Conditions.PROGRESSING,
                    Conditions.FALSE,
                    Conditions.DEADLINE_EXCEEDED,
                    timeoutMessage(pass));
        }
    }

    static boolean isTimedOut(Pass pass, Condition progressing) {
        return switch (progressing.reason()) {
            case Conditions.ABORTED, Conditions.ROLLOUT_PAUSED, Conditions.FROZEN -> false;
            case Conditions.DEADLINE_EXCEEDED -> true;
            default ->
                    progressing
                            .lastUpdateTime()
                            .plusSeconds(pass.spec.progressDeadlineSeconds())
                            .isBefore(pass.now);
        };
    }

    static String timeoutMessage(Pass pass) {
        return "ReplicaSet \"" + setName(pass) + "\" has timed out progressing.";
    }

    private static String setName(Pass pass) {
        return pass.sets
                .newSet()
                .map(ReplicaSetView::name)
                .orElseGet(() -> pass.rollout.meta().name() + "-" + pass.newHash());
    }

    private long revision() {
        return pass.sets.newSet().map(ReplicaSetView::revision).orElse(0L);
    }

    private void available() {
        int n = pass.replicas();
        boolean enough =
                switch (pass.spec.strategy()) {
                    case Strategy.Canary _ -> next.availableReplicas >= n;
                    case Strategy.BlueGreen _ ->
                            pass.sets
                                    .withHash(next.activeSelector)
                                    .map(rs -> rs.replicas() == n && rs.available() == n)
                                    .orElse(false);
                };
        set(
                Conditions.AVAILABLE,
                enough ? Conditions.TRUE : Conditions.FALSE,
                "AvailableReason",
                enough
                        ? "Rollout has minimum availability"
                        : "Rollout does not have minimum availability");
    }

    private void replicaFailure() {
        Optional<ReplicaFailure> failure =
                pass.sets
                        .newSet()
                        .flatMap(ReplicaSetView::failure)
                        .or(
                                () ->
                                        pass.sets.owned().stream()
                                                .flatMap(rs -> rs.failure().stream())
                                                .findFirst());
        if (failure.isPresent()) {
            ReplicaFailure f = failure.get();
            set(Conditions.REPLICA_FAILURE, f.status(), f.reason(), f.message());
        } else {
            next.removeCondition(Conditions.REPLICA_FAILURE);
        }
    }

    private void completed() {
        boolean done = isCompleted();
        boolean changed =
                set(
                        Conditions.COMPLETED,
                        done ? Conditions.TRUE : Conditions.FALSE,
                        "RolloutCompleted",
                        "RolloutCompleted");
        if (changed && !done) {
            pass.notices.add(
                    Notice.normal(
                            "RolloutNotCompleted",
                            "Rollout not completed, started update to revision "
                                    + revision()
                                    + " ("
                                    + next.currentPodHash
                                    + ")"));
        }
    }

    private void pausedCondition(boolean paused) {
        boolean exists = next.condition(Conditions.PAUSED).isPresent();
        if ((exists || paused) && !next.abort) {
            set(
                    Conditions.PAUSED,
                    paused ? Conditions.TRUE : Conditions.FALSE,
                    Conditions.ROLLOUT_PAUSED,
                    "Rollout is paused");
        }
    }
}
