package dev.sluice.explorer.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.Json;
import dev.sluice.explorer.model.Proxy.Entry;
import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import dev.sluice.router.core.ObjectRef;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Makes manifests of options.
final class Manifests {
    private static final ObjectRef STABLE_INGRESS = networking("web");
    private static final ObjectRef CANARY_INGRESS = networking(Cluster.NAME + "-web-canary");
    private static final ObjectRef ROUTE =
            new ObjectRef(
                    "gateway.networking.k8s.io/v1", "HTTPRoute", Cluster.NAMESPACE, "web-route");

    private static final String HEADER_ROUTE =
            """
            {"setHeaderRoute":{"name":"beta","match":[
             {"headerName":"x-user","headerValue":{"exact":"beta"}}]}}\
            """;
    private static final String MIRROR_ROUTE =
            """
            {"setMirrorRoute":{"name":"copy","percentage":50,"match":[
             {"method":{"exact":"GET"},"path":{"prefix":"/"}}]}}\
            """;

    private Manifests() {}

    private static ObjectRef networking(String name) {
        return new ObjectRef("networking.k8s.io/v1", "Ingress", Cluster.NAMESPACE, name);
    }

    static Scenario scenario(String name, Option... chosen) {
        Set<Option> options = EnumSet.noneOf(Option.class);
        options.addAll(List.of(chosen));
        ObjectNode spec = spec(options);
        workloadMode(options).ifPresent(mode -> refer(spec, mode));
        spec.set("strategy", strategy(options, options.contains(Option.BLUE_GREEN), true, 0));
        return new Scenario(
                name,
                options,
                rollout(spec),
                workload(spec),
                objects(options),
                entries(options),
                services(options),
                templates(options),
                edits(options));
    }

    private static List<String> services(Set<Option> options) {
        if (options.contains(Option.NO_SERVICES)) {
            return List.of("main");
        }
        return options.contains(Option.PING_PONG)
                ? List.of("main", "ping", "pong")
                : List.of("main", "stable", "canary");
    }

    private static ObjectNode rollout(ObjectNode spec) {
        ObjectNode rollout =
                Json.object(
                        """
                        {"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout",
                         "metadata":{"name":"demo","namespace":"ns","uid":"u-1","generation":1,
                          "resourceVersion":"1","annotations":{}},
                         "status":{}}\
                        """);
        rollout.set("spec", spec);
        return rollout;
    }

    private static ObjectNode spec(Set<Option> options) {
        ObjectNode spec =
                Json.object(
                        """
                        {"replicas":2,"selector":{"matchLabels":{"app":"demo"}},
                         "template":{"metadata":{"labels":{"app":"demo"}},
                          "spec":{"containers":[{"name":"c","image":"demo:1"}]}}}\
                        """);
        replicas(options).ifPresent(n -> spec.put("replicas", n));
        if (options.contains(Option.DEADLINE_ABORTS)) {
            spec.put("progressDeadlineSeconds", 60).put("progressDeadlineAbort", true);
        }
        if (options.contains(Option.ROLLBACK_WINDOW)) {
            spec.putObject("rollbackWindow").put("revisions", 1);
        }
        if (options.contains(Option.EXPERIMENT)) {
            spec.withArray("/template/spec/containers")
                    .forEach(
                            c ->
                                    ((ObjectNode) c)
                                            .putArray("ports")
                                            .addObject()
                                            .put("containerPort", 80));
        }
        if (options.contains(Option.BACKGROUND)
                || options.contains(Option.ANALYSIS_STEP)
                || options.contains(Option.EXPERIMENT)
                || options.contains(Option.PRE_POST)) {
            spec.putObject("analysis").put("successfulRunHistoryLimit", 1);
        }
        return spec;
    }

    private static Optional<String> workloadMode(Set<Option> options) {
        return List.of(
                        Option.WORKLOAD_NEVER,
                        Option.WORKLOAD_ONSUCCESS,
                        Option.WORKLOAD_PROGRESSIVELY)
                .stream()
                .filter(options::contains)
                .map(o -> o.name().substring("WORKLOAD_".length()).toLowerCase(Locale.ROOT))
                .findFirst();
    }

    /// The selector stays in the manifest; only the template is the Deployment's.
    private static void refer(ObjectNode spec, String mode) {
        spec.putObject("workloadRef")
                .put("apiVersion", "apps/v1")
                .put("kind", "Deployment")
                .put("name", "web")
                .put("scaleDown", mode);
    }

