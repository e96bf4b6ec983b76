package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Names of the objects that an observation of a Rollout must contain.
public final class References {
    private References() {}

    /// Those that the present plan is about besides: the spec may name others already.
    public static List<String> services(Rollout rollout) {
        Set<String> names = new LinkedHashSet<>(services(rollout.spec()));
        rollout.status()
                .trafficPlan()
                .ifPresent(plan -> plan.services().forEach(s -> names.add(s.name())));
        return List.copyOf(names);
    }

    public static List<String> services(RolloutSpec spec) {
        Set<String> names = new LinkedHashSet<>();
        switch (spec.strategy()) {
            case Strategy.BlueGreen bg -> {
                names.add(bg.activeService());
                bg.previewService().ifPresent(names::add);
            }
            case Strategy.Canary canary -> {
                canary.stableService().ifPresent(names::add);
                canary.canaryService().ifPresent(names::add);
                canary.pingPong()
                        .ifPresent(
                                p -> {
                                    names.add(p.pingService());
                                    names.add(p.pongService());
                                });
            }
        }
        return List.copyOf(names);
    }

    public static List<String> ingresses(RolloutSpec spec) {
        return spec.strategy() instanceof Strategy.Canary canary
                ? canary.routing().map(Strategy.Routing::nginxIngresses).orElse(List.of())
                : List.of();
    }

    public static List<AnalysisSpec> analyses(RolloutSpec spec) {
        List<AnalysisSpec> all = new ArrayList<>();
        switch (spec.strategy()) {
            case Strategy.BlueGreen bg -> {
                bg.prePromotion().ifPresent(all::add);
                bg.postPromotion().ifPresent(all::add);
            }
            case Strategy.Canary canary -> {
                for (Step step : canary.steps()) {
                    if (step instanceof Step.Analysis(AnalysisSpec analysis)) {
                        all.add(analysis);
                    }
                }
                canary.background().ifPresent(all::add);
            }
        }
        return all;
    }

    /// The templates that the Rollout names itself; follow [#nested] from each one that exists.
    public static List<TemplateRef> templates(RolloutSpec spec) {
        return analyses(spec).stream().flatMap(a -> a.templates().stream()).distinct().toList();
    }

    /// Templates that a template's spec refers to.
    public static List<TemplateRef> nested(JsonNode templateSpec) {
        List<TemplateRef> refs = new ArrayList<>();
        for (JsonNode ref : templateSpec.path("templates")) {
            refs.add(
                    new TemplateRef(
                            ref.path("templateName").asText(""),
                            ref.path("clusterScope").asBoolean(false)));
        }
        return refs;
    }

    /// True while single pods matter: a restart is due, or pods wait for their metadata.
    public static boolean needsPods(
            Rollout rollout, List<Observation.ReplicaSetView> sets, Instant now) {
        return needsPods(rollout, now) || sets.stream().anyMatch(EphemeralMetadata::isPending);
    }

    /// True while a restart is due.
    static boolean needsPods(Rollout rollout, Instant now) {
        Optional<Instant> restartAt = rollout.spec().restartAt();
        return restartAt.isPresent()
                && !restartAt.equals(rollout.status().restartedAt())
                && !now.isBefore(restartAt.get());
    }
}
