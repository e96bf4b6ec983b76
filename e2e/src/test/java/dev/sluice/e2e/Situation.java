package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Where a Rollout stands when the one who looks after it changes, and how it goes on from there.
///
/// @param manifests with `NAME` for the Rollout and `NAMESPACE`
/// @param arrive from the first deployment to where it stands
/// @param leave from there to the end, by what a user does
record Situation(String name, String manifests, Part arrive, Part leave) {

    /// What a user does, and waits for.
    @FunctionalInterface
    interface Part {
        void play(Workspace place, String name);
    }

    void create(Workspace place) {
        place.create(manifests.replaceAll("\\bNAME\\b", name));
        place.awaitPromoted(name);
    }

    void arrive(Workspace place) {
        arrive.play(place, name);
    }

    void leave(Workspace place) {
        leave.play(place, name);
    }

    private static final String V2 = "example.test/app:v2";

    /// Lets only one pod of the new revision run on each node, of which there are two.
    private static final String ONE_PER_NODE =
            """
            {"spec":{"template":{"metadata":{"labels":{"track":"v2"}},"spec":{"affinity":{
             "podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
              {"topologyKey":"kubernetes.io/hostname",
               "labelSelector":{"matchLabels":{"app":"halfway","track":"v2"}}}]}}}}}}
            """;

    static List<Situation> all() {
        List<Situation> all =
                new ArrayList<>(
                        List.of(
                                plain(),
                                routed(),
                                halfWay(),
                                aborted(),
                                held(),
                                preview(),
                                retiring()));
        PodShapes.all().forEach((shape, template) -> all.add(idle(shape, template)));
        return List.copyOf(all);
    }

    /// Without a router, at the first of two pauses.
    private static Situation plain() {
        return new Situation(
                "plain",
                Rollouts.canary(4, "[{setWeight: 25}, {pause: {}}, {setWeight: 50}, {pause: {}}]"),
                (place, name) -> {
                    place.setImage(name, V2);
                    place.awaitPausedAt(name, 1);
                },
                (place, name) -> {
                    place.plugin("promote", name);
                    place.awaitPausedAt(name, 3);
                    assertThat(place.replicaSets(name))
                            .extracting(rs -> rs.getSpec().getReplicas())
                            .containsExactly(2, 2);
                    place.plugin("promote", name);
                    place.awaitPromoted(name);
                });
    }

    /// A quarter of the traffic is on the new revision.
    private static Situation routed() {
        return new Situation(
                "routed",
                Rollouts.routed(4, "[{setWeight: 25}, {pause: {}}, {setWeight: 75}, {pause: {}}]"),
                Situation::arriveAtAQuarter,
                (place, name) -> {
                    place.plugin("promote", name);
                    place.awaitPausedAt(name, 3);
                    place.awaitProgrammedWeight(name, 75);
                    place.plugin("promote", name);
                    place.awaitPromoted(name);
                    place.awaitProgrammedWeight(name, 0);
                });
    }

    private static void arriveAtAQuarter(Workspace place, String name) {
        place.setImage(name, V2);
        place.awaitPausedAt(name, 1);
        place.awaitProgrammedWeight(name, 25);
    }

    /// On the way from one weight to the next, for which there will never be enough pods: the new
    /// revision has one per node, and there are two nodes.
    private static Situation halfWay() {
        return new Situation(
                "halfway",
                Rollouts.routed(4, "[{setWeight: 25}, {pause: {}}, {setWeight: 75}]"),
                (place, name) -> {
                    place.merge(name, ONE_PER_NODE);
                    place.awaitPausedAt(name, 1);
                    place.awaitProgrammedWeight(name, 25);
                    place.plugin("promote", name);
                    place.awaitStatus(name, "/updatedReplicas", "3");
                    place.awaitStatus(name, "/availableReplicas", "6");
                    place.awaitPhase(name, "Progressing");
                },
                (place, name) -> {
                    String stable = place.rollout(name).at("/status/stableRS").asText();
                    Set<String> pods = place.podUids(name, stable);
                    place.plugin("abort", name);
                    place.awaitPhase(name, "Degraded");
                    place.awaitProgrammedWeight(name, 0);
                    assertThat(place.podUids(name, stable)).isEqualTo(pods);
                });
    }

