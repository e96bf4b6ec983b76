package dev.sluice.sync.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What an AppProject permits (specification of sync §1.9). The project `default` is permissive
/// when it does not exist.
public final class ProjectRules {
    private final String name;
    private final Optional<JsonNode> spec;

    private ProjectRules(String name, Optional<JsonNode> spec) {
        this.name = name;
        this.spec = spec;
    }

    public static ProjectRules permissive(String name) {
        return new ProjectRules(name, Optional.empty());
    }

    public static ProjectRules of(String name, JsonNode spec) {
        return new ProjectRules(name, Optional.of(spec));
    }

    /// Problems with the application as a whole.
    public List<String> problems(AppSpec app) {
        List<String> problems = new ArrayList<>();
        if (!permitsRepository(app.source().repoUrl())) {
            problems.add(
                    "application repo "
                            + RepoUrl.shown(app.source().repoUrl())
                            + " is not permitted in project '"
                            + name
                            + "'");
        }
        if (!permitsDestination(app.destination(), app.destination().namespace())) {
            problems.add(
                    "application destination server '"
                            + app.destination().effectiveServer()
                            + "' and namespace '"
                            + app.destination().namespace()
                            + "' do not match any of the allowed destinations in project '"
                            + name
                            + "'");
        }
        return problems;
    }

    boolean permitsRepository(String url) {
        if (spec.isEmpty()) {
            return true;
        }
        boolean allowed = false;
        for (String pattern : JsonTrees.texts(spec.get(), "sourceRepos")) {
            boolean denies = pattern.startsWith("!");
            String glob = denies ? pattern.substring(1) : pattern;
            boolean hit =
                    glob.equals("*")
                            || Glob.matches(RepoUrl.comparable(glob), RepoUrl.comparable(url), '/');
            if (hit && denies) {
                return false;
            }
            allowed |= hit;
        }
        return allowed;
    }

    public boolean permitsDestination(AppSpec.Destination destination, String namespace) {
        if (spec.isEmpty()) {
            return true;
        }
        boolean allowed = false;
        for (JsonNode entry : JsonTrees.items(spec.get(), "destinations")) {
            String server = JsonTrees.text(entry, "server");
            String cluster = JsonTrees.text(entry, "name");
            String space = JsonTrees.text(entry, "namespace");
            boolean denies =
                    server.startsWith("!") || cluster.startsWith("!") || space.startsWith("!");
            boolean place =
                    (!server.isEmpty()
                                    && Glob.matches(plain(server), destination.effectiveServer()))
                            || (!cluster.isEmpty() && Glob.matches(plain(cluster), "in-cluster"));
            boolean hit = place && Glob.matches(plain(space), namespace);
            if (hit && denies) {
                return false;
            }
            allowed |= hit;
        }
        return allowed;
    }

    private static String plain(String pattern) {
        return pattern.startsWith("!") ? pattern.substring(1) : pattern;
    }

    /// Empty when the object may be managed; else the reason.
    public Optional<String> refuse(
            ObjectKey key, boolean namespaced, AppSpec.Destination destination) {
        if (spec.isEmpty()) {
            return Optional.empty();
        }
        boolean kind =
                namespaced
                        ? (!spec.get().has("namespaceResourceWhitelist")
                                        || listed("namespaceResourceWhitelist", key))
                                && !listed("namespaceResourceBlacklist", key)
                        : listed("clusterResourceWhitelist", key)
                                && !listed("clusterResourceBlacklist", key);
        if (!kind) {
            return Optional.of(
                    "resource "
                            + key.group()
                            + ":"
                            + key.kind()
                            + " is not permitted in project "
                            + name);
        }
        return !namespaced || permitsDestination(destination, key.namespace())
                ? Optional.empty()
                : Optional.of(
                        "namespace "
                                + key.namespace()
                                + " is not permitted in project '"
                                + name
                                + "'");
    }

    /// The windows that concern an application.
    public SyncWindows windows(SyncWindows.Subject subject) {
        return SyncWindows.of(
                name,
                spec.map(json -> JsonTrees.items(json, "syncWindows")).orElse(List.of()),
                subject);
    }

    private boolean listed(String field, ObjectKey key) {
        return JsonTrees.items(spec.orElseThrow(), field).stream()
                .anyMatch(
                        entry ->
                                Glob.matches(JsonTrees.text(entry, "group"), key.group())
                                        && Glob.matches(JsonTrees.text(entry, "kind"), key.kind())
                                        && (JsonTrees.text(entry, "name").isEmpty()
                                                || Glob.matches(
                                                        JsonTrees.text(entry, "name"),
                                                        key.name())));
    }
}
