package dev.sluice.rollout.core;

import static dev.sluice.rollout.core.Trees.json;
import static dev.sluice.rollout.core.Trees.merge;
import static dev.sluice.rollout.core.Trees.strings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.AnalysisSpec.TemplateRef;
import dev.sluice.rollout.core.Observation.AnalysisRunView;
import dev.sluice.rollout.core.Observation.ExperimentView;
import dev.sluice.rollout.core.Observation.PodView;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.Observation.ServiceView;
import dev.sluice.rollout.core.policy.Freeze;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// A cluster in memory: carries out decisions, makes pods available on request, and plays
/// router-service.
final class World {
    final ObjectNode rollout;
    final Map<String, Pods> sets = new LinkedHashMap<>();
    final Map<String, ServiceView> services = new TreeMap<>();
    final Map<String, AnalysisRunView> runs = new LinkedHashMap<>();
    final Map<String, ExperimentView> experiments = new LinkedHashMap<>();
    final Map<TemplateRef, JsonNode> templates = new TreeMap<>();
    final Map<String, JsonNode> ingresses = new TreeMap<>();
    Optional<ObjectNode> workload = Optional.empty();
    final List<PodView> pods = new ArrayList<>();
    final List<Command.RelabelPods> relabeled = new ArrayList<>();
    final List<String> evicted = new ArrayList<>();
    final List<String> events = new ArrayList<>();
    final List<String> scales = new ArrayList<>();
    Instant now = Instant.parse("2026-03-01T10:00:00Z");
    int drainSeconds;
    Optional<Freeze> freeze = Optional.empty();
    final Watch watch = new Watch(this);
    private long version = 1;
    private long routed;

    /// A ReplicaSet and its pods.
    static final class Pods {
        final ObjectNode json;
        final Instant creation;
        long version;
        int available;
        boolean broken;

        Pods(ObjectNode json, Instant creation) {
            this.json = json;
            this.creation = creation;
        }

        int replicas() {
            return json.path("spec").path("replicas").asInt();
        }

        String hash() {
            return json.path("metadata").path("labels").path(Names.HASH).asText();
        }

        Map<String, String> strings(String field) {
            return Trees.strings(json.path("metadata").path(field));
        }
    }

    World(String spec) {
        rollout =
                (ObjectNode)
                        json(
                                """
                                {"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout",
                                 "metadata":{"name":"demo","namespace":"ns","uid":"u-1","generation":1,"resourceVersion":"1",
                                   "annotations":{}},
                                 "spec":{"selector":{"matchLabels":{"app":"demo"}},
                                  "template":{"metadata":{"labels":{"app":"demo"}},
                                   "spec":{"containers":[{"name":"c","image":"demo:1"}]}}},
                                 "status":{}}\
                                """);
        ((ObjectNode) rollout.path("spec")).setAll((ObjectNode) json(spec));
    }

    World service(String name) {
        services.put(name, new ServiceView(name, Map.of("app", "demo"), Map.of()));
        return this;
    }

    void image(String image) {
        ((ObjectNode) rollout.at("/spec/template/spec/containers/0")).put("image", image);
        bump();
    }

    void bump() {
        ((ObjectNode) rollout.path("metadata"))
                .put("generation", rollout.at("/metadata/generation").asLong() + 1);
    }

    void status(String mergePatch) {
        merge((ObjectNode) rollout.path("status"), json(mergePatch));
    }

    void spec(String mergePatch) {
        merge((ObjectNode) rollout.path("spec"), json(mergePatch));
        bump();
    }

    void apply(Decision decision) {
        decision.statusPatch().ifPresent(p -> merge(rollout, p));
    }

    RolloutStatus status() {
        return observe().rollout().status();
    }

    Observation observe() {
        return switch (RolloutParser.parse(rollout, workload.map(JsonNode.class::cast))) {
            case ParseResult.Valid(Rollout valid) ->
                    new Observation(
                            valid,
                            sets.values().stream().map(World::view).toList(),
                            referenced(valid),
                            List.copyOf(runs.values()),
                            templates,
                            ingresses,
                            pods,
                            List.copyOf(experiments.values()),
                            workload.map(JsonNode.class::cast),
                            freeze,
                            Set.of());
            case ParseResult.Invalid invalid -> throw new AssertionError(invalid.error());
        };
    }

    /// Only what the spec and the plan name is looked at.
    private Map<String, ServiceView> referenced(Rollout valid) {
        Map<String, ServiceView> found = new TreeMap<>(services);
        found.keySet().retainAll(References.services(valid));
        return found;
    }

