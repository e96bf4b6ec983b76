package dev.sluice.rollout.core.status;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.RolloutStatus.CanaryWeights;
import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.RolloutStatus.PauseCondition;
import dev.sluice.rollout.core.RolloutStatus.Release;
import dev.sluice.rollout.core.RolloutStatus.ReleaseDuration;
import dev.sluice.rollout.core.RolloutStatus.RunStatus;
import dev.sluice.rollout.core.RolloutStatus.StepPluginStatus;
import dev.sluice.rollout.core.RolloutStatus.WeightEntry;
import dev.sluice.rollout.core.RolloutStatus.Why;
import dev.sluice.rollout.core.Strategy.ReplicaThreshold;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.TrafficPlan.Destination;
import dev.sluice.rollout.core.TrafficPlan.ManagedRoute;
import dev.sluice.rollout.core.TrafficPlan.Observed;
import dev.sluice.rollout.core.TrafficPlan.Reason;
import dev.sluice.rollout.core.TrafficPlan.Role;
import dev.sluice.rollout.core.TrafficPlan.RoleService;
import dev.sluice.rollout.core.TrafficPlan.Selected;
import dev.sluice.rollout.core.TrafficPlan.Share;
import dev.sluice.rollout.core.TrafficPlan.Weights;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/// Reads a stored status; a field with an unusable value counts as absent.
final class StatusReader {
    private StatusReader() {}

    static RolloutStatus read(JsonNode s) {
        JsonNode canary = s.path("canary");
        JsonNode blueGreen = s.path("blueGreen");
        return new RolloutStatus(
                s.path("abort").asBoolean(false),
                time(s.path("abortedAt")),
                list(s.path("pauseConditions"), StatusReader::pause),
                s.path("controllerPause").asBoolean(false),
                text(s, "currentPodHash"),
                text(s, "currentStepHash"),
                integer(s.path("currentStepIndex")),
                integer(s.path("collisionCount")),
                s.path("replicas").asInt(0),
                s.path("updatedReplicas").asInt(0),
                s.path("readyReplicas").asInt(0),
                s.path("availableReplicas").asInt(0),
                s.path("HPAReplicas").asInt(0),
                text(s, "selector"),
                text(s, "observedGeneration"),
                list(s.path("conditions"), StatusReader::condition),
                text(s, "stableRS"),
                time(s.path("restartedAt")),
                s.path("promoteFull").asBoolean(false),
                text(s, "phase"),
                text(s, "message"),
                object(s.path("duration")).map(StatusReader::duration),
                object(canary.path("weights")).map(StatusReader::weights),
                object(canary.path("currentStepAnalysisRunStatus")).map(StatusReader::run),
                object(canary.path("currentBackgroundAnalysisRunStatus")).map(StatusReader::run),
                text(canary, "currentExperiment"),
                text(canary, "stablePingPong"),
                list(canary.path("stepPluginStatuses"), StatusReader::stepPlugin),
                object(blueGreen.path("prePromotionAnalysisRunStatus")).map(StatusReader::run),
                object(blueGreen.path("postPromotionAnalysisRunStatus")).map(StatusReader::run),
                text(blueGreen, "previewSelector"),
                text(blueGreen, "activeSelector"),
                blueGreen.path("scaleUpPreviewCheckPoint").asBoolean(false),
                text(s, "workloadObservedGeneration"),
                object(s.path("release")).map(StatusReader::release),
                object(s.path("trafficPlan")).map(StatusReader::plan),
                object(s.path("why")).flatMap(StatusReader::why));
    }

    private static PauseCondition pause(JsonNode n) {
        return new PauseCondition(
                text(n, "reason"), time(n.path("startTime")).orElse(Instant.EPOCH));
    }

    private static Condition condition(JsonNode n) {
        return new Condition(
                text(n, "type"),
                text(n, "status"),
                text(n, "reason"),
                text(n, "message"),
                time(n.path("lastUpdateTime")).orElse(Instant.EPOCH),
                time(n.path("lastTransitionTime")).orElse(Instant.EPOCH));
    }

    private static RunStatus run(JsonNode n) {
        return new RunStatus(text(n, "name"), text(n, "status"), text(n, "message"));
    }

    private static ReleaseDuration duration(JsonNode n) {
        return new ReleaseDuration(
                time(n.path("rolloutStartedAt")),
                time(n.path("manualPauseStartedAt")),
                n.path("totalManualPauseDurationSeconds").asLong(0),
                time(n.path("finishedAt")),
                text(n, "completionStatus"));
    }

    private static CanaryWeights weights(JsonNode n) {
        JsonNode verified = n.path("verified");
        return new CanaryWeights(
                weight(n.path("canary")),
                weight(n.path("stable")),
                list(n.path("additional"), StatusReader::weight),
                verified.isBoolean() ? Optional.of(verified.asBoolean()) : Optional.empty());
    }

    private static WeightEntry weight(JsonNode n) {
        return new WeightEntry(
                n.path("weight").asInt(0), text(n, "serviceName"), text(n, "podTemplateHash"));
    }

