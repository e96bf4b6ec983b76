package dev.sluice.rollout.core.status;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.RolloutStatus.Release;
import dev.sluice.rollout.core.RolloutStatus.ReleaseDuration;
import dev.sluice.rollout.core.RolloutStatus.RunStatus;
import dev.sluice.rollout.core.RolloutStatus.StepPluginStatus;
import dev.sluice.rollout.core.RolloutStatus.WeightEntry;
import dev.sluice.rollout.core.TrafficPlan;
import dev.sluice.rollout.core.TrafficPlan.ManagedRoute;
import dev.sluice.rollout.core.TrafficPlan.Observed;
import dev.sluice.rollout.core.TrafficPlan.Share;
import dev.sluice.rollout.core.TrafficPlan.Weights;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Writes a status as JSON; empty values are left out.
final class StatusWriter {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private StatusWriter() {}

    static ObjectNode write(RolloutStatus s) {
        ObjectNode out = JSON.objectNode();
        flag(out, "abort", s.abort());
        time(out, "abortedAt", s.abortedAt());
        ArrayNode pauses = JSON.arrayNode();
        s.pauseConditions()
                .forEach(
                        p ->
                                pauses.addObject()
                                        .put("reason", p.reason())
                                        .put("startTime", Times.text(p.startTime())));
        array(out, "pauseConditions", pauses);
        flag(out, "controllerPause", s.controllerPause());
        text(out, "currentPodHash", s.currentPodHash());
        text(out, "currentStepHash", s.currentStepHash());
        s.currentStepIndex().ifPresent(i -> out.put("currentStepIndex", i));
        s.collisionCount().ifPresent(i -> out.put("collisionCount", i));
        number(out, "replicas", s.replicas());
        number(out, "updatedReplicas", s.updatedReplicas());
        number(out, "readyReplicas", s.readyReplicas());
        number(out, "availableReplicas", s.availableReplicas());
        number(out, "HPAReplicas", s.hpaReplicas());
        text(out, "selector", s.selector());
        text(out, "observedGeneration", s.observedGeneration());
        ArrayNode conditions = JSON.arrayNode();
        s.conditions().forEach(c -> conditions.add(condition(c)));
        array(out, "conditions", conditions);
        text(out, "stableRS", s.stableRS());
        time(out, "restartedAt", s.restartedAt());
        flag(out, "promoteFull", s.promoteFull());
        text(out, "phase", s.phase());
        text(out, "message", s.message());
        s.duration().ifPresent(d -> out.set("duration", duration(d)));
        text(out, "workloadObservedGeneration", s.workloadObservedGeneration());
        object(out, "canary", canary(s));
        object(out, "blueGreen", blueGreen(s));
        s.release().ifPresent(r -> out.set("release", release(r)));
        s.trafficPlan().ifPresent(p -> out.set("trafficPlan", plan(p)));
        s.why()
                .ifPresent(
                        w -> {
                            ObjectNode why = out.putObject("why");
                            why.put("state", w.state().name());
                            text(why, "reason", w.reason());
                            text(why, "message", w.message());
                            why.put("since", Times.text(w.since()));
                            text(why, "unblock", w.unblock());
                        });
        return out;
    }

    private static ObjectNode condition(Condition c) {
        return JSON.objectNode()
                .put("type", c.type())
                .put("status", c.status())
                .put("reason", c.reason())
                .put("message", c.message())
                .put("lastUpdateTime", Times.text(c.lastUpdateTime()))
                .put("lastTransitionTime", Times.text(c.lastTransitionTime()));
    }

    private static ObjectNode duration(ReleaseDuration d) {
        ObjectNode out = JSON.objectNode();
        time(out, "rolloutStartedAt", d.rolloutStartedAt());
        time(out, "manualPauseStartedAt", d.manualPauseStartedAt());
        if (d.totalManualPauseSeconds() != 0) {
            out.put("totalManualPauseDurationSeconds", d.totalManualPauseSeconds());
        }
        time(out, "finishedAt", d.finishedAt());
        text(out, "completionStatus", d.completionStatus());
        return out;
    }

    private static ObjectNode canary(RolloutStatus s) {
        ObjectNode out = JSON.objectNode();
        s.weights()
                .ifPresent(
                        w -> {
                            ObjectNode weights = out.putObject("weights");
                            weights.set("canary", weight(w.canary()));
                            weights.set("stable", weight(w.stable()));
                            ArrayNode additional = JSON.arrayNode();
                            w.additional().forEach(a -> additional.add(weight(a)));
                            array(weights, "additional", additional);
                            w.verified().ifPresent(v -> weights.put("verified", v));
                        });
        run(out, "currentStepAnalysisRunStatus", s.stepRun());
        run(out, "currentBackgroundAnalysisRunStatus", s.backgroundRun());
        text(out, "currentExperiment", s.currentExperiment());
        text(out, "stablePingPong", s.stablePingPong());
        ArrayNode plugins = JSON.arrayNode();
        s.stepPlugins().forEach(p -> plugins.add(stepPlugin(p)));
        array(out, "stepPluginStatuses", plugins);
        return out;
    }

    private static ObjectNode stepPlugin(StepPluginStatus p) {
        ObjectNode out =
                JSON.objectNode()
                        .put("index", p.index())
                        .put("name", p.name())
                        .put("operation", p.operation());
        text(out, "phase", p.phase());
        text(out, "message", p.message());
        time(out, "startedAt", p.startedAt());
        time(out, "updatedAt", p.updatedAt());
        time(out, "finishedAt", p.finishedAt());
        text(out, "backoff", p.backoff());
        number(out, "executions", p.executions());
        flag(out, "disabled", p.disabled());
        if (!p.status().isMissingNode()) {
            out.set("status", p.status());
        }
        return out;
    }

