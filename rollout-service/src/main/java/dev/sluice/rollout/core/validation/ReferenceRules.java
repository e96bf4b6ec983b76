package dev.sluice.rollout.core.validation;

import static dev.sluice.rollout.core.validation.FieldError.invalid;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sluice.rollout.core.AnalysisSpec;
import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Observation;
import dev.sluice.rollout.core.Observation.ServiceView;
import dev.sluice.rollout.core.References;
import dev.sluice.rollout.core.RolloutSpec;
import dev.sluice.rollout.core.Step;
import dev.sluice.rollout.core.Strategy;
import dev.sluice.rollout.core.analysis.TemplateMerge;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Checks of what a Rollout refers to: Services, templates, Ingresses; in the order in which
/// users are told.
public final class ReferenceRules {
    private ReferenceRules() {}

    private record Reference(String path, AnalysisSpec analysis, boolean background) {}

    public static Optional<String> firstError(Observation seen) {
        return SpecRules.first(
                List.of(
                        () -> services(seen),
                        () -> templates(seen),
                        () -> nginx(seen.rollout().spec()),
                        () -> ingresses(seen),
                        () -> selectors(seen),
                        () -> analyses(seen),
                        () -> backends(seen)));
    }

    private static String pathOf(RolloutSpec spec, String service) {
        return switch (spec.strategy()) {
            case Strategy.BlueGreen bg ->
                    "spec.strategy."
                            + (bg.activeService().equals(service)
                                    ? "activeService"
                                    : "previewService");
            case Strategy.Canary canary -> "spec.strategy." + field(canary, service);
        };
    }

    private static String field(Strategy.Canary canary, String service) {
        Optional<String> name = Optional.of(service);
        if (canary.stableService().equals(name)) {
            return "stableService";
        }
        if (canary.canaryService().equals(name)) {
            return "canaryService";
        }
        return canary.pingPong().map(Strategy.PingPong::pingService).equals(name)
                ? "pingPong.pingService"
                : "pingPong.pongService";
    }

    private static Optional<String> services(Observation seen) {
        RolloutSpec spec = seen.rollout().spec();
        return References.services(spec).stream()
                .filter(name -> !seen.services().containsKey(name))
                .map(
                        name ->
                                invalid(
                                        pathOf(spec, name),
                                        "\"" + name + "\"",
                                        "service \"" + name + "\" not found"))
                .findFirst();
    }

    private static List<Reference> references(RolloutSpec spec) {
        List<Reference> all = new ArrayList<>();
        switch (spec.strategy()) {
            case Strategy.BlueGreen bg -> {
                bg.prePromotion()
                        .ifPresent(
                                a ->
                                        all.add(
                                                new Reference(
                                                        "spec.strategy.blueGreen.prePromotionAnalysis.templates",
                                                        a,
                                                        false)));
                bg.postPromotion()
                        .ifPresent(
                                a ->
                                        all.add(
                                                new Reference(
                                                        "spec.strategy.blueGreen.postPromotionAnalysis.templates",
                                                        a,
                                                        false)));
            }
            case Strategy.Canary canary -> {
                for (int i = 0; i < canary.steps().size(); i++) {
                    if (canary.steps().get(i) instanceof Step.Analysis(AnalysisSpec a)) {
                        all.add(
                                new Reference(
                                        "spec.strategy.canary.steps[" + i + "].analysis.templates",
                                        a,
                                        false));
                    }
                }
                canary.background()
                        .ifPresent(
                                a ->
                                        all.add(
                                                new Reference(
                                                        "spec.strategy.canary.analysis.templates",
                                                        a,
                                                        true)));
            }
        }
        return all;
    }