    private static StepPluginStatus stepPlugin(JsonNode n) {
        return new StepPluginStatus(
                n.path("index").asInt(0),
                text(n, "name"),
                text(n, "operation"),
                text(n, "phase"),
                text(n, "message"),
                time(n.path("startedAt")),
                time(n.path("updatedAt")),
                time(n.path("finishedAt")),
                text(n, "backoff"),
                n.path("executions").asInt(0),
                n.path("disabled").asBoolean(false),
                n.path("status"));
    }

    private static Release release(JsonNode n) {
        return new Release(
                n.path("attempt").asLong(0),
                counts(n.path("measurements")),
                time(n.path("startedAt")).orElse(Instant.EPOCH),
                text(n, "fromHash"),
                text(n, "toHash"),
                n.path("revision").asLong(0),
                text(n, "repository"),
                text(n, "commit"),
                text(n, "application"),
                text(n, "actor"));
    }

    private static Map<String, Integer> counts(JsonNode n) {
        Map<String, Integer> counts = new TreeMap<>();
        n.properties().forEach(e -> counts.put(e.getKey(), e.getValue().asInt(0)));
        return counts;
    }

    private static TrafficPlan plan(JsonNode n) {
        return new TrafficPlan(
                n.path("id").asLong(0),
                n.path("attempt").asLong(0),
                time(n.path("writtenAt")).orElse(Instant.EPOCH),
                constant(Reason.values(), text(n, "reason")).orElse(Reason.Reconfigure),
                n.path("abort").asBoolean(false),
                n.path("maxWeight").asInt(100),
                text(n, "anchor"),
                list(n.path("services"), StatusReader::roleService),
                object(n.path("weights")).map(StatusReader::planWeights),
                object(n.path("carriage")),
                list(n.path("routes"), StatusReader::managedRoute),
                list(n.path("shares"), StatusReader::share),
                list(n.path("live"), StatusReader::share),
                object(n.path("observed")).map(StatusReader::observed),
                object(n.path("threshold"))
                        .map(
                                t ->
                                        new ReplicaThreshold(
                                                text(t, "type").equals("Percent"),
                                                t.path("value").asInt(0))));
    }

    private static RoleService roleService(JsonNode n) {
        String role = text(n, "role");
        Role parsed =
                Arrays.stream(Role.values())
                        .filter(r -> r.text().equals(role))
                        .findFirst()
                        .orElse(Role.STABLE);
        return new RoleService(text(n, "name"), parsed, text(n, "podTemplateHash"));
    }

    private static Weights planWeights(JsonNode n) {
        return new Weights(
                n.path("canary").asInt(0),
                n.path("stable").asInt(0),
                list(
                        n.path("additional"),
                        d ->
                                new Destination(
                                        text(d, "serviceName"),
                                        text(d, "podTemplateHash"),
                                        d.path("weight").asInt(0))));
    }

    private static ManagedRoute managedRoute(JsonNode n) {
        return new ManagedRoute(
                text(n, "name"),
                n.path("mirror").asBoolean(false),
                n.path("match"),
                integer(n.path("percentage")));
    }

    private static Share share(JsonNode n) {
        return new Share(text(n, "podTemplateHash"), n.path("weight").asInt(0));
    }

    /// Also the form of the evidence annotation. Without a time of its own it never settles.
    static Observed observed(JsonNode n) {
        Instant at = time(n.path("at")).orElse(Instant.MAX);
        return new Observed(
                n.path("plan").asLong(0),
                at,
                time(n.path("settlesAt")).orElse(at),
                text(n, "level"),
                object(n.path("weights")).map(StatusReader::planWeights),
                list(
                        n.path("services"),
                        s -> new Selected(text(s, "name"), text(s, "podTemplateHash"))),
                n.path("partial").asBoolean(false),
                text(n, "message"));
    }

    private static Optional<Why> why(JsonNode n) {
        return constant(Why.State.values(), text(n, "state"))
                .map(
                        state ->
                                new Why(
                                        state,
                                        text(n, "reason"),
                                        text(n, "message"),
                                        time(n.path("since")).orElse(Instant.EPOCH),
                                        text(n, "unblock")));
    }

    private static <E extends Enum<E>> Optional<E> constant(E[] values, String name) {
        return Arrays.stream(values).filter(v -> v.name().equals(name)).findFirst();
    }

    private static String text(JsonNode n, String field) {
        return n.path(field).asText("");
    }

    private static Optional<Instant> time(JsonNode n) {
        return n.isTextual() ? Times.parse(n.asText()) : Optional.empty();
    }

    private static Optional<Integer> integer(JsonNode n) {
        return n.isNumber() ? Optional.of(n.asInt()) : Optional.empty();
    }

    private static Optional<JsonNode> object(JsonNode n) {
        return n.isObject() && !n.isEmpty() ? Optional.of(n) : Optional.empty();
    }

    private static <T> List<T> list(JsonNode n, Function<JsonNode, T> read) {
        List<T> items = new ArrayList<>();
        if (n.isArray()) {
            n.forEach(item -> items.add(read.apply(item)));
        }
        return items;
    }
}
