package dev.sluice.explorer.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.explorer.drive.Post.Wish;
import dev.sluice.explorer.drive.World;
import dev.sluice.explorer.engine.Action.Effect;
import dev.sluice.explorer.engine.Action.Kind;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Json;
import dev.sluice.explorer.model.StoredRollout;
import dev.sluice.explorer.scenario.Option;
import dev.sluice.explorer.scenario.Scenario;
import dev.sluice.rollout.core.RolloutStatus;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.function.Function;

/// What people, Git and autoscalers do, written as `kubectl` and the plugin write it.
final class People {
    private static final int MOST_REPLICAS = 5;

    private People() {}

    /// Takes the actions.
    @FunctionalInterface
    interface Sink {
        void add(String name, Kind kind, int weight, Effect effect);
    }

    static void add(Sink sink, Scenario scenario) {
        for (int i = 0; i < Alphabet.REVISIONS; i++) {
            String image = "demo:" + (i + 1);
            sink.add("image" + i, Kind.PERSON, 8, w -> image(w, image));
        }
        sink.add("abort", Kind.PERSON, 8, w -> status(w, "{\"abort\":true}"));
        sink.add(
                "retry",
                Kind.PERSON,
                8,
                w -> w.cluster().rollout().status().abort() && status(w, "{\"abort\":false}"));
        sink.add("promote", Kind.PERSON, 16, People::promote);
        sink.add("promote-full", Kind.PERSON, 5, People::promoteFull);
        sink.add("skip", Kind.PERSON, 4, People::skip);
        sink.add("pause", Kind.PERSON, 4, w -> spec(w, "{\"paused\":true}"));
        sink.add("resume", Kind.PERSON, 12, w -> spec(w, "{\"paused\":null}"));
        orders(sink);
        late(sink);
        sink.add("image2-with-4", Kind.PERSON, 3, w -> both(w, "demo:3", 4));
        for (int n = 0; n <= MOST_REPLICAS; n++) {
            int count = n;
            sink.add("scale" + n, Kind.PERSON, n == 0 ? 1 : 3, w -> scale(w, count));
        }
        if (scenario.has(Option.FREEZES)) {
            sink.add("freeze", Kind.PERSON, 5, w -> w.api().freeze(true));
            sink.add("unfreeze", Kind.PERSON, 10, w -> w.api().freeze(false));
        }
        if (scenario.has(Option.RESTARTS)) {
            sink.add("restart", Kind.PERSON, 8, People::restart);
        }
        for (Map.Entry<String, ObjectNode> edit : scenario.edits().entrySet()) {
            sink.add(edit.getKey(), Kind.PERSON, 5, w -> edit(w, edit.getValue()));
        }
    }

    /// Commands as events: they arrive later, or twice.
    private static void orders(Sink sink) {
        sink.add("order-abort", Kind.PERSON, 4, w -> w.post().send(Wish.ABORT, w.cluster()));
        sink.add("order-retry", Kind.PERSON, 4, w -> w.post().send(Wish.RETRY, w.cluster()));
        sink.add("order-promote", Kind.PERSON, 8, w -> w.post().send(Wish.PROMOTE, w.cluster()));
        sink.add("order-full", Kind.PERSON, 3, w -> w.post().send(Wish.PROMOTE_FULL, w.cluster()));
        sink.add("order-again", Kind.FAULT, 6, w -> w.post().repeat());
    }

    /// What the plugin writes by what it saw some time ago.
    private static void late(Sink sink) {
        sink.add(
                "glance",
                Kind.PERSON,
                6,
                w -> {
                    w.glance();
                    return true;
                });
        sink.add("late-abort", Kind.PERSON, 2, w -> late(w, _ -> "{\"abort\":true}"));
        sink.add("late-retry", Kind.PERSON, 2, w -> late(w, _ -> "{\"abort\":false}"));
        sink.add("late-promote", Kind.PERSON, 4, w -> late(w, People::promotion));
    }

    private static boolean late(World world, Function<StoredRollout, String> patch) {
        return world.glanced()
                .filter(seen -> seen.version() < world.cluster().rollout().version())
                .map(patch)
                .filter(text -> !text.isEmpty())
                .map(text -> status(world, text))
                .orElse(false);
    }

    /// A single pod cannot be replaced without a gap: whoever restarts it asks for that.
    private static boolean restart(World world) {
        Cluster cluster = world.cluster();
        String now = cluster.now().truncatedTo(ChronoUnit.SECONDS).toString();
        boolean changed = spec(world, "{\"restartAt\":\"" + now + "\"}");
        if (changed && cluster.mayAllBeMissing(cluster.rollout().replicas())) {
            world.nature().suspend();
        }
        return changed;
    }

