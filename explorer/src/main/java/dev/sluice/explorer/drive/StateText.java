package dev.sluice.explorer.drive;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.explorer.drive.RolloutWorker.Op;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Owned;
import dev.sluice.explorer.model.StoredExperiment;
import dev.sluice.explorer.model.StoredObject;
import dev.sluice.rollout.core.Command;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.router.core.Change;
import dev.sluice.router.core.ObjectRef;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A state as text in which only differences that matter are left: versions are "as it is now" or
/// not, times are relative and cut off where no rule looks further, plan ids count from the present
/// one. Two states with the same text have the same future.
public final class StateText {
    private static final Pattern TIME =
            Pattern.compile("20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z");
    private static final Pattern STAMP = Pattern.compile("u-1/(\\d+)");
    private static final Pattern EVIDENCE_PLAN = Pattern.compile("\"plan\":(\\d+)");
    private static final long FARTHEST = 31;

    private final Instant now;
    private final long plan;

    private StateText(Instant now, long plan) {
        this.now = now;
        this.plan = plan;
    }

    public static String of(World world) {
        Cluster cluster = world.cluster();
        long plan = cluster.rollout().status().trafficPlan().map(p -> p.id()).orElse(0L);
        StateText text = new StateText(cluster.now(), plan);
        StringBuilder out = new StringBuilder(4096);
        out.append(text.of(cluster.rollout().json())).append(text.of(cluster.sets()));
        out.append(text.objects(cluster.objects()));
        for (AnalysisRunView run : cluster.runs().values()) {
            out.append(run.name().hashCode())
                    .append(run.phase())
                    .append(cluster.isRecorded(run.name()));
        }
        out.append(text.experiments(cluster.experiments()));
        out.append(text.owned(cluster.experimentSets()));
        for (Owned<AnalysisRunView> run : cluster.experimentRuns().values()) {
            out.append(run.object().name().hashCode()).append(run.object().phase());
        }
        cluster.describe(out);
        world.rollouts().forEach(w -> w.describe(out, world, text));
        world.experiments().forEach(w -> w.describe(out, text));
        world.routers().forEach(w -> w.describe(out, world, text));
        return out.toString();
    }

    String of(JsonNode rollout) {
        StringBuilder out = new StringBuilder();
        out.append(rollout.path("spec"));
        rollout.path("status")
                .properties()
                .forEach(
                        field -> {
                            switch (field.getKey()) {
                                case "trafficPlan" -> plan(out, field.getValue());
                                case "release",
                                        "why",
                                        "message",
                                        "observedGeneration",
                                        "conditions",
                                        "rolloutDuration" -> {}
                                default ->
                                        out.append(field.getKey())
                                                .append(times(field.getValue().toString()));
                            }
                        });
        for (JsonNode condition : rollout.path("status").path("conditions")) {
            out.append(condition.path("type").asText())
                    .append(condition.path("status").asText())
                    .append(condition.path("reason").asText());
        }
        return out.toString();
    }

    private void plan(StringBuilder out, JsonNode node) {
        node.properties()
                .forEach(
                        field -> {
                            switch (field.getKey()) {
                                case "id" ->
                                        out.append("id").append(field.getValue().asLong() - plan);
                                case "writtenAt", "attempt", "reason" -> {}
                                case "observed" -> plan(out.append("seen"), field.getValue());
                                case "plan" ->
                                        out.append("p").append(field.getValue().asLong() - plan);
                                default ->
                                        out.append(field.getKey())
                                                .append(times(field.getValue().toString()));
                            }
                        });
    }

    String of(Map<String, ReplicaSetView> sets) {
        StringBuilder out = new StringBuilder();
        for (ReplicaSetView set : sets.values()) {
            out.append(set.hash())
                    .append(set.replicas())
                    .append('/')
                    .append(set.created())
                    .append('/')
                    .append(set.available())
                    .append(set.generationObserved());
            set.annotations()
                    .forEach(
                            (key, value) -> {
                                boolean isPlan = key.equals("sluice.dev/keep-plan");
                                out.append(key);
                                out.append(
                                        isPlan
                                                ? Long.toString(Long.parseLong(value) - plan)
                                                : times(value));
                            });
        }
        return out.toString();
    }