    /// The Deployment; the Rollout's template moves there.
    private static Optional<ObjectNode> workload(ObjectNode spec) {
        if (!spec.has("workloadRef")) {
            return Optional.empty();
        }
        ObjectNode workload =
                Json.object(
                        """
                        {"apiVersion":"apps/v1","kind":"Deployment",
                         "metadata":{"name":"web","namespace":"ns","uid":"w-1","generation":1,
                          "resourceVersion":"1"}}\
                        """);
        ObjectNode own = workload.putObject("spec");
        own.set("replicas", spec.path("replicas"));
        own.set("selector", spec.path("selector"));
        own.set("template", spec.remove("template"));
        return Optional.of(workload);
    }

    private static OptionalInt replicas(Set<Option> options) {
        return List.of(Option.ONE, Option.THREE, Option.FOUR, Option.FIVE).stream()
                .filter(options::contains)
                .mapToInt(
                        o ->
                                switch (o) {
                                    case ONE -> 1;
                                    case THREE -> 3;
                                    case FOUR -> 4;
                                    default -> 5;
                                })
                .findFirst();
    }

    /// The strategy block; `variant` picks one of the step lists.
    private static ObjectNode strategy(
            Set<Option> options, boolean blueGreen, boolean routed, int variant) {
        ObjectNode strategy = Json.object("{}");
        if (blueGreen) {
            blueGreen(strategy.putObject("blueGreen"), options);
        } else {
            canary(strategy.putObject("canary"), options, routed, variant);
        }
        return strategy;
    }

    private static void blueGreen(ObjectNode bg, Set<Option> options) {
        bg.put("activeService", "stable");
        if (!options.contains(Option.NO_PREVIEW)) {
            bg.put("previewService", "canary");
        }
        if (options.contains(Option.PREVIEW_COUNT)) {
            bg.put("previewReplicaCount", 1);
        }
        if (options.contains(Option.MANUAL)) {
            bg.put("autoPromotionEnabled", false);
        }
        if (options.contains(Option.AUTO_SECONDS)) {
            bg.put("autoPromotionSeconds", 5);
        }
        if (options.contains(Option.PRE_POST)) {
            bg.set("prePromotionAnalysis", analysis());
            bg.set("postPromotionAnalysis", analysis());
        }
        delays(bg, options);
    }

    private static void delays(ObjectNode strategy, Set<Option> options) {
        if (options.contains(Option.ABORT_KEEPS)) {
            strategy.put("abortScaleDownDelaySeconds", 0);
        }
        if (options.contains(Option.ABORT_QUICK)) {
            strategy.put("abortScaleDownDelaySeconds", 2);
        }
        if (options.contains(Option.ABORT_AT_ONCE)) {
            strategy.put("abortScaleDownDelaySeconds", -1);
        }
        if (options.contains(Option.NO_DELAY)) {
            strategy.put("scaleDownDelaySeconds", 0);
        }
        if (options.contains(Option.ONE_WAITS)) {
            strategy.put("scaleDownDelayRevisionLimit", 1);
        }
    }

    private static void canary(
            ObjectNode canary, Set<Option> options, boolean routed, int variant) {
        if (options.contains(Option.PING_PONG)) {
            canary.putObject("pingPong").put("pingService", "ping").put("pongService", "pong");
        } else if (!options.contains(Option.NO_SERVICES)) {
            canary.put("stableService", "stable").put("canaryService", "canary");
        }
        boolean isRouted =
                routed && (options.contains(Option.NGINX) || options.contains(Option.GATEWAY));
        if (isRouted) {
            routing(canary.putObject("trafficRouting"), options);
            delays(canary, options);
        }
        if (options.contains(Option.DYNAMIC_STABLE) && isRouted) {
            canary.put("dynamicStableScale", true);
        }
        if (options.contains(Option.NO_SURGE)) {
            canary.put("maxSurge", 0).put("maxUnavailable", 1);
        }
        if (options.contains(Option.ALL_AVAILABLE)) {
            canary.put("maxSurge", 1).put("maxUnavailable", 0);
        }
        if (options.contains(Option.LOOSE)) {
            canary.put("maxSurge", 1).put("maxUnavailable", 1);
        }
        if (options.contains(Option.DOUBLE)) {
            canary.put("maxSurge", "100%").put("maxUnavailable", 0);
        }
        if (options.contains(Option.MIN_PODS)) {
            canary.put("minPodsPerReplicaSet", 2);
        }
        if (options.contains(Option.THRESHOLD)) {
            canary.putObject("replicaProgressThreshold").put("type", "Percent").put("value", 50);
        }
        if (options.contains(Option.BACKGROUND)) {
            ObjectNode background = analysis();
            canary.set("analysis", background.put("startingStep", 1));
        }
        canary.set(
                "steps",
                Json.object("{\"steps\":" + steps(options, isRouted, variant) + "}").path("steps"));
    }

