package dev.sluice.sync.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.sync.core.AppSpec;
import dev.sluice.sync.core.AppSpecParser;
import dev.sluice.sync.core.Comparer;
import dev.sluice.sync.core.Condition;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.KubeObject;
import dev.sluice.sync.core.ObjectKey;
import dev.sluice.sync.core.ProjectRules;
import dev.sluice.sync.core.Tracking;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Renders one revision and compares it with the cluster.
final class Observer {
    /// How hard to look at Git: believe nothing, believe the reference list, or stay at the given
    /// revision.
    enum Freshness {
        Force,
        Latest,
        Recent
    }

    private final Applications applications;
    private final Repositories repositories;
    private final ClusterObjects objects;
    private final Ignoring ignoring;
    private final String controlPlane;

    Observer(
            Applications applications,
            Repositories repositories,
            ClusterObjects objects,
            Ignoring ignoring,
            String controlPlane) {
        this.applications = applications;
        this.repositories = repositories;
        this.objects = objects;
        this.ignoring = ignoring;
        this.controlPlane = controlPlane;
    }

    String instance(ObjectNode app) {
        return Tracking.instance(
                controlPlane,
                JsonTrees.text(app, "metadata", "namespace"),
                JsonTrees.text(app, "metadata", "name"));
    }

    /// The spec and project, or what is wrong with them.
    sealed interface Checked {
        record Fine(AppSpec spec, ProjectRules project) implements Checked {}

        record Wrong(List<Condition> conditions) implements Checked {}
    }

    Checked check(ObjectNode app) {
        AppSpec spec;
        switch (AppSpecParser.parse(app.path("spec"))) {
            case AppSpecParser.Parsed.Valid valid -> spec = valid.spec();
            case AppSpecParser.Parsed.Invalid invalid -> {
                return wrong(Condition.Type.InvalidSpecError, invalid.message());
            }
        }
        Optional<JsonNode> project = applications.project(spec.project());
        if (project.isEmpty() && !spec.project().equals("default")) {
            return wrong(
                    Condition.Type.InvalidSpecError,
                    "Application referencing project " + spec.project() + " which does not exist");
        }
        ProjectRules rules =
                project.map(p -> ProjectRules.of(spec.project(), p.path("spec")))
                        .orElseGet(() -> ProjectRules.permissive(spec.project()));
        List<String> problems = rules.problems(spec);
        if (!problems.isEmpty()) {
            return wrong(Condition.Type.InvalidSpecError, String.join("; ", problems));
        }
        List<String> unusable = ignoring.problems(spec.ignoreDifferences());
        return unusable.isEmpty()
                ? new Checked.Fine(spec, rules)
                : wrong(Condition.Type.ComparisonError, String.join("; ", unusable));
    }

    private static Checked wrong(Condition.Type type, String message) {
        return new Checked.Wrong(List.of(new Condition(type, message)));
    }

    Observation observe(
            ObjectNode app,
            Checked.Fine checked,
            AppSpec.Source source,
            String target,
            Freshness freshness,
            boolean hard) {
        String revision;
        switch (repositories.resolve(source.repoUrl(), target, freshness == Freshness.Force)) {
            case Repositories.Resolved.At at -> revision = at.commit();
            case Repositories.Resolved.Failed failed -> {
                return blind("Failed to load target state: " + failed.message());
            }
        }
        Repositories.Rendered.Complete rendered;
        switch (repositories.render(source, revision, hard)) {
            case Repositories.Rendered.Complete complete -> rendered = complete;
            case Repositories.Rendered.Failed failed -> {
                return blind(
                        "Failed to load target state: failed to generate manifest for source 1 of"
                                + " 1: "
                                + failed.message());
            }
        }
        String instance = instance(app);
        List<KubeObject> targets = new ArrayList<>();
        for (KubeObject manifest : rendered.manifests()) {
            Optional<String> problem = place(manifest, checked.spec());
            if (problem.isPresent()) {
                return new Observation.Blind(
                        List.of(new Condition(Condition.Type.InvalidSpecError, problem.get())));
            }
            Tracking.stamp(instance, manifest);
            targets.add(manifest);
        }
        Map<ObjectKey, KubeObject> live = live(app, targets, checked);
        Comparer.Comparison comparison =
                Comparer.compare(instance, targets, live, reading(checked.spec()));
        List<Condition> errors =
                comparison.conditions().stream()
                        .filter(c -> c.type() == Condition.Type.ComparisonError)
                        .toList();
        if (!errors.isEmpty()) {
            return new Observation.Blind(errors);
        }
        return new Observation.Seen(
                checked.spec(),
                checked.project(),
                source,
                revision,
                rendered.sourceType(),
                comparison,
                live);
    }