    private static ReplicaSetView view(Pods p) {
        return new ReplicaSetView(
                p.json.at("/metadata/name").asText(),
                "uid-" + p.hash(),
                Long.toString(p.version),
                true,
                false,
                p.creation,
                p.strings("labels"),
                p.strings("annotations"),
                p.json.at("/spec/template"),
                p.json.at("/spec/minReadySeconds").asInt(),
                p.replicas(),
                p.replicas(),
                p.available,
                p.available,
                true,
                Optional.empty());
    }

    Decision decide() {
        return RolloutDecider.decide(observe(), now);
    }

    /// Carries out one decision; false when there was nothing to do.
    boolean step() {
        Decision d = decide();
        d.before().forEach(this::execute);
        Optional<TrafficPlan> before = status().trafficPlan();
        d.statusPatch().ifPresent(p -> merge(rollout, p));
        watch.planned(before, status().trafficPlan());
        d.notices().forEach(n -> events.add(n.reason()));
        d.after().forEach(this::execute);
        return !d.isQuiet();
    }

    private void execute(Command command) {
        command.notices().forEach(n -> events.add(n.reason()));
        switch (command) {
            case Command.CreateReplicaSet(ObjectNode manifest, _) ->
                    sets.putIfAbsent(
                            manifest.at("/metadata/name").asText(),
                            new Pods(manifest.deepCopy(), now));
            case Command.ScaleReplicaSet s -> {
                Pods pods = sets.get(s.name());
                if (pods == null || !s.resourceVersion().equals(Long.toString(pods.version))) {
                    throw new AssertionError("conflicting commands for " + s.name());
                }
                pods.version = ++version;
                watch.scaled(pods, s.to());
                ((ObjectNode) pods.json.path("spec")).put("replicas", s.to());
                pods.available = Math.min(pods.available, s.to());
                annotate(pods, s.annotations());
                s.template().ifPresent(t -> merge(pods.json.withObject("/spec/template"), t));
                scales.add(counts());
            }
            case Command.AnnotateReplicaSet a when annotatesExperiment(a) -> {}
            case Command.AnnotateReplicaSet a -> {
                Pods pods = sets.get(a.name());
                if (pods == null || !a.resourceVersion().equals(Long.toString(pods.version))) {
                    throw new AssertionError("conflicting commands for " + a.name());
                }
                pods.version = ++version;
                annotate(pods, a.annotations());
                a.template().ifPresent(t -> merge(pods.json.withObject("/spec/template"), t));
            }
            case Command.DeleteReplicaSet d -> sets.remove(d.name());
            case Command.CreateAnalysisRun(ObjectNode m) ->
                    runs.putIfAbsent(m.at("/metadata/name").asText(), run(m, "Running", ""));
            case Command.TerminateAnalysisRun t -> finish(t.name(), "Successful", "");
            case Command.DeleteAnalysisRun d -> runs.remove(d.name());
            case Command.AnnotateRollout(String key, String value, _) ->
                    ((ObjectNode) rollout.path("metadata").path("annotations")).put(key, value);
            case Command.DefaultReplicas(int n) -> {
                ((ObjectNode) rollout.path("spec")).put("replicas", n);
                bump();
            }
            case Command.CreateExperiment(ObjectNode m, _) ->
                    experiments.putIfAbsent(m.at("/metadata/name").asText(), experiment(m));
            case Command.TerminateExperiment t -> finishExperiment(t.name(), "Successful", "ended");
            case Command.DeleteExperiment d -> experiments.remove(d.name());
            case Command.UnannotateRollout(String key) ->
                    ((ObjectNode) rollout.path("metadata").path("annotations")).remove(key);
            case Command.ScaleWorkload s ->
                    workload.orElseThrow().withObject("/spec").put("replicas", s.to());
            case Command.RelabelPods r -> relabeled.add(r);
            case Command.EvictPod e -> evicted.add(e.name());
            case Command.AdoptReplicaSet _ -> {}
        }
    }

    private static void annotate(Pods pods, Map<String, Optional<String>> changes) {
        Trees.annotate((ObjectNode) pods.json.path("metadata").path("annotations"), changes);
    }

    private AnalysisRunView run(ObjectNode m, String phase, String message) {
        String name = m.at("/metadata/name").asText();
        return new AnalysisRunView(
                name,
                "uid-" + name,
                "1",
                strings(m.at("/metadata/labels")),
                m.path("spec"),
                phase,
                message,
                now,
                false);
    }