    private static Optional<String> templates(Observation seen) {
        for (Reference reference : references(seen.rollout().spec())) {
            for (TemplateRef ref :
                    TemplateMerge.flatten(reference.analysis().templates(), seen.templates())) {
                if (!seen.templates().containsKey(ref)) {
                    boolean direct = reference.analysis().templates().contains(ref);
                    return Optional.of(
                            invalid(
                                    direct ? reference.path() : "spec.templates",
                                    "\"" + ref.name() + "\"",
                                    ref.kind() + " '" + ref.name() + "' not found"));
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<JsonNode> routing(RolloutSpec spec) {
        return spec.strategy() instanceof Strategy.Canary canary
                ? canary.routing().map(Strategy.Routing::json)
                : Optional.empty();
    }

    private static Optional<String> nginx(RolloutSpec spec) {
        return routing(spec)
                .map(r -> r.path("nginx"))
                .filter(JsonNode::isObject)
                .flatMap(
                        nginx -> {
                            boolean one = !nginx.path("stableIngress").asText("").isEmpty();
                            boolean many = !nginx.path("stableIngresses").isEmpty();
                            return one == many
                                    ? Optional.of(
                                            invalid(
                                                    "spec.strategy.trafficRouting.nginx.stableIngress",
                                                    nginx,
                                                    "Either StableIngress or StableIngresses must"
                                                            + " be configured. "
                                                            + (one
                                                                    ? "Both are configured."
                                                                    : "Neither are configured.")))
                                    : Optional.empty();
                        });
    }

    private static Optional<String> ingresses(Observation seen) {
        return References.ingresses(seen.rollout().spec()).stream()
                .filter(name -> !seen.ingresses().containsKey(name))
                .map(
                        name ->
                                invalid(
                                        "spec.strategy.trafficRouting.nginx.stableIngress",
                                        "\"" + name + "\"",
                                        "ingress.networking.k8s.io \"" + name + "\" not found"))
                .findFirst();
    }

    private static Optional<String> selectors(Observation seen) {
        RolloutSpec spec = seen.rollout().spec();
        JsonNode labels = spec.template().path("metadata").path("labels");
        for (String name : References.services(spec)) {
            ServiceView service = seen.services().get(name);
            if (service == null) {
                continue;
            }
            for (Map.Entry<String, String> e : service.selector().entrySet()) {
                boolean fits =
                        e.getKey().equals(Names.HASH)
                                || e.getValue().equals(labels.path(e.getKey()).asText(""));
                if (!fits) {
                    String detail =
                            "Service \""
                                    + name
                                    + "\" has unmatch label \""
                                    + e.getKey()
                                    + "\" in rollout";
                    return Optional.of(invalid(pathOf(spec, name), "\"" + name + "\"", detail));
                }
            }
            String owner = service.annotations().getOrDefault(Names.MANAGED_BY, "");
            if (!owner.isEmpty() && !owner.equals(seen.rollout().meta().name())) {
                return Optional.of(
                        invalid(
                                pathOf(spec, name),
                                "\"" + name + "\"",
                                "Service \"" + name + "\" is managed by another Rollout"));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> analyses(Observation seen) {
        for (Reference reference : references(seen.rollout().spec())) {
            Optional<String> error =
                    analysis(seen, reference)
                            .map(
                                    detail ->
                                            invalid(
                                                    reference.path(),
                                                    "\""
                                                            + reference
                                                                    .analysis()
                                                                    .templates()
                                                                    .getFirst()
                                                                    .name()
                                                            + "\"",
                                                    detail));
            if (error.isPresent()) {
                return error;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> analysis(Observation seen, Reference reference) {
        AnalysisSpec analysis = reference.analysis();
        List<JsonNode> dummies = new ArrayList<>();
        for (JsonNode arg : analysis.args()) {
            if (arg.hasNonNull("value") && arg.hasNonNull("valueFrom")) {
                return Optional.of(
                        "arg '"
                                + arg.path("name").asText()
                                + "' has both Value and ValueFrom fields");
            }
            String value = arg.path("value").asText("");
            dummies.add(
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("name", arg.path("name").asText(""))
                            .put("value", value.isEmpty() ? "dummy-value" : value));
        }
        Optional<String> missing =
                reference.background() ? missingArgument(seen, analysis) : Optional.empty();
        if (missing.isPresent()) {
            return missing;
        }
        return switch (TemplateMerge.merge(analysis, seen.templates(), dummies)) {
            case TemplateMerge.Result.Failed(String message) -> Optional.of(message);
            case TemplateMerge.Result.Merged merged ->
                    reference.background() ? Optional.empty() : endless(merged.metrics(), analysis);
        };
    }

    /// Whatever the templates of a background analysis leave open the Rollout must supply.
    private static Optional<String> missingArgument(Observation seen, AnalysisSpec analysis) {
        for (TemplateRef ref : TemplateMerge.flatten(analysis.templates(), seen.templates())) {
            JsonNode template = seen.templates().get(ref);
            if (template == null) {
                continue;
            }
            for (JsonNode arg : template.path("args")) {
                boolean isOpen =
                        !arg.hasNonNull("value")
                                && !arg.hasNonNull("valueFrom")
                                && analysis.args().stream()
                                        .noneMatch(a -> a.path("name").equals(arg.path("name")));
                if (isOpen) {
                    return Optional.of(
                            analysis.args().isEmpty()
                                    ? "missing analysis arguments in rollout spec"
                                    : arg.path("name").asText(""));
                }
            }
        }
        return Optional.empty();
    }

    /// A gate of a step must end by itself.
    private static Optional<String> endless(ArrayNode metrics, AnalysisSpec analysis) {
        for (JsonNode metric : metrics) {
            JsonNode count = metric.path("count");
            boolean unlimited = count.isMissingNode() || count.asText("").equals("0");
            if (unlimited && !metric.path("interval").asText("").isEmpty()) {
                return Optional.of(
                        "AnalysisTemplate "
                                + analysis.templates().getFirst().name()
                                + " has metric "
                                + metric.path("name").asText()
                                + " which runs indefinitely. Invalid value for count: "
                                + (count.isMissingNode() ? "<nil>" : count.asText()));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> backends(Observation seen) {
        if (!(seen.rollout().spec().strategy() instanceof Strategy.Canary canary)) {
            return Optional.empty();
        }
        String stable = canary.stableService().orElse("");
        return References.ingresses(seen.rollout().spec()).stream()
                .filter(name -> !hasBackend(seen.ingresses().get(name), stable))
                .map(
                        name ->
                                invalid(
                                        "spec.strategy.trafficRouting.nginx.stableIngress",
                                        "\"" + name + "\"",
                                        "ingress `"
                                                + name
                                                + "` has no rules using service "
                                                + stable
                                                + " backend"))
                .findFirst();
    }

    private static boolean hasBackend(@Nullable JsonNode ingress, String service) {
        if (ingress == null) {
            return false;
        }
        for (JsonNode rule : ingress.path("spec").path("rules")) {
            for (JsonNode path : rule.path("http").path("paths")) {
                if (path.path("backend").path("service").path("name").asText("").equals(service)) {
                    return true;
                }
            }
        }
        return false;
    }
}