    private static Observation blind(String message) {
        return new Observation.Blind(
                List.of(new Condition(Condition.Type.ComparisonError, message)));
    }

    /// Gives a manifest its namespace; the reason when it can't have one.
    private Optional<String> place(KubeObject manifest, AppSpec spec) {
        boolean namespaced =
                objects.namespaced(manifest.apiVersion(), manifest.kind()).orElse(true);
        if (!namespaced) {
            manifest.setNamespace("");
        } else if (manifest.namespace().isEmpty()) {
            if (spec.destination().namespace().isEmpty()) {
                return Optional.of(
                        "Namespace for "
                                + manifest.name()
                                + " "
                                + manifest.apiVersion()
                                + ", Kind="
                                + manifest.kind()
                                + " is missing: set it in the manifest or in"
                                + " spec.destination.namespace");
            }
            manifest.setNamespace(spec.destination().namespace());
        }
        return Optional.empty();
    }

    /// Fresh reads of the targets and of everything that was managed or touched before.
    private Map<ObjectKey, KubeObject> live(
            ObjectNode app, List<KubeObject> targets, Checked.Fine checked) {
        Map<ObjectKey, ClusterObjects.Wanted> wanted = new LinkedHashMap<>();
        for (String[] list :
                new String[][] {
                    {"status", "resources"}, {"status", "operationState", "syncResult", "resources"}
                }) {
            for (JsonNode resource : JsonTrees.items(app, list)) {
                ObjectKey key = key(resource);
                wanted.put(
                        key, new ClusterObjects.Wanted(key, JsonTrees.text(resource, "version")));
            }
        }
        for (KubeObject target : targets) {
            if (!target.name().isEmpty()) {
                wanted.put(target.key(), new ClusterObjects.Wanted(target.key(), target.version()));
            }
        }
        objects.watch(
                new AppKey(
                        JsonTrees.text(app, "metadata", "namespace"),
                        JsonTrees.text(app, "metadata", "name")),
                List.copyOf(wanted.values()));
        Map<ObjectKey, KubeObject> live = objects.read(wanted.values());
        live.keySet()
                .removeIf(
                        key ->
                                checked.project()
                                        .refuse(
                                                key,
                                                !key.namespace().isEmpty(),
                                                checked.spec().destination())
                                        .isPresent());
        return live;
    }

    static ObjectKey key(JsonNode resource) {
        return new ObjectKey(
                JsonTrees.text(resource, "group"),
                JsonTrees.text(resource, "kind"),
                JsonTrees.text(resource, "namespace"),
                JsonTrees.text(resource, "name"));
    }

    private Comparer.Reading reading(AppSpec spec) {
        return new Comparer.Reading() {
            @Override
            public void removeIgnored(ObjectKey key, ObjectNode object) {
                for (AppSpec.IgnoreRule rule : spec.ignoreDifferences()) {
                    if (rule.concerns(key)) {
                        rule.jsonPointers().forEach(pointer -> JsonTrees.remove(object, pointer));
                        rule.jqPaths()
                                .forEach(expression -> ignoring.removeByJq(expression, object));
                    }
                }
            }

            @Override
            public Optional<ObjectNode> lastApplied(KubeObject live) {
                return live.annotation(KubeObject.LAST_APPLIED).flatMap(ignoring::parseObject);
            }
        };
    }
}
