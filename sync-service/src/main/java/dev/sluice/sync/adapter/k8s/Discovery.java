package dev.sluice.sync.adapter.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.sync.core.JsonTrees;
import dev.sluice.sync.core.ObjectKey;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Which resource a kind is: asked per group and version when needed, believed for a while, asked
/// anew when a kind is missing.
@ApplicationScoped
public class Discovery {
    record Resource(String group, String version, String kind, String plural, boolean namespaced) {
        String apiVersion() {
            return group.isEmpty() ? version : group + "/" + version;
        }

        String collection(String namespace) {
            String root = group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
            return root
                    + (namespaced && !namespace.isEmpty() ? "/namespaces/" + namespace : "")
                    + "/"
                    + plural;
        }

        String path(ObjectKey key) {
            return collection(key.namespace()) + "/" + key.name();
        }
    }

    private record Known(Map<String, Resource> kinds, Instant at) {}

    private static final Duration BELIEVED = Duration.ofMinutes(5);
    private static final Duration MISSING = Duration.ofSeconds(2);
    private final RawApi api;
    private final InstantSource clock;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    @Inject
    public Discovery(RawApi api, InstantSource clock) {
        this.api = api;
        this.clock = clock;
    }

    Optional<Resource> find(String group, String version, String kind) {
        String apiVersion = group.isEmpty() ? version : group + "/" + version;
        if (!apiVersion.matches("[A-Za-z0-9.-]+(/[A-Za-z0-9]+)?")) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        Known seen = known.get(apiVersion);
        boolean fresh =
                seen != null
                        && now.isBefore(
                                seen.at()
                                        .plus(seen.kinds().containsKey(kind) ? BELIEVED : MISSING));
        if (!fresh || seen == null) {
            seen = new Known(ask(group, version), now);
            known.put(apiVersion, seen);
        }
        return Optional.ofNullable(seen.kinds().get(kind));
    }

    private Map<String, Resource> ask(String group, String version) {
        RawApi.Answer answer =
                api.get(group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version);
        Map<String, Resource> kinds = new LinkedHashMap<>();
        if (answer.code() == 404) {
            return kinds;
        }
        if (!answer.isFine()) {
            throw new IllegalStateException(
                    "discovery of " + group + "/" + version + " failed: " + answer.reason());
        }
        for (JsonNode resource : JsonTrees.items(answer.body(), "resources")) {
            String name = JsonTrees.text(resource, "name");
            String kind = JsonTrees.text(resource, "kind");
            if (!name.contains("/")) {
                kinds.putIfAbsent(
                        kind,
                        new Resource(
                                group,
                                version,
                                kind,
                                name,
                                JsonTrees.flag(resource, "namespaced")));
            }
        }
        return kinds;
    }
}
