package dev.sluice.rollout.core;

import dev.sluice.rollout.core.Planning.Wanted;
import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.TrafficPlan.Reason;
import dev.sluice.rollout.core.bluegreen.BlueGreenDecider;
import dev.sluice.rollout.core.canary.CanaryDecider;
import dev.sluice.rollout.core.experiment.StepExperiments;
import dev.sluice.rollout.core.explain.Explanation;
import dev.sluice.rollout.core.status.Lifecycle;
import dev.sluice.rollout.core.status.Phases;
import dev.sluice.rollout.core.status.StatusDraft;
import dev.sluice.rollout.core.status.StatusJson;
import dev.sluice.rollout.core.validation.ReferenceRules;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Decides what a Rollout does next. Pure, total and deterministic: the same observation gives
/// the same decision.
public final class RolloutDecider {
    /// How soon a missing Service, template or Ingress is looked for again.
    private static final int REFERENCE_RETRY_SECONDS = 20;

    private RolloutDecider() {}

    public static Decision decide(Observation seen, Instant now) {
        Rollout rollout = seen.rollout();
        Optional<String> error = ReferenceRules.firstError(seen);
        // An abort is accepted in every state, also when a template or an Ingress is gone (A4).
        if (error.isPresent() && !rollout.status().abort()) {
            ParseResult.Invalid invalid =
                    new ParseResult.Invalid(
                            rollout.meta(), rollout.status(), rollout.json(), error.get());
            Decision refused = decideInvalid(invalid, now);
            return new Decision(
                    refused.next(),
                    refused.statusPatch(),
                    List.of(),
                    List.of(),
                    List.of(),
                    Optional.of(now.plusSeconds(REFERENCE_RETRY_SECONDS)));
        }
        Pass pass = new Pass(Restarts.withPodsThatServe(seen, now), now);
        if (!pass.spec.replicasGiven()) {
            pass.doBefore(new Command.DefaultReplicas(pass.replicas()));
            return pass.commandsOnly();
        }
        if (RevisionSync.isCutShort(pass)) {
            return pass.commandsOnly();
        }
        Lifecycle lifecycle = new Lifecycle(pass);
        if (isRetry(pass)) {
            Promotion.retry(pass);
        }
        boolean booksChanged = lifecycle.keepBooks();
        if (pass.sets.newSet().isEmpty()) {
            return RevisionSync.isFirst(pass)
                    ? RevisionSync.createFirst(pass, RolloutDecider::startFirst)
                    : RevisionSync.create(pass);
        }
        if (booksChanged) {
            lifecycle.finishBooks();
            return pass.decision();
        }
        if (pass.isUnderFreeze() || isAbortNews(pass)) {
            // Under a freeze it is refused, and not done afterwards either (P8); an abort that
            // was not seen before ends it (A4).
            pass.next.promoteFull = false;
        }
        Planning.takeEvidence(pass);
        boolean isLeaving = Departure.isDue(pass);
        if (!isLeaving) {
            Takeover.recognise(pass);
        }
        if (Restarts.evicts(pass)) {
            return pass.commandsOnly();
        }
        EphemeralMetadata.write(pass);
        Wanted decided = isLeaving ? Departure.wanted(pass) : runStrategy(pass);
        Wanted wanted =
                pass.takesOver ? Takeover.wanted(pass.next.trafficPlan.orElseThrow()) : decided;
        WorkloadScaling.scale(pass);
        boolean wasAborted = pass.isAborted();
        lifecycle.finish();
        if (pass.isAborted() && !wasAborted) {
            // The deadline aborts what was wanted so far; the next pass routes the abort (A3).
            pass.holdScaleDowns();
        } else {
            Planning.write(pass, wanted, isLeaving ? Reason.Reconfigure : reason(pass));
        }
        Planning.recordWeights(pass);
        new Phases(pass).write();
        return pass.decision();
    }

    /// The status of a first deployment, decided ahead on the ReplicaSet that is being created:
    /// there is nothing to be careful of yet.
    private static void startFirst(Pass pass, Strategy.Canary canary) {
        CanaryDecider decider = new CanaryDecider(pass, canary);
        decider.resetsOnChange();
        decider.decide();
        new Lifecycle(pass).finish();
        Planning.write(pass, decider.wanted(), Reason.Initial);
        new Phases(pass).write();
    }

