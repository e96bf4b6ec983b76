package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import dev.sluice.rollout.core.RolloutSpec.ScaleDown;
import dev.sluice.rollout.core.RolloutSpec.WorkloadRef;
import dev.sluice.rollout.core.Strategy.AntiAffinity;
import dev.sluice.rollout.core.Strategy.PingPong;
import dev.sluice.rollout.core.Strategy.PodMetadata;
import dev.sluice.rollout.core.Strategy.ReplicaThreshold;
import dev.sluice.rollout.core.Strategy.Routing;
import dev.sluice.rollout.core.hash.Lenient;
import dev.sluice.rollout.core.policy.PolicyReader;
import dev.sluice.rollout.core.policy.ReleasePolicy;
import dev.sluice.rollout.core.status.StatusJson;
import dev.sluice.rollout.core.status.Times;
import dev.sluice.rollout.core.validation.SpecRules;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Reads a Rollout object once, at the edge; behind it everything is typed.
public final class RolloutParser {
    /// Default of both `maxSurge` and `maxUnavailable`.
    private static final int DEFAULT_PERCENT = 25;

    private RolloutParser() {}

    public static ParseResult parse(JsonNode rollout) {
        return parse(rollout, Optional.empty());
    }

    /// @param workload the object that the Rollout's `workloadRef` names, if there is one
    public static ParseResult parse(JsonNode rollout, Optional<JsonNode> workload) {
        if (!WorkloadTarget.isGiven(rollout.path("spec"))) {
            return parse(rollout, rollout);
        }
        return switch (WorkloadTarget.resolve(rollout, workload)) {
            case WorkloadTarget.Resolution.Resolved(JsonNode resolved) -> parse(rollout, resolved);
            case WorkloadTarget.Resolution.Failed(String error) -> invalid(rollout, error);
        };
    }

    private static ParseResult parse(JsonNode given, JsonNode rollout) {
        RolloutMeta meta = meta(rollout.path("metadata"));
        JsonNode spec = rollout.path("spec");
        Optional<String> error = SpecRules.firstError(given.path("spec"), spec);
        if (error.isPresent()) {
            return invalid(given, error.get());
        }
        return switch (PolicyReader.read(meta.annotations())) {
            case PolicyReader.Result.Invalid(String problem) -> invalid(given, problem);
            case PolicyReader.Result.Valid(ReleasePolicy policy) ->
                    new ParseResult.Valid(
                            new Rollout(
                                    meta,
                                    spec(spec, policy),
                                    StatusJson.parse(rollout.path("status")),
                                    rollout));
        };
    }

    private static ParseResult invalid(JsonNode rollout, String error) {
        return new ParseResult.Invalid(
                meta(rollout.path("metadata")),
                StatusJson.parse(rollout.path("status")),
                rollout,
                error);
    }

    private static RolloutMeta meta(JsonNode m) {
        return new RolloutMeta(
                m.path("namespace").asText(""),
                m.path("name").asText(""),
                m.path("uid").asText(""),
                m.path("resourceVersion").asText(""),
                m.path("generation").asLong(0),
                strings(m.path("labels")),
                strings(m.path("annotations")));
    }

    private static RolloutSpec spec(JsonNode s, ReleasePolicy policy) {
        JsonNode canary = s.path("strategy").path("canary");
        Strategy strategy =
                canary.isObject()
                        ? canary(canary)
                        : blueGreen(s.path("strategy").path("blueGreen"));
        JsonNode restartAt = s.path("restartAt");
        return new RolloutSpec(
                s.path("replicas").asInt(1),
                s.path("replicas").isNumber(),
                s.path("selector"),
                strings(s.path("selector").path("matchLabels")),
                Lenient.template(s.path("template")),
                s.path("minReadySeconds").asInt(0),
                s.path("rollbackWindow").path("revisions").asInt(0),
                s.path("revisionHistoryLimit").asInt(10),
                s.path("paused").asBoolean(false),
                s.path("progressDeadlineSeconds").asInt(600),
                s.path("progressDeadlineAbort").asBoolean(false),
                restartAt.isTextual() ? Times.parse(restartAt.asText()) : Optional.<Instant>empty(),
                s.path("analysis").path("successfulRunHistoryLimit").asInt(5),
                s.path("analysis").path("unsuccessfulRunHistoryLimit").asInt(5),
                strategy,
                workloadRef(s.path("workloadRef")),
                policy);
    }