    private static String steps(Set<Option> options, boolean routed, int variant) {
        int unit = options.contains(Option.FINE_WEIGHTS) && routed ? 10 : 1;
        List<String> steps = new ArrayList<>();
        if (variant == 1) {
            return "[{\"setWeight\":%d},{\"pause\":{}}]".formatted(40 * unit);
        }
        if (options.contains(Option.NO_STEPS)) {
            return "[]";
        }
        if (options.contains(Option.EDGE_WEIGHTS)) {
            return "[{\"setWeight\":0},{\"setWeight\":%d},{\"pause\":{\"duration\":5}}]"
                    .formatted(100 * unit);
        }
        if (options.contains(Option.MANAGED_ROUTES) && routed) {
            steps.add(HEADER_ROUTE);
            steps.add("{\"pause\":{\"duration\":5}}");
        }
        if (options.contains(Option.SCALE_STEPS) && routed) {
            steps.add("{\"setCanaryScale\":{\"replicas\":1}}");
        }
        steps.add("{\"setWeight\":%d}".formatted(20 * unit));
        steps.add("{\"pause\":{\"duration\":5}}");
        if (options.contains(Option.ANALYSIS_STEP)) {
            steps.add("{\"analysis\":{\"templates\":[{\"templateName\":\"check\"}]}}");
        }
        if (options.contains(Option.EXPERIMENT)) {
            steps.add(
                    options.contains(Option.EXPERIMENT_FIRST) ? 0 : steps.size(),
                    experiment(options, routed, unit));
        }
        if (options.contains(Option.SCALE_STEPS) && routed) {
            steps.add("{\"setCanaryScale\":{\"weight\":60}}");
            steps.add("{\"setWeight\":50}");
            steps.add("{\"setCanaryScale\":{\"matchTrafficWeight\":true}}");
        }
        if (options.contains(Option.MANAGED_ROUTES) && routed) {
            steps.add(MIRROR_ROUTE);
            steps.add("{\"setHeaderRoute\":{\"name\":\"beta\"}}");
        }
        steps.add("{\"setWeight\":%d}".formatted(60 * unit));
        if (options.contains(Option.MANUAL)) {
            steps.add("{\"pause\":{}}");
        }
        return steps.toString();
    }

    /// Copies of both revisions beside each other, with shares of their own where that is offered.
    private static String experiment(Set<Option> options, boolean routed, int unit) {
        boolean isWeighted = routed && !options.contains(Option.NGINX);
        ObjectNode experiment = Json.object("{}");
        ArrayNode templates = experiment.putArray("templates");
        ObjectNode baseline = templates.addObject();
        baseline.put("name", "baseline").put("specRef", "stable").put("replicas", 1);
        ObjectNode candidate = templates.addObject();
        candidate.put("name", "candidate").put("specRef", "canary").put("replicas", 2);
        if (isWeighted) {
            baseline.put("weight", 10 * unit);
            candidate.put("weight", 30 * unit);
        } else {
            candidate.putObject("service");
        }
        if (options.contains(Option.EXPERIMENT_JUDGED)) {
            experiment
                    .putArray("analyses")
                    .addObject()
                    .put("name", "judge")
                    .put("templateName", "check")
                    .put("requiredForCompletion", true);
        } else {
            experiment.put("duration", "10s");
        }
        ObjectNode step = Json.object("{}");
        step.set("experiment", experiment);
        return step.toString();
    }

    private static ObjectNode analysis() {
        return Json.object("{\"templates\":[{\"templateName\":\"check\"}]}");
    }

    private static void routing(ObjectNode routing, Set<Option> options) {
        if (options.contains(Option.FINE_WEIGHTS)) {
            routing.put("maxTrafficWeight", 1000);
        }
        if (options.contains(Option.MANAGED_ROUTES)) {
            ArrayNode managed = routing.putArray("managedRoutes");
            managed.addObject().put("name", "beta");
            managed.addObject().put("name", "copy");
        }
        if (options.contains(Option.NGINX)) {
            routing.putObject("nginx").put("stableIngress", STABLE_INGRESS.name());
        }
        if (options.contains(Option.GATEWAY)) {
            routing.putObject("plugins")
                    .putObject("argoproj-labs/gatewayAPI")
                    .put("httpRoute", ROUTE.name());
        }
    }