    void finish(String name, String phase, String message) {
        AnalysisRunView r = runs.get(name);
        if (r == null) {
            throw new AssertionError("no run " + name + " in " + runs.keySet());
        }
        runs.put(
                name,
                new AnalysisRunView(
                        r.name(),
                        r.uid(),
                        "2",
                        r.labels(),
                        r.spec(),
                        phase,
                        message,
                        r.creation(),
                        false));
    }

    private ExperimentView experiment(ObjectNode m) {
        String name = m.at("/metadata/name").asText();
        return new ExperimentView(
                name,
                "uid-" + name,
                true,
                strings(m.at("/metadata/labels")),
                m.path("spec"),
                json("{}"),
                now,
                false,
                List.of());
    }

    ExperimentView experiment(String name) {
        ExperimentView found = experiments.get(name);
        if (found == null) {
            throw new AssertionError("no experiment " + name + " in " + experiments.keySet());
        }
        return found;
    }

    /// The experiment now has this status, and these ReplicaSets.
    void experiment(String name, String status, ReplicaSetView... sets) {
        ExperimentView e = experiment(name);
        experiments.put(
                name,
                new ExperimentView(
                        e.name(),
                        e.uid(),
                        e.owned(),
                        e.labels(),
                        e.spec(),
                        json(status),
                        e.creation(),
                        e.deleting(),
                        List.of(sets)));
    }

    void finishExperiment(String name, String phase, String message) {
        experiment(
                name,
                "{\"phase\":\"" + phase + "\",\"message\":\"" + message + "\"}",
                experiment(name).replicaSets().toArray(ReplicaSetView[]::new));
    }

    private boolean annotatesExperiment(Command.AnnotateReplicaSet a) {
        for (ExperimentView e : List.copyOf(experiments.values())) {
            if (e.replicaSets().stream().anyMatch(rs -> rs.name().equals(a.name()))) {
                experiment(
                        e.name(),
                        e.status().toString(),
                        e.replicaSets().stream()
                                .map(
                                        rs ->
                                                rs.name().equals(a.name())
                                                        ? annotated(rs, a.annotations())
                                                        : rs)
                                .toArray(ReplicaSetView[]::new));
                return true;
            }
        }
        return false;
    }

    private static ReplicaSetView annotated(
            ReplicaSetView rs, Map<String, Optional<String>> changes) {
        Map<String, String> annotations = new TreeMap<>(rs.annotations());
        changes.forEach(
                (k, v) ->
                        v.ifPresentOrElse(x -> annotations.put(k, x), () -> annotations.remove(k)));
        return new ReplicaSetView(
                rs.name(),
                rs.uid(),
                rs.resourceVersion(),
                rs.owned(),
                rs.deleting(),
                rs.creation(),
                rs.labels(),
                annotations,
                rs.template(),
                rs.minReadySeconds(),
                rs.replicas(),
                rs.created(),
                rs.ready(),
                rs.available(),
                rs.generationObserved(),
                rs.failure());
    }

    void podsUp() {
        sets.values().stream().filter(p -> !p.broken).forEach(p -> p.available = p.replicas());
    }

    /// A person resumes.
    void resume() {
        status("{\"pauseConditions\":null}");
    }

    /// The canary's share in the plan.
    int canaryWeight() {
        return status().trafficPlan()
                .flatMap(TrafficPlan::weights)
                .map(TrafficPlan.Weights::canary)
                .orElse(0);
    }

    Pods pods(String hash) {
        return sets.values().stream().filter(p -> p.hash().equals(hash)).findFirst().orElseThrow();
    }

    /// The revision that a Service selects.
    String selected(String service) {
        ServiceView found = services.get(service);
        if (found == null) {
            throw new AssertionError("no Service " + service + " in " + services.keySet());
        }
        return found.hash();
    }

    AnalysisRunView runOf(String name) {
        AnalysisRunView found = runs.get(name);
        if (found == null) {
            throw new AssertionError("no run " + name + " in " + runs.keySet());
        }
        return found;
    }

    int available(String hash) {
        return sets.values().stream()
                .filter(p -> p.hash().equals(hash))
                .mapToInt(p -> p.available)
                .sum();
    }

    String describe() {
        StringBuilder text = new StringBuilder();
        sets.values()
                .forEach(
                        p ->
                                text.append(p.hash())
                                        .append('=')
                                        .append(p.replicas())
                                        .append('/')
                                        .append(p.available)
                                        .append(' ')
                                        .append(p.strings("annotations"))
                                        .append('\n'));
        services.values()
                .forEach(s -> text.append(s.name()).append("->").append(s.hash()).append('\n'));
        return text.append(rollout.path("status")).toString();
    }