    String owned(Map<String, Owned<ReplicaSetView>> sets) {
        Map<String, ReplicaSetView> plain = new TreeMap<>();
        sets.forEach((name, owned) -> plain.put(name, owned.object()));
        return of(plain);
    }

    String experiments(Map<String, StoredExperiment> experiments) {
        StringBuilder out = new StringBuilder();
        experiments.forEach(
                (name, experiment) ->
                        out.append(name)
                                .append(experiment.parsed().spec().terminate())
                                .append(times(experiment.json().path("status").toString())));
        return out.toString();
    }

    String objects(Map<ObjectRef, StoredObject> objects) {
        StringBuilder out = new StringBuilder();
        objects.forEach(
                (ref, object) -> {
                    JsonNode json = object.json();
                    out.append(ref.name()).append(json.path("spec"));
                    out.append(relative(json.path("metadata").path("annotations").toString()));
                    out.append(times(json.path("metadata").path("managedFields").toString()));
                    out.append(json.path("status").path("parents").size());
                    long generation = json.path("metadata").path("generation").asLong();
                    long seen =
                            json.at("/status/parents/0/conditions/0/observedGeneration").asLong();
                    out.append(generation == seen);
                });
        return out.toString();
    }

    String of(Op op, Cluster cluster) {
        return switch (op) {
            case Op.WriteStatus(var patch) -> relative(patch.toString());
            case Op.Do(Command command) -> {
                boolean fits =
                        switch (command) {
                            case Command.ScaleReplicaSet c ->
                                    isPresent(cluster, c.name(), c.resourceVersion());
                            case Command.AnnotateReplicaSet c ->
                                    isPresent(cluster, c.name(), c.resourceVersion());
                            case Command.DeleteReplicaSet c ->
                                    isPresent(cluster, c.name(), c.resourceVersion());
                            default -> true;
                        };
                yield command.getClass().getSimpleName() + fits + (fits ? bare(command) : "");
            }
        };
    }

    private String bare(Command command) {
        return switch (command) {
            case Command.ScaleReplicaSet c ->
                    c.name() + c.to() + relative(c.annotations().toString());
            case Command.AnnotateReplicaSet c -> c.name() + relative(c.annotations().toString());
            case Command.DeleteReplicaSet c -> c.name();
            default -> "";
        };
    }

    private static boolean isPresent(Cluster cluster, String set, String version) {
        return cluster.setNamed(set)
                .filter(found -> found.resourceVersion().equals(version))
                .isPresent();
    }

    String of(Change change, Cluster cluster) {
        String version =
                switch (change) {
                    case Change.Create _ -> "";
                    case Change.Merge m ->
                            m.patch().path("metadata").path("resourceVersion").asText();
                    case Change.Operations o -> o.operations().path(0).path("value").asText();
                    case Change.Delete d -> d.resourceVersion();
                };
        StoredObject present = cluster.objects().get(change.ref());
        boolean fits =
                present == null
                        ? version.isEmpty()
                        : version.equals(Long.toString(present.version()));
        if (!fits) {
            return "refused";
        }
        String body =
                switch (change) {
                    case Change.Create c -> c.body().toString();
                    case Change.Merge m -> m.patch().toString();
                    case Change.Operations o -> o.operations().toString();
                    case Change.Delete _ -> "removed";
                };
        return change.ref().name() + relative(body.replace("\"" + version + "\"", ""));
    }

    /// Any text, with its times relative.
    String timed(String text) {
        return times(text);
    }

    private String relative(String text) {
        String stamped = counted(STAMP, "u-1/", text);
        String evidence = counted(EVIDENCE_PLAN, "plan:", stamped.replace("\\\"", "\""));
        return times(evidence);
    }

    private String counted(Pattern pattern, String prefix, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.replaceAll(m -> prefix + (Long.parseLong(m.group(1)) - plan));
    }

    private String times(String text) {
        return TIME.matcher(text).replaceAll(m -> ago(m.group()));
    }

    private String ago(String time) {
        try {
            long seconds = Duration.between(Instant.parse(time), now).toSeconds();
            return "t" + Math.clamp(seconds, -FARTHEST, FARTHEST);
        } catch (DateTimeParseException e) {
            return time;
        }
    }
}