    private static ObjectNode blueGreen(RolloutStatus s) {
        ObjectNode out = JSON.objectNode();
        text(out, "previewSelector", s.previewSelector());
        text(out, "activeSelector", s.activeSelector());
        flag(out, "scaleUpPreviewCheckPoint", s.scaleUpPreviewCheckPoint());
        run(out, "prePromotionAnalysisRunStatus", s.preRun());
        run(out, "postPromotionAnalysisRunStatus", s.postRun());
        return out;
    }

    private static ObjectNode weight(WeightEntry w) {
        ObjectNode out = JSON.objectNode().put("weight", w.weight());
        text(out, "serviceName", w.serviceName());
        text(out, "podTemplateHash", w.podTemplateHash());
        return out;
    }

    private static void run(ObjectNode out, String field, Optional<RunStatus> run) {
        run.ifPresent(
                r -> {
                    ObjectNode node =
                            out.putObject(field).put("name", r.name()).put("status", r.status());
                    text(node, "message", r.message());
                });
    }

    private static ObjectNode release(Release r) {
        ObjectNode out =
                JSON.objectNode()
                        .put("attempt", r.attempt())
                        .put("startedAt", Times.text(r.startedAt()));
        if (!r.measurements().isEmpty()) {
            ObjectNode counts = out.putObject("measurements");
            r.measurements().forEach(counts::put);
        }
        text(out, "fromHash", r.fromHash());
        text(out, "toHash", r.toHash());
        out.put("revision", r.revision());
        text(out, "repository", r.repository());
        text(out, "commit", r.commit());
        text(out, "application", r.application());
        text(out, "actor", r.actor());
        return out;
    }

    private static ObjectNode plan(TrafficPlan p) {
        ObjectNode out =
                JSON.objectNode()
                        .put("id", p.id())
                        .put("attempt", p.attempt())
                        .put("writtenAt", p.writtenAt().toString())
                        .put("reason", p.reason().name());
        flag(out, "abort", p.abort());
        out.put("maxWeight", p.maxWeight()).put("anchor", p.anchor());
        ArrayNode services = out.putArray("services");
        p.services()
                .forEach(
                        s ->
                                services.addObject()
                                        .put("name", s.name())
                                        .put("role", s.role().text())
                                        .put("podTemplateHash", s.podTemplateHash()));
        planWeights(out, p.weights());
        p.carriage().ifPresent(c -> out.set("carriage", c));
        ArrayNode routes = JSON.arrayNode();
        p.routes().forEach(r -> routes.add(managedRoute(r)));
        array(out, "routes", routes);
        out.set("shares", shares(p.shares()));
        out.set("live", shares(p.live()));
        p.observed().ifPresent(o -> out.set("observed", observed(o)));
        p.threshold()
                .ifPresent(
                        t ->
                                out.putObject("threshold")
                                        .put("type", t.percent() ? "Percent" : "Pods")
                                        .put("value", t.value()));
        return out;
    }

    private static ObjectNode observed(Observed o) {
        ObjectNode out =
                JSON.objectNode()
                        .put("plan", o.plan())
                        .put("at", o.at().toString())
                        .put("settlesAt", o.settlesAt().toString());
        text(out, "level", o.level());
        planWeights(out, o.weights());
        ArrayNode services = out.putArray("services");
        o.services()
                .forEach(
                        s ->
                                services.addObject()
                                        .put("name", s.name())
                                        .put("podTemplateHash", s.podTemplateHash()));
        flag(out, "partial", o.partial());
        text(out, "message", o.message());
        return out;
    }

    private static void planWeights(ObjectNode out, Optional<Weights> weights) {
        weights.ifPresent(
                w -> {
                    ObjectNode node =
                            out.putObject("weights")
                                    .put("canary", w.canary())
                                    .put("stable", w.stable());
                    ArrayNode additional = JSON.arrayNode();
                    w.additional()
                            .forEach(
                                    d ->
                                            additional
                                                    .addObject()
                                                    .put("serviceName", d.serviceName())
                                                    .put("podTemplateHash", d.podTemplateHash())
                                                    .put("weight", d.weight()));
                    array(node, "additional", additional);
                });
    }

    private static ObjectNode managedRoute(ManagedRoute r) {
        ObjectNode out = JSON.objectNode().put("name", r.name());
        flag(out, "mirror", r.mirror());
        out.set("match", r.match());
        r.percentage().ifPresent(p -> out.put("percentage", p));
        return out;
    }

    private static ArrayNode shares(List<Share> shares) {
        ArrayNode out = JSON.arrayNode();
        shares.forEach(
                s ->
                        out.addObject()
                                .put("podTemplateHash", s.podTemplateHash())
                                .put("weight", s.weight()));
        return out;
    }

    private static void text(ObjectNode out, String field, String value) {
        if (!value.isEmpty()) {
            out.put(field, value);
        }
    }

    private static void flag(ObjectNode out, String field, boolean value) {
        if (value) {
            out.put(field, true);
        }
    }

    private static void number(ObjectNode out, String field, int value) {
        if (value != 0) {
            out.put(field, value);
        }
    }

    private static void time(ObjectNode out, String field, Optional<Instant> value) {
        value.ifPresent(t -> out.put(field, Times.text(t)));
    }

    private static void array(ObjectNode out, String field, ArrayNode value) {
        if (!value.isEmpty()) {
            out.set(field, value);
        }
    }

    private static void object(ObjectNode out, String field, ObjectNode value) {
        if (!value.isEmpty()) {
            out.set(field, value);
        }
    }
}
