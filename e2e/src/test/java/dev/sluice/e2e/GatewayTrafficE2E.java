package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.testkit.EnvoyGateway;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.ServiceProcess;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/// No request is lost because of us, on a real proxy: Envoy, led by Contour over the Gateway API,
/// in front of pods that really answer.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GatewayTrafficE2E {
    /// Whoever drains a node relies on it: the proxy has to hear of it in this time.
    private static final int KUBERNETES_GRACE_SECONDS = 30;

    @AutoClose private RealTraffic traffic;
    private EnvoyGateway gateway;
    private EnvoyGateway laggard;

    @BeforeAll
    void start(StackSession session) {
        RealTraffic.skipUnlessPossible(EnvoyGateway.obstacle(session.stack().binaries()));
        gateway = EnvoyGateway.start(session.stack(), session.namespace(), "edge");
        laggard = EnvoyGateway.start(session.stack(), session.namespace(), "laggard");
        traffic = RealTraffic.start(session, gateway, laggard);
    }

    @TestFactory
    Stream<DynamicTest> noRequestIsLost() {
        TrafficRouter router = TrafficRouter.gatewayApi(gateway);
        traffic.canary("canary", router, Courses::goesToTheEnd);
        traffic.canary("aborted", router, Courses::isAbortedAtEveryStep);
        traffic.canary("superseded", router, Courses::isSuperseded);
        traffic.canary(
                "rolledback",
                router,
                "[{setWeight: 50}, {pause: {duration: 1s}}]",
                "rollbackWindow: {revisions: 3}",
                Courses.AT_ONCE,
                this::isRolledBackInsideTheWindow);
        traffic.canary(
                "dynamic",
                router,
                "[{setWeight: 50}, {pause: {}}, {setWeight: 75}, {pause: {}}]",
                "",
                "dynamicStableScale: true\nabortScaleDownDelaySeconds: 1",
                this::lowersTheStableRevisionMeanwhile);
        traffic.canary("lag", TrafficRouter.gatewayApi(laggard), this::waitsForAProxyThatLags);
        traffic.add(
                "podloss",
                before ->
                        before.canary(
                                router,
                                KUBERNETES_GRACE_SECONDS,
                                Courses.TWO_HALTS,
                                "",
                                Courses.AT_ONCE),
                this::losesPods);
        traffic.canary(
                "killed",
                router,
                "[{setWeight: 25}, {pause: {duration: 1s}}, {setWeight: 50},"
                        + " {pause: {duration: 1s}}, {setWeight: 75}, {pause: {duration: 1s}}]",
                "",
                Courses.AT_ONCE,
                this::goesOnAfterServicesWereKilled);
        traffic.add("bluegreen", before -> before.blueGreen(gateway), this::switches);
        return traffic.run();
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
        Courses.isAborted(journey);
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
                .atMost(Journey.LIMIT)
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
                    traffic.sluice().service(kills % 3 == 2 ? "rollout-service" : "router-service");
            journey.kill(victim);
            kills++;
            await("the release goes on")
                    .atMost(Journey.LIMIT)
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