    private static Optional<WorkloadRef> workloadRef(JsonNode w) {
        if (!w.isObject() || w.isEmpty()) {
            return Optional.empty();
        }
        ScaleDown scaleDown =
                switch (w.path("scaleDown").asText("")) {
                    case "onsuccess" -> ScaleDown.ONSUCCESS;
                    case "progressively" -> ScaleDown.PROGRESSIVELY;
                    default -> ScaleDown.NEVER;
                };
        return Optional.of(
                new WorkloadRef(
                        w.path("apiVersion").asText(""),
                        w.path("kind").asText(""),
                        w.path("name").asText(""),
                        scaleDown));
    }

    private static Strategy canary(JsonNode c) {
        List<Step> steps = new ArrayList<>();
        c.path("steps").forEach(step -> steps.add(step(step)));
        JsonNode routing = c.path("trafficRouting");
        return new Strategy.Canary(
                text(c, "stableService"),
                text(c, "canaryService"),
                steps,
                c.path("steps"),
                routing.isObject() ? Optional.of(routing(routing)) : Optional.empty(),
                intOrPercent(c.path("maxSurge")),
                intOrPercent(c.path("maxUnavailable")),
                analysis(c.path("analysis")),
                c.path("analysis").path("startingStep").asInt(0),
                c.path("minPodsPerReplicaSet").asInt(0),
                threshold(c.path("replicaProgressThreshold")),
                integer(c.path("scaleDownDelaySeconds")),
                integer(c.path("scaleDownDelayRevisionLimit")),
                integer(c.path("abortScaleDownDelaySeconds")),
                c.path("dynamicStableScale").asBoolean(false),
                pingPong(c.path("pingPong")),
                antiAffinity(c.path("antiAffinity")),
                podMetadata(c.path("canaryMetadata")),
                podMetadata(c.path("stableMetadata")));
    }

    private static Strategy blueGreen(JsonNode b) {
        return new Strategy.BlueGreen(
                b.path("activeService").asText(""),
                text(b, "previewService"),
                integer(b.path("previewReplicaCount")),
                b.path("autoPromotionEnabled").asBoolean(true),
                b.path("autoPromotionSeconds").asInt(0),
                intOrPercent(b.path("maxUnavailable")),
                analysis(b.path("prePromotionAnalysis")),
                analysis(b.path("postPromotionAnalysis")),
                integer(b.path("scaleDownDelaySeconds")),
                integer(b.path("scaleDownDelayRevisionLimit")),
                integer(b.path("abortScaleDownDelaySeconds")),
                antiAffinity(b.path("antiAffinity")),
                podMetadata(b.path("previewMetadata")),
                podMetadata(b.path("activeMetadata")));
    }

    private static Optional<PingPong> pingPong(JsonNode p) {
        return p.isObject()
                ? Optional.of(
                        new PingPong(
                                p.path("pingService").asText(""), p.path("pongService").asText("")))
                : Optional.empty();
    }

    private static Optional<AntiAffinity> antiAffinity(JsonNode a) {
        return a.isObject()
                ? Optional.of(
                        new AntiAffinity(
                                integer(
                                        a.path("preferredDuringSchedulingIgnoredDuringExecution")
                                                .path("weight"))))
                : Optional.empty();
    }

    private static Optional<PodMetadata> podMetadata(JsonNode m) {
        return m.isObject()
                ? Optional.of(
                        new PodMetadata(strings(m.path("labels")), strings(m.path("annotations"))))
                : Optional.empty();
    }

