package dev.sluice.rollout.core.explain;

import dev.sluice.rollout.core.Conditions;
import dev.sluice.rollout.core.Departure;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Pass;
import dev.sluice.rollout.core.Reasons;
import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.RolloutStatus.PauseCondition;
import dev.sluice.rollout.core.RolloutStatus.Why;
import dev.sluice.rollout.core.RolloutStatus.Why.State;
import dev.sluice.rollout.core.Step;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.policy.Freeze;
import dev.sluice.rollout.core.status.StatusDraft;
import dev.sluice.rollout.core.status.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// The one answer to "why does it not go on", drawn from the status that a pass is about to
/// write. Blocked is not broken: what is blocked goes on by itself once something outside
/// changes; what is broken needs another revision, a retry or a corrected manifest.
public final class Explanation {
    /// From then on a plan without evidence counts as held up rather than under way.
    private static final Duration EVIDENCE_OVERDUE = Duration.ofSeconds(60);

    private final Pass pass;
    private final StatusDraft next;

    private Explanation(Pass pass) {
        this.pass = pass;
        this.next = pass.next;
    }

    /// What the pass found; `since` is now.
    public static Why of(Pass pass) {
        return new Explanation(pass).find();
    }

    /// A spec that cannot be used.
    public static Why invalidSpec(String message, Instant now) {
        return new Why(
                State.Broken,
                Conditions.INVALID_SPEC,
                message,
                Times.seconds(now),
                "correct the field that the message names");
    }

    private Why find() {
        return switch (next.phase) {
            case "Healthy" -> why(State.Done, "Healthy", "", "");
            case "Degraded" -> degraded();
            default ->
                    held().or(this::leaving)
                            .or(this::paused)
                            .or(this::blocked)
                            .orElseGet(this::underWay);
        };
    }

    private Why why(State state, String reason, String message, String unblock) {
        return new Why(state, reason, message, Times.seconds(pass.now), unblock);
    }

    private Why degraded() {
        String reason = next.message.substring(0, Math.max(0, next.message.indexOf(':')));
        String unblock =
                switch (reason) {
                    case Conditions.ABORTED -> "release a corrected revision, or retry this one";
                    case Conditions.DEADLINE_EXCEEDED ->
                            "see why pods of the new revision do not become available; it goes on"
                                    + " when they do";
                    default -> "correct the field that the message names";
                };
        return why(State.Broken, reason, next.message, unblock);
    }

    private Optional<Why> held() {
        if (!pass.isFrozen()) {
            return Optional.empty();
        }
        Freeze freeze = pass.seen.freeze().orElseThrow();
        freeze.until().ifPresent(pass::wakeAt);
        String end = freeze.until().map(u -> " until " + Times.text(u)).orElse("");
        return Optional.of(
                why(
                        State.Blocked,
                        "Frozen",
                        "releases are frozen" + end + ": " + freeze.reason(),
                        freeze.until().map(_ -> "wait for its end, or change ").orElse("remove ")
                                + freeze.where()));
    }

    private Optional<Why> leaving() {
        return pass.waitingFor
                .filter(w -> w.startsWith(Departure.WAITING))
                .map(w -> why(State.Blocked, Departure.WAITING, w, pass.unblock));
    }

    private Optional<Why> paused() {
        if (pass.spec.paused()) {
            return Optional.of(
                    why(
                            State.Waiting,
                            "ManuallyPaused",
                            "spec.paused is true",
                            "set spec.paused to false, or promote"));
        }
        if (next.pauseConditions.isEmpty()) {
            return Optional.empty();
        }
        PauseCondition pause = next.pauseConditions.getFirst();
        if (pause.reason().startsWith("Inconclusive")) {
            return Optional.of(
                    why(
                            State.Waiting,
                            pause.reason(),
                            "an analysis ended without a verdict that lets the release go on",
                            "promote to measure again, or abort"));
        }
        Optional<Instant> end = pauseEnd(pause);
        return Optional.of(
                why(
                        State.Waiting,
                        pause.reason(),
                        end.map(e -> "a pause until " + Times.text(e))
                                .orElse("a pause that a person ends"),
                        end.isPresent() ? "" : "promote, or abort"));
    }

