package dev.sluice.sync.core;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.sync.core.AppSpec.Automation;
import dev.sluice.sync.core.AppSpec.Destination;
import dev.sluice.sync.core.AppSpec.Directory;
import dev.sluice.sync.core.AppSpec.IgnoreRule;
import dev.sluice.sync.core.AppSpec.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Parses `spec`; every problem is found and named, none throws.
public final class AppSpecParser {
    /// A spec that can be worked with, or what is wrong with it.
    public sealed interface Parsed {
        record Valid(AppSpec spec) implements Parsed {}

        record Invalid(List<String> problems) implements Parsed {
            public Invalid {
                problems = List.copyOf(problems);
            }

            public String message() {
                return String.join("; ", problems);
            }
        }
    }

    private final List<String> problems = new ArrayList<>();

    private AppSpecParser() {}

    public static Parsed parse(JsonNode spec) {
        AppSpecParser parser = new AppSpecParser();
        AppSpec parsed = parser.spec(spec);
        return parser.problems.isEmpty()
                ? new Parsed.Valid(parsed)
                : new Parsed.Invalid(parser.problems);
    }

    private AppSpec spec(JsonNode spec) {
        String project = JsonTrees.text(spec, "project");
        JsonNode policy = spec.path("syncPolicy");
        return new AppSpec(
                project.isEmpty() ? "default" : project,
                source(spec),
                destination(spec.path("destination")),
                automation(policy.path("automated")),
                JsonTrees.texts(policy, "syncOptions"),
                retry(policy.path("retry"), "spec.syncPolicy.retry"),
                ignoreRules(spec),
                Math.clamp(JsonTrees.numberOr(10, spec, "revisionHistoryLimit"), 0, 1000));
    }

    private Source source(JsonNode spec) {
        List<JsonNode> sources = JsonTrees.items(spec, "sources");
        if (sources.size() > 1) {
            problems.add("spec.sources: more than one source is not supported");
        }
        if (!spec.path("sourceHydrator").isMissingNode()) {
            problems.add("spec.sourceHydrator: is not supported");
        }
        return sourceOf(
                sources.isEmpty() ? spec.path("source") : sources.getFirst(),
                sources.isEmpty() ? "spec.source" : "spec.sources[0]");
    }

    /// A source on its own, as an operation may carry one.
    public static Optional<Source> parseSource(JsonNode source) {
        AppSpecParser parser = new AppSpecParser();
        Source parsed = parser.sourceOf(source, "operation.sync.source");
        return parser.problems.isEmpty() ? Optional.of(parsed) : Optional.empty();
    }

    private Source sourceOf(JsonNode source, String field) {
        String url = JsonTrees.text(source, "repoURL").strip();
        String path = JsonTrees.text(source, "path");
        if (url.isEmpty()) {
            problems.add(field + ".repoURL: is required");
        } else if (!url.matches("(?i)https?://.+")) {
            problems.add(
                    field
                            + ".repoURL: '"
                            + RepoUrl.shown(url)
                            + "' is not an http or https address; other transports are not"
                            + " supported");
        }
        if (!JsonTrees.text(source, "chart").isEmpty() || source.has("helm")) {
            problems.add(field + ": Helm sources are not supported");
        } else if (source.has("plugin")) {
            problems.add(field + ".plugin: config management plugins are not supported");
        } else if (path.isEmpty()) {
            problems.add(field + ".path: either path or chart is required");
        }
        if (source.path("kustomize").isObject() && source.path("directory").isObject()) {
            problems.add(field + ": multiple application sources defined: kustomize, directory");
        }
        JsonNode directory = source.path("directory");
        if (directory.has("jsonnet") && !directory.path("jsonnet").isEmpty()) {
            problems.add(field + ".directory.jsonnet: Jsonnet is not supported");
        }
        return new Source(
                url,
                path,
                JsonTrees.text(source, "targetRevision"),
                source.path("kustomize").isObject()
                        ? Optional.of(source.path("kustomize"))
                        : Optional.empty(),
                new Directory(
                        directory.isObject(),
                        JsonTrees.flag(directory, "recurse"),
                        JsonTrees.text(directory, "include"),
                        JsonTrees.text(directory, "exclude")),
                source);
    }

    private Destination destination(JsonNode destination) {
        String server = JsonTrees.text(destination, "server").replaceAll("/+$", "");
        String name = JsonTrees.text(destination, "name");
        if (!server.isEmpty() && !name.isEmpty()) {
            problems.add(
                    "spec.destination: can't have both name and server defined: "
                            + name
                            + " "
                            + server);
        } else if (server.isEmpty() && name.isEmpty()) {
            problems.add("spec.destination: destination server missing from app spec");
        } else if (!server.isEmpty() && !server.equals(Destination.IN_CLUSTER)) {
            problems.add(
                    "spec.destination.server: cluster '"
                            + server
                            + "' is not known; only "
                            + Destination.IN_CLUSTER
                            + " is supported");
        } else if (!name.isEmpty() && !name.equals("in-cluster")) {
            problems.add("spec.destination.name: there are no clusters with this name: " + name);
        }
        return new Destination(server, name, JsonTrees.text(destination, "namespace"));
    }

    private static Optional<Automation> automation(JsonNode automated) {
        if (!automated.isObject()
                || (automated.has("enabled") && !automated.path("enabled").asBoolean(true))) {
            return Optional.empty();
        }
        return Optional.of(
                new Automation(
                        JsonTrees.flag(automated, "prune"),
                        JsonTrees.flag(automated, "selfHeal"),
                        JsonTrees.flag(automated, "allowEmpty")));
    }

    private Optional<RetryPolicy> retry(JsonNode retry, String field) {
        if (!retry.isObject()) {
            return Optional.empty();
        }
        RetryPolicy.Parsed parsed = RetryPolicy.parse(retry);
        parsed.problems().forEach(problem -> problems.add(field + problem));
        return Optional.of(parsed.policy());
    }

    private List<IgnoreRule> ignoreRules(JsonNode spec) {
        List<IgnoreRule> rules = new ArrayList<>();
        for (JsonNode rule : JsonTrees.items(spec, "ignoreDifferences")) {
            String field = "spec.ignoreDifferences[" + rules.size() + "]";
            if (JsonTrees.text(rule, "kind").isEmpty()) {
                problems.add(field + ".kind: is required");
            }
            for (String pointer : JsonTrees.texts(rule, "jsonPointers")) {
                if (!pointer.startsWith("/")) {
                    problems.add(field + ".jsonPointers: '" + pointer + "' does not start with /");
                }
            }
            rules.add(
                    new IgnoreRule(
                            JsonTrees.text(rule, "group"),
                            JsonTrees.text(rule, "kind"),
                            JsonTrees.text(rule, "name"),
                            JsonTrees.text(rule, "namespace"),
                            JsonTrees.texts(rule, "jsonPointers"),
                            JsonTrees.texts(rule, "jqPathExpressions"),
                            JsonTrees.texts(rule, "managedFieldsManagers")));
        }
        return rules;
    }
}