    private static boolean isAbortNews(Pass pass) {
        return pass.stored.abort()
                && pass.stored
                        .condition(Conditions.PROGRESSING)
                        .filter(c -> c.reason().equals(Conditions.ABORTED))
                        .isEmpty();
    }

    private static boolean isRetry(Pass pass) {
        return !pass.stored.abort()
                && pass.stored.currentPodHash().equals(pass.newHash())
                && pass.stored
                        .condition(Conditions.PROGRESSING)
                        .map(Condition::reason)
                        .filter(Conditions.ABORTED::equals)
                        .isPresent();
    }

    private static Wanted runStrategy(Pass pass) {
        return switch (pass.spec.strategy()) {
            case Strategy.Canary canary -> {
                CanaryDecider decider = new CanaryDecider(pass, canary);
                if (!decider.resetsOnChange()) {
                    decider.decide();
                }
                yield decider.wanted();
            }
            case Strategy.BlueGreen bg -> {
                // Left over from a canary that this Rollout was before (B7).
                new StepExperiments(pass).leave();
                BlueGreenDecider decider = new BlueGreenDecider(pass, bg);
                if (!decider.resetsOnChange()) {
                    decider.decide();
                }
                yield decider.wanted();
            }
        };
    }

    private static Reason reason(Pass pass) {
        if (pass.isAborted()) {
            return Reason.Abort;
        }
        if (pass.next.trafficPlan.isEmpty()) {
            return Reason.Initial;
        }
        if (!pass.isFullyPromoted()) {
            return Reason.Step;
        }
        boolean isBack = pass.next.release.map(r -> r.fromHash().equals(r.toHash())).orElse(false);
        return isBack ? Reason.Rollback : Reason.Promote;
    }

    /// The API server refused the ReplicaSet of the present template for its content: it is tried
    /// again, and until then the status says so.
    public static Decision decideCreationRefused(Observation seen, String error, Instant now) {
        Pass pass = new Pass(seen, now);
        String message =
                "Failed to create new replica set \""
                        + seen.rollout().meta().name()
                        + "-"
                        + pass.sets.computedHash()
                        + "\": "
                        + error;
        pass.next.setCondition(
                Conditions.PROGRESSING, Conditions.FALSE, Conditions.CREATE_ERROR, message, now);
        pass.notices.add(Notice.warning(Conditions.CREATE_ERROR, message));
        new Phases(pass).write();
        return pass.decision();
    }

    /// A Rollout whose spec cannot be used: it gets the `InvalidSpec` condition, nothing else
    /// is touched, except that an abort takes the traffic back.
    public static Decision decideInvalid(ParseResult.Invalid invalid, Instant now) {
        StatusDraft next = new StatusDraft(invalid.status());
        String message =
                "The Rollout \"" + invalid.meta().name() + "\" is invalid: " + invalid.error();
        boolean isKnown =
                next.condition(Conditions.INVALID_SPEC)
                        .map(c -> c.message().equals(message))
                        .orElse(false);
        String generation = Long.toString(invalid.meta().generation());
        if (!isKnown || !next.observedGeneration.equals(generation)) {
            if (!isKnown) {
                next.replaceCondition(
                        Conditions.INVALID_SPEC,
                        Conditions.TRUE,
                        Conditions.INVALID_SPEC,
                        message,
                        now);
            }
            next.observedGeneration = generation;
            next.phase = "Degraded";
            next.message = "InvalidSpec: " + message;
            next.why = Optional.of(Explanation.invalidSpec(message, now));
        }
        Planning.giveBack(invalid.status(), now)
                .ifPresent(plan -> next.trafficPlan = Optional.of(plan));
        RolloutStatus status = next.freeze();
        return new Decision(
                status,
                StatusJson.patch(invalid.json().path("status"), status),
                List.of(),
                List.of(),
                List.of(),
                WorkloadTarget.isGiven(invalid.json().path("spec"))
                        ? Optional.of(now.plusSeconds(REFERENCE_RETRY_SECONDS))
                        : Optional.empty());
    }
}
