package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.testkit.AnsweringNode;
import dev.sluice.testkit.EnvoyGateway;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/// No request is lost because of us, on a real proxy: Envoy, led by Contour over the Gateway API,
/// in front of pods that really answer. All releases run side by side, each under its own load.
///
/// The services run with the delays that they are shipped with.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GatewayTrafficE2E {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final String TWO_HALTS =
            "[{setWeight: 20}, {pause: {}}, {setWeight: 60}, {pause: {}}]";

    /// No delay hides that pods go too early. A `scaleDownDelaySeconds` besides
    /// `dynamicStableScale` is refused.
    private static final String AT_ONCE = "scaleDownDelaySeconds: 1\nabortScaleDownDelaySeconds: 1";

    /// Whoever drains a node relies on it: the proxy has to hear of it in this time.
    private static final int KUBERNETES_GRACE_SECONDS = 30;

    private final List<AutoCloseable> open = new ArrayList<>();
    private Installation sluice;
    private AnsweringNode node;
    private EnvoyGateway gateway;
    private EnvoyGateway laggard;

    /// What happens to one Rollout while the load goes on.
    @FunctionalInterface
    private interface Course {
        void run(Journey journey) throws Exception;
    }

    @BeforeAll
    void start(StackSession session) {
        Optional<String> obstacle = EnvoyGateway.obstacle(session.stack().binaries());
        if (obstacle.isPresent()) {
            System.err.println("SKIPPED: tests with real traffic: " + obstacle.get());
            Assumptions.abort(obstacle.get());
        }
        node = opened(AnsweringNode.start(session.stack()));
        gateway = opened(EnvoyGateway.start(session.stack(), session.namespace(), "edge"));
        laggard = opened(EnvoyGateway.start(session.stack(), session.namespace(), "laggard"));
        sluice =
                opened(
                        Installation.startAsShipped(
                                session, "rollout-service", "router-service", "analysis-service"));
    }

    private <T extends AutoCloseable> T opened(T part) {
        open.add(part);
        return part;
    }

    @AfterAll
    void stop() throws Exception {
        for (AutoCloseable part : open.reversed()) {
            part.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> noRequestIsLost() {
        Map<String, FutureTask<Void>> courses = new LinkedHashMap<>();
        courses.put("canary", canary("canary", TWO_HALTS, "", AT_ONCE, this::goesToTheEnd));
        courses.put(
                "aborted", canary("aborted", TWO_HALTS, "", AT_ONCE, this::isAbortedAtEveryStep));
        courses.put("superseded", canary("superseded", TWO_HALTS, "", AT_ONCE, this::isSuperseded));
        courses.put(
                "rolledback",
                canary(
                        "rolledback",
                        "[{setWeight: 50}, {pause: {duration: 1s}}]",
                        "rollbackWindow: {revisions: 3}",
                        AT_ONCE,
                        this::isRolledBackInsideTheWindow));
        courses.put(
                "dynamic",
                canary(
                        "dynamic",
                        "[{setWeight: 50}, {pause: {}}, {setWeight: 75}, {pause: {}}]",
                        "",
                        "dynamicStableScale: true\nabortScaleDownDelaySeconds: 1",
                        this::lowersTheStableRevisionMeanwhile));
        courses.put(
                "lag",
                course(
                        () ->
                                Journey.canary(
                                        sluice,
                                        node,
                                        laggard,
                                        "lag",
                                        Journey.GRACE_SECONDS,
                                        TWO_HALTS,
                                        "",
                                        AT_ONCE),
                        this::waitsForAProxyThatLags));
        courses.put(
                "podloss",
                course(
                        () ->
                                Journey.canary(
                                        sluice,
                                        node,
                                        gateway,
                                        "podloss",
                                        KUBERNETES_GRACE_SECONDS,
                                        TWO_HALTS,
                                        "",
                                        AT_ONCE),
                        this::losesPods));
        courses.put(
                "killed",
                canary(
                        "killed",
                        "[{setWeight: 25}, {pause: {duration: 1s}}, {setWeight: 50},"
                                + " {pause: {duration: 1s}}, {setWeight: 75}, {pause: {duration: 1s}}]",
                        "",
                        AT_ONCE,
                        this::goesOnAfterServicesWereKilled));
        courses.put(
                "bluegreen",
                course(
                        () -> Journey.blueGreen(sluice, node, gateway, "bluegreen"),
                        this::switches));
        courses.forEach((name, task) -> Thread.ofVirtual().name(name).start(task));
        return courses.entrySet().stream()
                .map(one -> DynamicTest.dynamicTest(one.getKey(), () -> one.getValue().get()));
    }

    private FutureTask<Void> canary(
            String name, String steps, String specFields, String strategyFields, Course course) {
        return course(
                () ->
                        Journey.canary(
                                sluice,
                                node,
                                gateway,
                                name,
                                Journey.GRACE_SECONDS,
                                steps,
                                specFields,
                                strategyFields),
                course);
    }

    private static FutureTask<Void> course(Supplier<Journey> start, Course course) {
        return new FutureTask<>(
                () -> {
                    try (Journey journey = start.get()) {
                        try {
                            course.run(journey);
                        } finally {
                            journey.assertNothingLost();
                        }
                    }
                    return null;
                });
    }

    private void goesToTheEnd(Journey journey) {
        journey.release("v2");
        journey.awaitPausedAt(1);
        journey.assertShare(20);
        journey.promote();
        journey.awaitPausedAt(3);
        journey.assertShare(60);
        journey.promote();
        journey.awaitPromoted("v2");
        journey.assertShare(100);
    }

    private void isAbortedAtEveryStep(Journey journey) {
        journey.release("v2");
        journey.awaitPausedAt(1);
        isAborted(journey);

        journey.release("v3");
        journey.awaitPausedAt(1);
        journey.promote();
        journey.awaitPausedAt(3);
        isAborted(journey);

        journey.release("v4");
        await("traffic is on its way")
                .atMost(LIMIT)
                .until(() -> journey.status().at("/trafficPlan/weights/canary").asInt() == 20);
        isAborted(journey);
    }

    private static void isAborted(Journey journey) {
        journey.abort();
        journey.awaitPhase("Degraded");
        journey.awaitAllTraffic(journey.stable());
        journey.assertShare(journey.stable(), 100);
    }

    private void isSuperseded(Journey journey) {
        journey.release("v2");
        journey.awaitPausedAt(1);
        journey.promote();
        journey.awaitPausedAt(3);
        String former = journey.status().at("/currentPodHash").asText();
        journey.release("v3");
        await("v3 is on its way")
                .atMost(LIMIT)
                .until(() -> !journey.status().at("/currentPodHash").asText().equals(former));
        journey.awaitPausedAt(1);
        journey.assertShare(20);
        journey.assertShare(former, 0);
        journey.plugin("promote", journey.name(), "--full");
        journey.awaitPromoted("v3");
        journey.assertShare(100);
    }

    private void isRolledBackInsideTheWindow(Journey journey) {
        journey.release("v2");
        journey.awaitPromoted("v2");
        journey.release("v1");
        journey.awaitPromoted("v1");
        journey.assertShare(100);
    }

    private void lowersTheStableRevisionMeanwhile(Journey journey) {
        journey.release("v2");
        journey.awaitPausedAt(1);
        journey.promote();
        journey.awaitPausedAt(3);
        journey.assertShare(75);
        isAborted(journey);
        journey.release("v3");
        journey.awaitPausedAt(1);
        journey.plugin("promote", journey.name(), "--full");
        journey.awaitPromoted("v3");
        journey.assertShare(100);
    }

    private void waitsForAProxyThatLags(Journey journey) {
        String former = journey.stable();
        journey.release("v2");
        journey.awaitPausedAt(1);
        journey.freeze(laggard);
        journey.plugin("promote", journey.name(), "--full");
        await("all traffic is meant to go to v2")
                .atMost(LIMIT)
                .until(() -> journey.status().at("/trafficPlan/weights/canary").asInt() == 100);
        // For longer than the drain bound, which begins when the change was taken over, not before.
        journey.assertShare(20);
        journey.assertShare(20);
        journey.assertShare(former, 80);
        assertThat(journey.stable()).isEqualTo(former);
        assertThat(journey.replicasOf(former)).isEqualTo(4);
        journey.thaw(laggard);
        journey.awaitPromoted("v2");
        journey.assertShare(100);

        String second = journey.stable();
        journey.release("v3");
        journey.awaitPausedAt(1);
        journey.freeze(laggard);
        journey.abort();
        journey.awaitPhase("Degraded");
        journey.assertShare(20);
        journey.thaw(laggard);
        journey.awaitAllTraffic(second);
        journey.assertShare(second, 100);
    }

    private void losesPods(Journey journey) {
        journey.release("v2");
        journey.awaitPausedAt(1);
        journey.deleteOnePodOf(journey.stable()); // of four; the new revision has but one
        journey.promote();
        journey.awaitPausedAt(3);
        journey.deleteOnePodOf(journey.stable());
        journey.deleteOnePodOf(journey.status().at("/currentPodHash").asText());
        journey.assertShare(60);
        journey.promote();
        journey.deleteOnePodOf(journey.stable());
        journey.awaitPromoted("v2");
        journey.assertShare(100);
    }

    private void goesOnAfterServicesWereKilled(Journey journey) {
        journey.release("v2");
        int kills = 0;
        JsonNode before = journey.status();
        while (kills < 4) {
            String step = before.at("/currentStepIndex").asText() + before.at("/trafficPlan/id");
            ServiceProcess victim =
                    sluice.service(kills % 3 == 2 ? "rollout-service" : "router-service");
            journey.kill(victim);
            kills++;
            await("the release goes on")
                    .atMost(LIMIT)
                    .until(
                            () -> {
                                JsonNode now = journey.status();
                                return now.at("/phase").asText().equals("Healthy")
                                        || !step.equals(
                                                now.at("/currentStepIndex").asText()
                                                        + now.at("/trafficPlan/id"));
                            });
            before = journey.status();
            if (before.at("/phase").asText().equals("Healthy")) {
                break;
            }
        }
        assertThat(kills).isGreaterThan(2);
        journey.awaitPromoted("v2");
        journey.assertShare(100);
    }

    private void switches(Journey journey) {
        String first = journey.stable();
        journey.release("v2");
        journey.awaitPhase("Paused");
        journey.awaitSettled();
        journey.assertShare(first, 100);
        journey.promote();
        journey.awaitPromoted("v2");
        journey.assertShare(100);
        journey.release("v3");
        journey.awaitPhase("Paused");
        journey.abort();
        journey.awaitPhase("Degraded");
        journey.awaitSettled();
        journey.assertShare(journey.stable(), 100);
        journey.release("v1");
        journey.awaitPhase("Paused");
        journey.promote();
        journey.awaitPromoted("v1");
        journey.assertShare(first, 100);
    }
}