    private static Step step(JsonNode s) {
        if (s.hasNonNull("setWeight")) {
            return new Step.SetWeight(s.path("setWeight").asInt());
        }
        if (s.hasNonNull("analysis")) {
            return new Step.Analysis(analysisSpec(s.path("analysis")));
        }
        if (s.hasNonNull("setCanaryScale")) {
            JsonNode scale = s.path("setCanaryScale");
            return new Step.SetCanaryScale(
                    integer(scale.path("weight")),
                    integer(scale.path("replicas")),
                    scale.path("matchTrafficWeight").asBoolean(false));
        }
        if (s.hasNonNull("experiment")) {
            return new Step.Experiment(s.path("experiment"));
        }
        if (s.hasNonNull("setHeaderRoute")) {
            JsonNode route = s.path("setHeaderRoute");
            return new Step.SetHeaderRoute(route.path("name").asText(""), route.path("match"));
        }
        if (s.hasNonNull("setMirrorRoute")) {
            JsonNode route = s.path("setMirrorRoute");
            return new Step.SetMirrorRoute(
                    route.path("name").asText(""),
                    route.path("match"),
                    integer(route.path("percentage")));
        }
        if (s.hasNonNull("plugin")) {
            JsonNode plugin = s.path("plugin");
            return new Step.Plugin(plugin.path("name").asText(""), plugin.path("config"));
        }
        JsonNode duration = s.path("pause").path("duration");
        return duration.isMissingNode() || duration.isNull()
                ? new Step.Pause(Optional.empty(), Optional.empty())
                : new Step.Pause(
                        Optional.of(Durations.seconds(duration)), Optional.of(duration.asText()));
    }

    private static Routing routing(JsonNode r) {
        List<String> ingresses = new ArrayList<>();
        JsonNode nginx = r.path("nginx");
        text(nginx, "stableIngress").ifPresent(ingresses::add);
        nginx.path("stableIngresses").forEach(i -> ingresses.add(i.asText()));
        List<String> managed = new ArrayList<>();
        r.path("managedRoutes").forEach(route -> managed.add(route.path("name").asText()));
        return new Routing(
                r.path("maxTrafficWeight").asInt(Routing.DEFAULT_MAX_WEIGHT),
                ingresses,
                managed,
                r);
    }

    private static Optional<AnalysisSpec> analysis(JsonNode a) {
        return a.isObject() && !a.path("templates").isEmpty()
                ? Optional.of(analysisSpec(a))
                : Optional.empty();
    }

    private static AnalysisSpec analysisSpec(JsonNode a) {
        List<TemplateRef> templates = References.nested(a);
        return new AnalysisSpec(
                templates,
                items(a.path("args")),
                items(a.path("dryRun")),
                items(a.path("measurementRetention")),
                a.path("analysisRunMetadata"));
    }

    private static Optional<ReplicaThreshold> threshold(JsonNode t) {
        return t.isObject() && t.path("value").asInt(-1) >= 0
                ? Optional.of(
                        new ReplicaThreshold(
                                t.path("type").asText("").startsWith("Percent"),
                                t.path("value").asInt()))
                : Optional.empty();
    }

    private static IntOrPercent intOrPercent(JsonNode n) {
        if (n.isNumber()) {
            return new IntOrPercent.Pods(n.asInt());
        }
        String digits = n.asText("").replace("%", "");
        return digits.matches("\\d{1,6}")
                ? new IntOrPercent.Percent(Integer.parseInt(digits))
                : new IntOrPercent.Percent(DEFAULT_PERCENT);
    }

    private static Optional<Integer> integer(JsonNode n) {
        return n.isNumber() ? Optional.of(n.asInt()) : Optional.empty();
    }

    private static Optional<String> text(JsonNode n, String field) {
        return Optional.of(n.path(field).asText("")).filter(t -> !t.isEmpty());
    }

    private static List<JsonNode> items(JsonNode array) {
        List<JsonNode> items = new ArrayList<>();
        array.forEach(items::add);
        return items;
    }

    private static Map<String, String> strings(JsonNode object) {
        Map<String, String> map = new TreeMap<>();
        object.properties().forEach(e -> map.put(e.getKey(), e.getValue().asText()));
        return map;
    }
}