    private Optional<Instant> pauseEnd(PauseCondition pause) {
        return switch (pass.spec.strategy()) {
            case Strategy.BlueGreen bg ->
                    bg.autoPromotion() && bg.autoPromotionSeconds() > 0
                            ? Optional.of(pause.startTime().plusSeconds(bg.autoPromotionSeconds()))
                            : Optional.empty();
            case Strategy.Canary canary ->
                    currentStep(canary)
                            .filter(Step.Pause.class::isInstance)
                            .flatMap(s -> ((Step.Pause) s).seconds())
                            .filter(_ -> pause.reason().equals(Reasons.CANARY_PAUSE))
                            .map(s -> pause.startTime().plusSeconds(s));
        };
    }

    private Optional<Step> currentStep(Strategy.Canary canary) {
        int index = next.currentStepIndex.orElse(canary.steps().size());
        return index >= 0 && index < canary.steps().size()
                ? Optional.of(canary.steps().get(index))
                : Optional.empty();
    }

    private Optional<Why> blocked() {
        Optional<Condition> refused =
                next.condition(Conditions.PROGRESSING)
                        .filter(c -> c.reason().equals(Conditions.CREATE_ERROR));
        if (refused.isPresent()) {
            return Optional.of(
                    why(
                            State.Blocked,
                            Conditions.CREATE_ERROR,
                            refused.get().message(),
                            "correct the pod template, or what refuses it"));
        }
        Optional<String> failure =
                pass.sets
                        .newSet()
                        .flatMap(ReplicaSetView::failure)
                        .filter(f -> f.status().equals(Conditions.TRUE))
                        .map(f -> f.reason() + ": " + f.message());
        if (failure.isPresent()) {
            return Optional.of(
                    why(
                            State.Blocked,
                            "ReplicaFailure",
                            failure.get(),
                            "let the pods be created: a quota or an admission policy refuses"
                                    + " them"));
        }
        Optional<String> partial =
                next.trafficPlan
                        .flatMap(p -> p.observed().filter(o -> o.partial() && o.plan() == p.id()))
                        .map(TrafficPlan.Observed::message);
        if (partial.isPresent()) {
            return Optional.of(
                    why(
                            State.Blocked,
                            "TrafficShiftPartial",
                            partial.get(),
                            "it goes on when what the message names is right again"));
        }
        if (pass.waitingFor.equals(Optional.of("ExperimentInvalid"))) {
            return Optional.of(
                    why(
                            State.Blocked,
                            "ExperimentInvalid",
                            "the experiment of the step cannot be put together",
                            pass.unblock));
        }
        return pass.waitingFor
                .filter(w -> w.startsWith("AnalysisInvalid"))
                .map(
                        w ->
                                why(
                                        State.Blocked,
                                        "AnalysisInvalid",
                                        w,
                                        "correct the analysis template or its arguments"));
    }

    private Why underWay() {
        Optional<TrafficPlan> unproven = next.trafficPlan.filter(p -> !p.isObserved());
        if (unproven.isPresent()) {
            return evidence(unproven.get());
        }
        String message = next.message + counts();
        return pass.waitingFor
                .map(reason -> why(State.Waiting, reason, message, pass.unblock))
                .orElseGet(() -> why(State.Moving, "Progressing", message, ""));
    }

    private Why evidence(TrafficPlan plan) {
        Instant overdue = plan.writtenAt().plus(EVIDENCE_OVERDUE);
        if (pass.now.isBefore(overdue)) {
            pass.wakeAt(overdue);
            return why(
                    State.Waiting,
                    "TrafficEvidence",
                    "waiting for evidence of traffic plan " + plan.id(),
                    "");
        }
        return why(
                State.Blocked,
                "TrafficEvidenceOverdue",
                "no evidence of traffic plan "
                        + plan.id()
                        + ", written at "
                        + Times.text(plan.writtenAt()),
                "see whether router-service runs and can write the router's objects");
    }

    private String counts() {
        return pass.sets
                .newSet()
                .filter(rs -> rs.available() < rs.replicas())
                .map(
                        rs ->
                                " ("
                                        + rs.available()
                                        + " of "
                                        + rs.replicas()
                                        + " pods of the new revision are available)")
                .orElse("");
    }
}