    private static List<ObjectNode> objects(Set<Option> options) {
        List<ObjectNode> objects = new ArrayList<>();
        List<String> services = services(options);
        services.forEach(name -> objects.add(service(name)));
        if (options.contains(Option.NGINX)) {
            objects.add(
                    Json.object(
                            """
                            {"apiVersion":"networking.k8s.io/v1","kind":"Ingress",
                             "metadata":{"name":"web","namespace":"ns","uid":"i-1","annotations":{}},
                             "spec":{"ingressClassName":"nginx","rules":[{"host":"demo.example","http":{"paths":[
                              {"path":"/","pathType":"Prefix","backend":{"service":{"name":"stable","port":{"number":80}}}}]}}]}}\
                            """));
        }
        if (options.contains(Option.GATEWAY)) {
            objects.add(
                    Json.object(
                            """
                            {"apiVersion":"gateway.networking.k8s.io/v1","kind":"HTTPRoute",
                             "metadata":{"name":"web-route","namespace":"ns","uid":"r-1","generation":1,"annotations":{}},
                             "spec":{"parentRefs":[{"name":"gw"}],"rules":[{"backendRefs":[
                              {"name":"%s","port":80,"weight":%d},{"name":"%s","port":80,"weight":0}]}]}}\
                            """
                                    .formatted(
                                            services.get(1),
                                            options.contains(Option.FINE_WEIGHTS) ? 1000 : 100,
                                            services.get(2))));
        }
        return objects;
    }

    private static ObjectNode service(String name) {
        return Json.object(
                """
                {"apiVersion":"v1","kind":"Service",
                 "metadata":{"name":"%s","namespace":"ns","uid":"s-%s","annotations":{}},
                 "spec":{"selector":{"app":"demo"},"ports":[{"port":80}]}}\
                """
                        .formatted(name, name));
    }

    private static Map<String, Entry> entries(Set<Option> options) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        if (options.contains(Option.NGINX)) {
            entries.put("nginx", new Entry.Nginx(STABLE_INGRESS, CANARY_INGRESS));
        }
        if (options.contains(Option.GATEWAY)) {
            entries.put("gateway", new Entry.Gateway(ROUTE));
        }
        if (entries.isEmpty()) {
            boolean whole = options.contains(Option.BLUE_GREEN);
            entries.put("nodes", new Entry.Whole(whole ? "stable" : "main"));
        }
        return entries;
    }

    private static Map<TemplateRef, JsonNode> templates(Set<Option> options) {
        boolean measured =
                options.contains(Option.BACKGROUND)
                        || options.contains(Option.ANALYSIS_STEP)
                        || options.contains(Option.EXPERIMENT_JUDGED)
                        || options.contains(Option.PRE_POST);
        return measured
                ? Map.of(
                        new TemplateRef("check", false),
                        Json.object(
                                """
                                {"metrics":[{"name":"errors","count":1,"successCondition":"result < 1",
                                 "provider":{"prometheus":{"address":"http://prometheus","query":"errors"}}}]}\
                                """))
                : Map.of();
    }

    private static Map<String, ObjectNode> edits(Set<Option> options) {
        Map<String, ObjectNode> edits = new LinkedHashMap<>();
        boolean bg = options.contains(Option.BLUE_GREEN);
        if (options.contains(Option.SWITCHES_STRATEGY)) {
            edits.put("strategy-canary", replacing(strategy(options, false, true, 0)));
            edits.put("strategy-bluegreen", replacing(strategy(options, true, true, 0)));
        }
        if (options.contains(Option.TOGGLES_ROUTER)) {
            edits.put("router-off", replacing(strategy(options, bg, false, 0)));
            edits.put("router-on", replacing(strategy(options, bg, true, 0)));
        }
        if (options.contains(Option.EDITS_STEPS)) {
            edits.put("steps-a", replacing(strategy(options, bg, true, 0)));
            edits.put("steps-b", replacing(strategy(options, bg, true, 1)));
        }
        return edits;
    }

    /// A merge patch that replaces the whole block.
    private static ObjectNode replacing(ObjectNode strategy) {
        ObjectNode patch = Json.object("{\"spec\":{}}");
        ObjectNode block = patch.withObjectProperty("spec").putObject("strategy");
        block.putNull("canary").putNull("blueGreen");
        strategy.properties().forEach(e -> block.set(e.getKey(), e.getValue()));
        return patch;
    }
}
