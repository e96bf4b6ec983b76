package dev.sluice.rollout.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import dev.sluice.rollout.core.RolloutStatus.Why;
import dev.sluice.rollout.core.gate.EventGates;
import dev.sluice.rollout.core.gate.GateEvent;
import dev.sluice.rollout.core.policy.Freeze;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What a Rollout may ask for beyond the original, each followed through a release.
class PolicyTraceTest {
    private static final String ANALYSED =
            """
            {"replicas":2,"strategy":{"canary":{
             "steps":[{"setWeight":50},{"analysis":{"templates":[{"templateName":"t"}]}},{"pause":{}}]}}}\
            """;
    private static final String STEPS =
            """
            {"replicas":4,"strategy":{"canary":{"steps":[{"setWeight":25},{"pause":{}},{"setWeight":50}]}}}\
            """;
    private static final String GATED =
            """
            {"replicas":2,"strategy":{"canary":{"steps":[{"setWeight":50},{"plugin":{
              "name":"sluice/wait-for-event",
              "config":{"type":"dev.cdevents.testsuiterun.finished","source":"https://ci.example.com",
                "outcome":"pass","match":{"customData.hash":"{{hash}}"},"timeout":"10m"}}},
              {"pause":{}}]}}}\
            """;

    private static World world(String spec, String... annotations) {
        World world = new World(spec);
        for (int i = 0; i < annotations.length; i += 2) {
            ((ObjectNode) world.rollout.at("/metadata/annotations"))
                    .put(annotations[i], annotations[i + 1]);
        }
        world.templates.put(
                new TemplateRef("t", false),
                Trees.json("{\"metrics\":[{\"name\":\"m\",\"count\":1}]}"));
        world.settle();
        world.image("demo:2");
        world.settle();
        return world;
    }

    private static String run(World world) {
        return world.status().stepRun().orElseThrow().name();
    }

    private static Why why(World world) {
        return world.status().why().orElseThrow();
    }

    @Test
    void aFailureThatIsToPauseWaitsForAPersonAndMeasuresAgain() {
        World world = world(ANALYSED, "sluice.dev/on-failed", "pause");
        world.finish(run(world), "Failed", "too slow");
        world.settle();
        assertThat(world.status().abort()).isFalse();
        assertThat(world.status().message()).isEqualTo("InconclusiveAnalysisRun");
        assertThat(why(world).unblock()).isEqualTo("promote to measure again, or abort");
        String first = run(world);
        world.status("{\"pauseConditions\":null}");
        world.settle();
        assertThat(run(world)).isEqualTo(first + ".1");
    }

    @Test
    void anErrorThatIsToContinueCompletesTheStep() {
        World world = world(ANALYSED, "sluice.dev/on-error", "continue");
        world.finish(run(world), "Error", "connection refused");
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(2);
        assertThat(world.status().stepRun()).isEmpty();
    }

    @Test
    void anInconclusiveAnalysisThatIsToAbortAborts() {
        World world = world(ANALYSED, "sluice.dev/on-inconclusive", "abort");
        world.finish(run(world), "Inconclusive", "");
        world.settle();
        assertThat(world.status().abort()).isTrue();
    }

    @Test
    void aFreezeHoldsTheNextStepAndSaysUntilWhen_P8() {
        World world = world(STEPS);
        Instant end = world.now.plusSeconds(3600);
        world.freeze = Optional.of(new Freeze("weekend", "the calendar", Optional.of(end)));
        world.status("{\"pauseConditions\":null}");
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(1);
        assertThat(why(world).state()).isEqualTo(Why.State.Blocked);
        assertThat(why(world).reason()).isEqualTo("Frozen");
        assertThat(why(world).message()).contains("weekend");
        assertThat(world.decide().wakeAt()).contains(end);
        world.freeze = Optional.empty();
        world.settle();
        // What was asked for during the freeze is not done behind a person's back afterwards.
        assertThat(world.status().phase()).isEqualTo("Paused");
        world.status("{\"pauseConditions\":null}");
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Healthy");
    }

    @Test
    void aFreezeHoldsTheStartOfAReleaseAndItsFullPromotion_P8() {
        World world = new World(STEPS);
        world.settle();
        world.freeze = Optional.of(new Freeze("stop", "somewhere", Optional.empty()));
        world.image("demo:2");
        world.settle();
        world.status("{\"promoteFull\":true}");
        world.settle();
        String fresh = world.status().currentPodHash();
        assertThat(world.pods(fresh).replicas()).isZero();
        assertThat(world.status().stableRS()).isNotEqualTo(fresh);
    }

    @Test
    void aFreezeNeverHoldsAnAbort_P8() {
        World world = world(STEPS);
        world.freeze = Optional.of(new Freeze("stop", "somewhere", Optional.empty()));
        world.settle();
        world.status("{\"abort\":true}");
        world.settle();
        assertThat(world.status().phase()).isEqualTo("Degraded");
        assertThat(world.pods(world.status().currentPodHash()).replicas()).isZero();
        assertThat(world.pods(world.status().stableRS()).replicas()).isEqualTo(4);
    }

