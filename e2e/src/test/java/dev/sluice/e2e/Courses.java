package dev.sluice.e2e;

import static org.awaitility.Awaitility.await;

/// What may happen to a Rollout under load, whatever routes its requests.
final class Courses {
    /// Steps; a release halts at 1 and at 3.
    static final String TWO_HALTS = "[{setWeight: 20}, {pause: {}}, {setWeight: 60}, {pause: {}}]";

    /// No delay hides that pods go too early. A `scaleDownDelaySeconds` besides
    /// `dynamicStableScale` is refused.
    static final String AT_ONCE = "scaleDownDelaySeconds: 1\nabortScaleDownDelaySeconds: 1";

    private Courses() {}

    static void goesToTheEnd(Journey journey) {
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

    static void isAbortedOnItsWay(Journey journey) {
        isAbortedOnItsWay(journey, "v2");
    }

    private static void isAbortedOnItsWay(Journey journey, String version) {
        journey.release(version);
        journey.awaitPausedAt(1);
        journey.promote();
        journey.awaitPausedAt(3);
        isAborted(journey);
    }

    static void isAbortedAtEveryStep(Journey journey) {
        journey.release("v2");
        journey.awaitPausedAt(1);
        isAborted(journey);

        isAbortedOnItsWay(journey, "v3");

        journey.release("v4");
        await("traffic is on its way")
                .atMost(Journey.LIMIT)
                .until(() -> journey.status().at("/trafficPlan/weights/canary").asInt() == 20);
        isAborted(journey);
    }

    static void isAborted(Journey journey) {
        journey.abort();
        journey.awaitPhase("Degraded");
        journey.awaitAllTraffic(journey.stable());
        journey.assertShare(journey.stable(), 100);
    }

    static void isSuperseded(Journey journey) {
        journey.release("v2");
        journey.awaitPausedAt(1);
        journey.promote();
        journey.awaitPausedAt(3);
        String former = journey.status().at("/currentPodHash").asText();
        journey.release("v3");
        await("v3 is on its way")
                .atMost(Journey.LIMIT)
                .until(() -> !journey.status().at("/currentPodHash").asText().equals(former));
        journey.awaitPausedAt(1);
        journey.assertShare(20);
        journey.assertShare(former, 0);
        journey.plugin("promote", journey.name(), "--full");
        journey.awaitPromoted("v3");
        journey.assertShare(100);
    }
}