    private String counts() {
        String stable = rollout.at("/status/stableRS").asText();
        String fresh = rollout.at("/status/currentPodHash").asText();
        int s = stable.equals(fresh) ? 0 : sizeOf(stable);
        return "(" + sizeOf(fresh) + "," + s + ")";
    }

    int sizeOf(String hash) {
        return sets.values().stream()
                .filter(p -> p.hash().equals(hash))
                .mapToInt(Pods::replicas)
                .sum();
    }

    /// router-service: carries the plan out if capacity allows, and gives evidence.
    boolean route() {
        TrafficPlan plan = status().trafficPlan().orElse(null);
        if (plan == null || plan.id() <= routed) {
            return false;
        }
        int n = rollout.at("/spec/replicas").asInt();
        boolean fits =
                plan.shares().stream()
                        .filter(s -> isOwn(s.podTemplateHash()))
                        .allMatch(
                                s ->
                                        available(s.podTemplateHash())
                                                >= TrafficPlan.need(
                                                        s.weight(), plan.maxWeight(), n));
        if (!fits) {
            return false;
        }
        routed = plan.id();
        watch.applied(plan);
        plan.services()
                .forEach(
                        s -> {
                            ServiceView old = services.get(s.name());
                            Map<String, String> selector =
                                    new TreeMap<>(old == null ? Map.of() : old.selector());
                            selector.put(Names.HASH, s.podTemplateHash());
                            Map<String, String> annotations =
                                    new TreeMap<>(old == null ? Map.of() : old.annotations());
                            annotations.put(Names.MANAGED_BY, "demo");
                            services.put(
                                    s.name(), new ServiceView(s.name(), selector, annotations));
                        });
        ObjectNode evidence =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("rollout", "u-1")
                        .put("plan", plan.id())
                        .put("level", "DataPlane")
                        .put("at", now.toString())
                        .put("settlesAt", now.plusSeconds(drainSeconds).toString())
                        .put("partial", false);
        plan.weights().ifPresent(w -> weights(evidence.putObject("weights"), w));
        plan.services()
                .forEach(
                        s ->
                                evidence.withArray("services")
                                        .addObject()
                                        .put("name", s.name())
                                        .put("podTemplateHash", s.podTemplateHash()));
        ServiceView anchor = services.get(plan.anchor());
        if (anchor != null) {
            Map<String, String> annotations = new TreeMap<>(anchor.annotations());
            annotations.put(Names.TRAFFIC_EVIDENCE, evidence.toString());
            services.put(
                    anchor.name(), new ServiceView(anchor.name(), anchor.selector(), annotations));
        }
        return true;
    }

    private boolean isOwn(String hash) {
        return sets.values().stream().anyMatch(p -> p.hash().equals(hash));
    }

    private static void weights(ObjectNode json, TrafficPlan.Weights weights) {
        json.put("canary", weights.canary()).put("stable", weights.stable());
        for (TrafficPlan.Destination d : weights.additional()) {
            json.withArray("additional")
                    .addObject()
                    .put("serviceName", d.serviceName())
                    .put("podTemplateHash", d.podTemplateHash())
                    .put("weight", d.weight());
        }
    }

    /// Runs until nothing happens any more, with every pod available and every plan carried out
    /// at once.
    void settle() {
        for (int i = 0; i < 200; i++) {
            boolean moved = step();
            podsUp();
            moved |= route();
            if (!moved && !step()) {
                return;
            }
        }
        throw new AssertionError("does not settle: " + rollout.path("status"));
    }

    /// Leaves the cluster as the original controller would have left it.
    void forgetUs() {
        List.of("trafficPlan", "release", "why")
                .forEach(((ObjectNode) rollout.path("status"))::remove);
        sets.values()
                .forEach(
                        p ->
                                annotate(
                                        p,
                                        Map.of(
                                                Names.KEEP,
                                                Optional.empty(),
                                                Names.KEEP_PLAN,
                                                Optional.empty())));
        services.replaceAll(
                (name, s) -> new ServiceView(name, s.selector(), Map.of(Names.MANAGED_BY, "demo")));
        routed = 0;
    }

    /// Lets a Service select another revision without anybody of us having planned it.
    void point(String service, String hash) {
        ServiceView old = services.get(service);
        Map<String, String> selector = new TreeMap<>(old == null ? Map.of() : old.selector());
        selector.put(Names.HASH, hash);
        services.put(
                service,
                new ServiceView(service, selector, old == null ? Map.of() : old.annotations()));
    }

    void later(int seconds) {
        now = now.plusSeconds(seconds);
    }
}
