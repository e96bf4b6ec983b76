package dev.sluice.rollout.core;

import dev.sluice.rollout.core.Planning.Wanted;
import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.TrafficPlan.Reason;
import dev.sluice.rollout.core.bluegreen.BlueGreenDecider;
import dev.sluice.rollout.core.canary.CanaryDecider;
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
        Pass pass = new Pass(seen, now);
        if (!pass.spec.replicasGiven()) {
            pass.doBefore(new Command.DefaultReplicas(pass.replicas()));
            return pass.commandsOnly();
        }
        if (RevisionSync.isCutShort(pass)) {
            return pass.commandsOnly();
        }
        Planning.takeEvidence(pass);
        Lifecycle lifecycle = new Lifecycle(pass);
        if (isRetry(pass)) {
            Promotion.retry(pass);
        }
        boolean booksChanged = lifecycle.keepBooks();
        if (pass.sets.newSet().isEmpty()) {
            return RevisionSync.create(pass);
        }
        if (booksChanged) {
            lifecycle.finishBooks();
            return pass.decision();
        }
        if (Restarts.evicts(pass)) {
            return pass.commandsOnly();
        }
        Wanted wanted = runStrategy(pass);
        lifecycle.finish();
        Planning.write(pass, wanted, reason(pass));
        Planning.recordWeights(pass);
        new Phases(pass).write();
        return pass.decision();
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

    /// A Rollout whose spec cannot be used: it gets the `InvalidSpec` condition, nothing else
    /// is touched.
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
            next.why = Optional.of(Phases.broken("InvalidSpec", message, now));
        }
        RolloutStatus status = next.freeze();
        return new Decision(
                status,
                StatusJson.patch(invalid.json().path("status"), status),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty());
    }
}