    /// Given up, and the pods of the new revision not yet taken away.
    private static Situation aborted() {
        return new Situation(
                "aborted",
                Rollouts.routed(4, "[{setWeight: 25}, {pause: {}}, {setWeight: 75}, {pause: {}}]"),
                (place, name) -> {
                    arriveAtAQuarter(place, name);
                    place.plugin("abort", name);
                    place.awaitPhase(name, "Degraded");
                    place.awaitProgrammedWeight(name, 0);
                    place.awaitDeadline(name, 1);
                },
                (place, name) -> {
                    String canary = place.rollout(name).at("/status/currentPodHash").asText();
                    Set<String> pods = place.podUids(name, canary);
                    place.plugin("retry", "rollout", name);
                    place.awaitPausedAt(name, 1);
                    place.awaitProgrammedWeight(name, 25);
                    assertThat(place.podUids(name, canary)).containsAll(pods);
                    place.plugin("promote", name, "--full");
                    place.awaitPromoted(name);
                });
    }

    /// Held by `spec.paused` in the middle.
    private static Situation held() {
        return new Situation(
                "held",
                Rollouts.canary(2, "[{setWeight: 50}, {pause: {}}, {setWeight: 75}]"),
                (place, name) -> {
                    place.setImage(name, V2);
                    place.awaitPausedAt(name, 1);
                    place.plugin("pause", name);
                    place.awaitStatus(name, "/message", "manually paused");
                },
                (place, name) -> {
                    place.merge(name, "{\"spec\":{\"paused\":false}}");
                    place.awaitStatus(name, "/message", "CanaryPauseStep");
                    place.plugin("promote", name);
                    place.awaitPromoted(name);
                });
    }

    /// The preview is up and waits for somebody to promote it.
    private static Situation preview() {
        return new Situation(
                "preview",
                Rollouts.blueGreen(3, "autoPromotionEnabled: false"),
                (place, name) -> {
                    place.setImage(name, V2);
                    place.awaitStatus(name, "/pauseConditions/0/reason", "BlueGreenPause");
                },
                (place, name) -> {
                    String green = place.rollout(name).at("/status/currentPodHash").asText();
                    Set<String> pods = place.podUids(name, green);
                    place.plugin("promote", name);
                    place.awaitPromoted(name);
                    place.awaitStatus(name, "/blueGreen/activeSelector", green);
                    assertThat(place.podUids(name, green)).isEqualTo(pods);
                });
    }

    /// Promoted; the old revision is still up for a fast way back.
    private static Situation retiring() {
        return new Situation(
                "retiring",
                Rollouts.blueGreen(3),
                (place, name) -> {
                    String blue = place.rollout(name).at("/status/stableRS").asText();
                    place.setImage(name, V2);
                    place.awaitPromoted(name);
                    assertThat(place.rollout(name).at("/status/stableRS").asText())
                            .isNotEqualTo(blue);
                    place.awaitDeadline(name, 0);
                },
                (place, name) -> {
                    String blue = place.hashes(name).getFirst();
                    Set<String> pods = place.podUids(name, blue);
                    assertThat(pods).hasSize(3);
                    place.plugin("undo", name);
                    place.awaitStatus(name, "/blueGreen/activeSelector", blue);
                    place.awaitPromoted(name);
                    assertThat(place.podUids(name, blue)).isEqualTo(pods);
                });
    }

    /// Nothing is in progress; a look at it must not start anything.
    private static Situation idle(String shape, String template) {
        return new Situation(
                "idle-" + shape,
                Rollouts.of(
                        1, template, "canary: {steps: [{setWeight: 50}, {pause: {duration: 1s}}]}"),
                (_, _) -> {},
                (place, name) -> {
                    place.merge(name, "{\"metadata\":{\"annotations\":{\"team\":\"shop\"}}}");
                    place.awaitPromoted(name);
                });
    }
}
