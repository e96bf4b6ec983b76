package dev.sluice.e2e;

import java.util.ArrayList;
import java.util.List;

/// What a user does with one Rollout, act by act.
///
/// @param manifests with `NAME` for the Rollout and `NAMESPACE`
record Scenario(String name, String manifests, List<Act> acts) {
    private static final String V2 = "example.test/app:v2";

    /// Something that a user does, and what then comes of it.
    record Act(String title, Situation.Part does, Situation.Part comesTo) {}

    private static Scenario of(String name, String manifests, Act... acts) {
        List<Act> all = new ArrayList<>();
        all.add(
                new Act(
                        "create",
                        (place, n) -> place.create(manifests.replaceAll("\\bNAME\\b", n)),
                        Workspace::awaitPromoted));
        all.addAll(List.of(acts));
        return new Scenario(name, manifests, List.copyOf(all));
    }

    private static Act act(String title, Situation.Part does, Situation.Part comesTo) {
        return new Act(title, does, comesTo);
    }

    private static Situation.Part image(String image) {
        return (place, name) -> place.setImage(name, image);
    }

    private static Situation.Part plugin(String... arguments) {
        return (place, name) -> {
            List<String> all = new ArrayList<>();
            for (String argument : arguments) {
                all.add(argument.equals("NAME") ? name : argument);
            }
            place.plugin(all.toArray(String[]::new));
        };
    }

    private static Situation.Part pausedAt(int step) {
        return (place, name) -> place.awaitPausedAt(name, step);
    }

    private static Situation.Part phase(String phase) {
        return (place, name) -> place.awaitPhase(name, phase);
    }

    private static final Situation.Part PROMOTED = Workspace::awaitPromoted;

    static List<Scenario> all() {
        String halves = "[{setWeight: 50}, {pause: {}}]";
        String quarters = "[{setWeight: 25}, {pause: {}}, {setWeight: 50}, {pause: {}}]";
        String routed = "[{setWeight: 25}, {pause: {}}, {setWeight: 75}, {pause: {duration: 2s}}]";
        return List.of(
                of(
                        "basic",
                        Rollouts.canary(4, quarters),
                        act("update", image(V2), pausedAt(1)),
                        act("promote", plugin("promote", "NAME"), pausedAt(3)),
                        act("promote again", plugin("promote", "NAME"), PROMOTED)),
                of(
                        "nosteps",
                        Rollouts.of(2, PodShapes.PLAIN, "canary: {}"),
                        act("update", image(V2), PROMOTED)),
                of(
                        "back",
                        Rollouts.canary(4, quarters),
                        act("update", image(V2), pausedAt(1)),
                        act("abort", plugin("abort", "NAME"), phase("Degraded")),
                        act("retry", plugin("retry", "rollout", "NAME"), pausedAt(1)),
                        act("undo", plugin("undo", "NAME"), PROMOTED)),
                of(
                        "skip",
                        Rollouts.canary(4, quarters),
                        act("update", image(V2), pausedAt(1)),
                        act(
                                "skip one",
                                plugin("promote", "NAME", "--skip-current-step"),
                                pausedAt(3)),
                        act("skip all", plugin("promote", "NAME", "--skip-all-steps"), PROMOTED)),
                of(
                        "superseded",
                        Rollouts.canary(4, quarters),
                        act("update", image(V2), pausedAt(1)),
                        act("update again", image("example.test/app:v3"), pausedAt(1)),
                        act("in full", plugin("promote", "NAME", "--full"), PROMOTED)),
                of(
                        "scaled",
                        Rollouts.canary(2, halves),
                        act("update", image(V2), pausedAt(1)),
                        act(
                                "scale up",
                                (place, n) -> place.merge(n, "{\"spec\":{\"replicas\":6}}"),
                                (place, n) -> place.awaitStatus(n, "/availableReplicas", "6")),
                        act(
                                "scale down",
                                (place, n) -> place.merge(n, "{\"spec\":{\"replicas\":2}}"),
                                (place, n) -> place.awaitStatus(n, "/replicas", "2")),
                        act("promote", plugin("promote", "NAME"), PROMOTED)),
                of(
                        "restarted",
                        Rollouts.canary(2, halves),
                        act(
                                "restart",
                                plugin("restart", "NAME"),
                                (place, n) -> {
                                    place.awaitRestarted(n);
                                    place.awaitPromoted(n);
                                })),
                of(
                        "held",
                        Rollouts.canary(2, "[{setWeight: 50}]"),
                        act("hold", plugin("pause", "NAME"), phase("Paused")),
                        act("update", image(V2), phase("Paused")),
                        act("go on", plugin("promote", "NAME"), PROMOTED)),
                of(
                        "invalid",
                        Rollouts.canary(1, halves),
                        act(
                                "break",
                                (place, n) ->
                                        place.merge(
                                                n,
                                                "{\"spec\":{\"strategy\":{\"canary\":{\"steps\":[{\"setWeight\":200}]}}}}"),
                                phase("Degraded")),
                        act(
                                "mend",
                                (place, n) ->
                                        place.merge(
                                                n,
                                                "{\"spec\":{\"strategy\":{\"canary\":{\"steps\":[{\"setWeight\":20}]}}}}"),
                                PROMOTED)),
                of(
                        "routed",
                        Rollouts.routed(4, routed),
                        act("update", image(V2), pausedAt(1)),
                        act("promote", plugin("promote", "NAME"), PROMOTED)),
                of(
                        "routedback",
                        Rollouts.routed(4, routed),
                        act("update", image(V2), pausedAt(1)),
                        act("abort", plugin("abort", "NAME"), phase("Degraded")),
                        act("retry", plugin("retry", "rollout", "NAME"), pausedAt(1)),
                        act("undo", plugin("undo", "NAME"), PROMOTED)),
                of(
                        "bluegreen",
                        Rollouts.blueGreen(3, "autoPromotionEnabled: false"),
                        act("update", image(V2), phase("Paused")),
                        act("abort", plugin("abort", "NAME"), phase("Degraded")),
                        act("retry", plugin("retry", "rollout", "NAME"), phase("Paused")),
                        act("promote", plugin("promote", "NAME"), PROMOTED),
                        act("undo", plugin("undo", "NAME"), PROMOTED)),
                of(
                        "automatic",
                        String.join(
                                "---\n",
                                Manifests.service("NAME-active", "NAME"),
                                Rollouts.of(
                                        2,
                                        PodShapes.PLAIN,
                                        "blueGreen: {activeService: NAME-active,"
                                                + " scaleDownDelaySeconds: 4}")),
                        act(
                                "update",
                                image(V2),
                                (place, n) -> {
                                    place.awaitPromoted(n);
                                    place.awaitStatus(n, "/replicas", "2");
                                })),
                of(
                        "preview",
                        Rollouts.blueGreen(3, "previewReplicaCount: 1", "autoPromotionSeconds: 4"),
                        act("update", image(V2), PROMOTED)));
    }
}