    @Test
    void aFullPromotionOfAnAbortedReleaseWaitsForTheEndOfAFreeze_P8() {
        World world = world(STEPS);
        world.freeze = Optional.of(new Freeze("stop", "somewhere", Optional.empty()));
        world.status("{\"abort\":true}");
        world.settle();
        world.status("{\"promoteFull\":true}");
        world.settle();
        assertThat(world.status().abort()).isTrue();
        assertThat(world.status().currentStepIndex()).contains(0);
        assertThat(world.pods(world.status().currentPodHash()).replicas()).isZero();
    }

    @Test
    void aHotfixPassesAFreezeByItsRevisionNumberOnly() {
        World world = new World(STEPS);
        world.settle();
        world.freeze = Optional.of(new Freeze("stop", "somewhere", Optional.empty()));
        ((ObjectNode) world.rollout.at("/metadata/annotations"))
                .put("sluice.dev/bypass-freeze", "2");
        world.image("demo:2");
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(1);
        world.image("demo:3");
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(0);
        assertThat(why(world).reason()).isEqualTo("Frozen");
    }

    @Test
    void aStepGoesOnAtItsOwnAvailabilityThreshold() {
        World world =
                new World(
                        """
                        {"replicas":10,"strategy":{"canary":{"steps":[{"setWeight":50},{"pause":{}}]}}}\
                        """);
        ((ObjectNode) world.rollout.at("/metadata/annotations"))
                .put("sluice.dev/availability-threshold", "0=60%");
        world.settle();
        world.image("demo:2");
        String fresh = "";
        for (int i = 0; i < 40 && world.step(); i++) {
            fresh = world.status().currentPodHash();
            World.Pods pods = world.pods(fresh);
            pods.available = Math.min(pods.replicas(), 3);
            world.later(1);
        }
        assertThat(world.pods(fresh).replicas()).isEqualTo(5);
        assertThat(world.status().currentStepIndex()).contains(1);
    }

    private static GateEvent event(String hash, String outcome, Instant time) {
        return new GateEvent(
                "e-1",
                "https://ci.example.com",
                "dev.cdevents.testsuiterun.finished.0.2.0",
                time,
                "suite",
                Trees.json(
                        "{\"subject\":{\"content\":{\"outcome\":\""
                                + outcome
                                + "\"}},\"customData\":{\"hash\":\""
                                + hash
                                + "\"}}"));
    }

    private static boolean offer(World world, String hash, String outcome) {
        return offer(world, event(hash, outcome, world.now));
    }

    private static boolean offer(World world, GateEvent event) {
        Optional<ObjectNode> patch = EventGates.record(world.observe().rollout(), event, world.now);
        patch.ifPresent(p -> world.status(p.path("status").toString()));
        return patch.isPresent();
    }

    @Test
    void aStepWaitsForItsEventAndSaysForWhich() {
        World world = world(GATED);
        assertThat(world.status().currentStepIndex()).contains(1);
        assertThat(why(world).reason()).isEqualTo("WaitingForEvent");
        assertThat(why(world).unblock())
                .contains("dev.cdevents.testsuiterun.finished", "https://ci.example.com");
        assertThat(offer(world, world.status().currentPodHash(), "pass")).isTrue();
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(2);
        assertThat(world.status().stepPlugins())
                .singleElement()
                .satisfies(
                        p -> {
                            assertThat(p.phase()).isEqualTo("Successful");
                            assertThat(p.status().path("event").asText()).isEqualTo("e-1");
                        });
    }

    @Test
    void anEventForAnotherRevisionSenderOrAttemptChangesNothing_X3() {
        World world = world(GATED);
        String hash = world.status().currentPodHash();
        assertThat(offer(world, "other", "pass")).isFalse();
        assertThat(offer(world, event(hash, "pass", world.now.minusSeconds(86_400)))).isFalse();
        GateEvent good = event(hash, "pass", world.now);
        GateEvent forged =
                new GateEvent(
                        good.id(),
                        "https://elsewhere.example.com",
                        good.type(),
                        good.time(),
                        good.subjectId(),
                        good.body());
        assertThat(offer(world, forged)).isFalse();
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(1);
    }

    @Test
    void anEventWithAnotherOutcomeAborts() {
        World world = world(GATED);
        assertThat(offer(world, world.status().currentPodHash(), "fail")).isTrue();
        world.settle();
        assertThat(world.status().abort()).isTrue();
        assertThat(world.status().message())
                .contains("Step 2 failed: failed by event e-1 of https://ci.example.com");
    }

    @Test
    void anEventThatDoesNotComeInTimeAborts() {
        World world = world(GATED);
        world.later(601);
        world.settle();
        assertThat(world.status().abort()).isTrue();
        assertThat(world.status().message()).contains("no event", "within 600s");
    }

    @Test
    void theEventOfAnAbortedAttemptDoesNotCountForItsRetry_X3() {
        World world = world(GATED);
        world.status("{\"abort\":true}");
        world.settle();
        assertThat(offer(world, world.status().currentPodHash(), "pass")).isFalse();
        world.status("{\"abort\":null,\"abortedAt\":null}");
        world.settle();
        assertThat(world.status().currentStepIndex()).contains(1);
        assertThat(why(world).reason()).isEqualTo("WaitingForEvent");
    }
}
