package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.events.RolloutEvent;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Two replicas of a service share the work, and one takes over what the other leaves when it is
/// killed with many releases on their way.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
class TwoReplicasE2E {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int REPLICAS = 2;
    private static final String STEPS =
            "[{setWeight: 50}, {pause: {duration: 5s}}, {setWeight: 100}]";
    private static final int STEP_COUNT = 3;
    private static final List<String> PLAIN = names("plain");
    private static final List<String> ROUTED = names("routed");
    private static final List<String> ALL = Stream.concat(PLAIN.stream(), ROUTED.stream()).toList();

    @Test
    void nothingIsLostWhenOneReplicaOfEachIsKilledUnderLoad(StackSession session) {
        try (Installation sluice =
                Installation.startReplicas(session, 2, "rollout-service", "router-service")) {
            PLAIN.forEach(name -> sluice.create(Manifests.canary(name, REPLICAS, STEPS, "")));
            ROUTED.forEach(name -> sluice.requestRoutedCanary(name, REPLICAS, STEPS));
            ALL.forEach(name -> sluice.awaitPhase(name, "Healthy"));

            // Who is killed stays away until the releases are over: the other one has to finish.
            ServiceProcess rollout = sluice.service("rollout-service");
            ServiceProcess router = sluice.service("router-service-2");
            release(sluice, "example.test/app:v2", rollout, router);
            rollout.restart();
            router.restart();
            release(
                    sluice,
                    "example.test/app:v3",
                    sluice.service("rollout-service-2"),
                    sluice.service("router-service"));

            assertAllEventsOnce(sluice, 3);
            ALL.forEach(name -> Leftovers.assertOnlyStableRuns(sluice, name, REPLICAS));
            Leftovers.assertNoOrphans(sluice);
        }
    }

    private static void release(Installation sluice, String image, ServiceProcess... victims) {
        ALL.forEach(name -> sluice.setImage(name, image));
        // In the thick of it: one is past its first step, and most are not done.
        await().atMost(LIMIT)
                .until(
                        () ->
                                ALL.stream()
                                        .map(sluice::rollout)
                                        .anyMatch(TwoReplicasE2E::isPastItsFirstStep));
        assertThat(ALL.stream().map(sluice::rollout).filter(TwoReplicasE2E::isMoving).count())
                .as("releases on their way when the replicas are killed")
                .isGreaterThan(ALL.size() / 2);
        for (ServiceProcess victim : victims) {
            victim.kill9();
        }
        ALL.forEach(name -> sluice.awaitStable(name, image, LIMIT));
    }

    private static boolean isMoving(JsonNode rollout) {
        JsonNode status = rollout.at("/status");
        return !isObserved(rollout) || !status.at("/stableRS").equals(status.at("/currentPodHash"));
    }

    private static boolean isPastItsFirstStep(JsonNode rollout) {
        return isObserved(rollout)
                && isMoving(rollout)
                && rollout.at("/status/currentStepIndex").asInt(0) >= 1;
    }

    private static boolean isObserved(JsonNode rollout) {
        return rollout.at("/status/observedGeneration")
                .asText()
                .equals(rollout.at("/metadata/generation").asText());
    }

    private static void assertAllEventsOnce(Installation sluice, int releases) {
        await().atMost(Installation.LIMIT)
                .untilAsserted(
                        () -> {
                            EventLog log = sluice.events();
                            for (String name : ALL) {
                                assertThat(log.of(name, RolloutEvent.RolloutStarted.class))
                                        .as("starts of %s", name)
                                        .hasSize(releases);
                                assertThat(log.of(name, RolloutEvent.RolloutCompleted.class))
                                        .as("ends of %s", name)
                                        .hasSize(releases);
                                assertThat(log.of(name, RolloutEvent.StepCompleted.class))
                                        .as("steps of %s", name)
                                        .hasSize((releases - 1) * STEP_COUNT);
                            }
                        });
        EventLog log = sluice.events();
        log.assertNoEventTwice();
        ALL.forEach(log::assertOneEndPerAttempt);
    }

    private static List<String> names(String kind) {
        return IntStream.range(0, 10).mapToObj(i -> kind + i).toList();
    }
}
