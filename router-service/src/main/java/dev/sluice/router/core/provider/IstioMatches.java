package dev.sluice.router.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.router.core.RouterConfig.Istio;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Conditions of Istio's routes. One entry of a list is enough for a request to match.
final class IstioMatches {

    private IstioMatches() {}

    static void headers(JsonNode items, ArrayNode match) {
        for (JsonNode item : items) {
            match.addObject()
                    .putObject("headers")
                    .set(item.path("headerName").asText(), item.path("headerValue").deepCopy());
        }
    }

    static void mirrored(JsonNode items, ArrayNode match) {
        for (JsonNode item : items) {
            ObjectNode entry = match.addObject();
            for (String field : List.of("method", "path")) {
                if (item.path(field).isObject() && !item.path(field).isEmpty()) {
                    entry.set(field.equals("path") ? "uri" : field, item.path(field).deepCopy());
                }
            }
            if (!item.path("headers").isEmpty()) {
                entry.set("headers", item.path("headers").deepCopy());
            }
        }
    }

    /// Whether a TLS route is for exactly this port and these server names, as far as they are
    /// given.
    static boolean matches(JsonNode route, Istio.TlsMatch wanted) {
        for (JsonNode match : route.path("match")) {
            boolean port = wanted.port().map(p -> match.path("port").asLong(-1) == p).orElse(true);
            Set<String> hosts = new TreeSet<>();
            match.path("sniHosts").forEach(h -> hosts.add(h.asText()));
            boolean names =
                    wanted.sniHosts().isEmpty() || hosts.equals(new TreeSet<>(wanted.sniHosts()));
            if (port && names) {
                return true;
            }
        }
        return false;
    }
}