    /// Template and replica count in one write (H4).
    private static boolean both(World world, String image, int count) {
        int before = world.cluster().rollout().replicas();
        boolean isElsewhere = world.cluster().workload().isPresent();
        String patch =
                isElsewhere
                        ? "{\"replicas\":%d}".formatted(count)
                        : "{\"replicas\":%d,%s}".formatted(count, template(world, image));
        boolean changed = spec(world, patch);
        changed |= isElsewhere && image(world, image);
        if (changed && world.cluster().mayAllBeMissing(before)) {
            world.nature().suspend();
        }
        return changed;
    }

    static boolean spec(World world, String spec) {
        return edit(world, Json.object("{\"spec\":" + spec + "}"));
    }

    private static boolean edit(World world, ObjectNode patch) {
        ObjectNode before = world.cluster().rollout().json();
        if (Json.merged(before, patch).equals(before)) {
            return false;
        }
        world.api().person(patch);
        return true;
    }

    static boolean status(World world, String status) {
        return edit(world, Json.object("{\"status\":" + status + "}"));
    }

    private static boolean image(World world, String image) {
        String patch = "{" + template(world, image) + "}";
        return world.cluster().workload().isPresent()
                ? world.api().workload(Json.object("{\"spec\":" + patch + "}"))
                : spec(world, patch);
    }

    /// Somebody scales the Deployment that a Rollout takes over from. Whoever takes its pods away
    /// serves fewer until the Rollout has its own.
    static boolean scaleWorkload(World world, int count) {
        int before =
                world.cluster()
                        .workload()
                        .map(w -> w.path("spec").path("replicas").asInt())
                        .orElse(0);
        boolean changed =
                world.api().workload(Json.object("{\"spec\":{\"replicas\":" + count + "}}"));
        if (count < before) {
            world.nature().suspend();
        }
        return changed;
    }

    /// The containers as they are, of another image.
    private static String template(World world, String image) {
        ObjectNode container =
                world.cluster()
                                        .workload()
                                        .orElse(world.cluster().scenario().rollout())
                                        .at("/spec/template/spec/containers/0")
                                instanceof ObjectNode found
                        ? found.deepCopy()
                        : Json.object("{}");
        return "\"template\":{\"spec\":{\"containers\":[" + container.put("image", image) + "]}}";
    }

    /// Nobody is served without pods, and until they are back that is what was asked for. The same
    /// goes for so few that the manifest lets all of them be missing.
    private static boolean scale(World world, int count) {
        int before = world.cluster().rollout().replicas();
        boolean changed = spec(world, "{\"replicas\":" + count + "}");
        Cluster cluster = world.cluster();
        if (changed && (cluster.mayAllBeMissing(count) || cluster.mayAllBeMissing(before))) {
            world.nature().suspend();
        }
        return changed;
    }

    /// Ends a pause, or else the present step.
    static boolean promote(World world) {
        StoredRollout rollout = world.cluster().rollout();
        if (!rollout.status().pauseConditions().isEmpty()) {
            return status(world, "{\"pauseConditions\":null}");
        }
        return spec(world, "{\"paused\":null}") || skip(world);
    }

    /// Somebody looks at a release that waits and lets it go on; false when none waits.
    static boolean letGo(World world) {
        RolloutStatus status = world.cluster().rollout().status();
        return status.phase().equals("Paused") && promote(world);
    }

    private static boolean skip(World world) {
        String patch = skipping(world.cluster().rollout());
        return !patch.isEmpty() && status(world, patch);
    }

    /// As the plugin has it: ends the pause that was seen, or else the step that was seen.
    private static String promotion(StoredRollout rollout) {
        return rollout.status().pauseConditions().isEmpty()
                ? skipping(rollout)
                : "{\"pauseConditions\":null}";
    }

    private static String skipping(StoredRollout rollout) {
        RolloutStatus status = rollout.status();
        int count =
                rollout.json().path("spec").path("strategy").path("canary").path("steps").size();
        int index = status.currentStepIndex().orElse(count);
        if (index >= count || status.abort()) {
            return "";
        }
        return "{\"pauseConditions\":null,\"currentStepIndex\":" + (index + 1) + "}";
    }

    private static boolean promoteFull(World world) {
        RolloutStatus status = world.cluster().rollout().status();
        return !status.stableRS().equals(status.currentPodHash())
                && status(world, "{\"promoteFull\":true}");
    }
}
