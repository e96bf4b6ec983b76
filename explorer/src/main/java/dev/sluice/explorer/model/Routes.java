package dev.sluice.explorer.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.explorer.model.Proxy.Config;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What a proxy makes of a routing object. Read from the object alone, as the real ones do.
final class Routes {
    private static final String NGINX = "nginx.ingress.kubernetes.io/";
    private static final int PERCENT = 100;

    private Routes() {}

    /// ingress-nginx: the canary Ingress takes its weight, the rest stays with the first one.
    static Config nginx(JsonNode stable, Optional<ObjectNode> canary) {
        String base = backend(stable);
        if (canary.isEmpty()) {
            return new Config(Map.of(base, PERCENT), PERCENT);
        }
        JsonNode annotations = canary.get().path("metadata").path("annotations");
        boolean on = annotations.path(NGINX + "canary").asText().equals("true");
        int whole = annotations.path(NGINX + "canary-weight-total").asInt(PERCENT);
        int weight = on ? annotations.path(NGINX + "canary-weight").asInt(0) : 0;
        Map<String, Integer> shares = new TreeMap<>();
        shares.merge(base, whole - weight, Integer::sum);
        shares.merge(backend(canary.get()), weight, Integer::sum);
        return new Config(shares, whole);
    }

    private static String backend(JsonNode ingress) {
        return ingress.path("spec")
                .path("rules")
                .path(0)
                .path("http")
                .path("paths")
                .path(0)
                .path("backend")
                .path("service")
                .path("name")
                .asText();
    }

    /// Gateway API: weights of the first rule, out of their sum.
    static Config gateway(JsonNode route) {
        Map<String, Integer> shares = new TreeMap<>();
        int sum = 0;
        JsonNode backends = route.path("spec").path("rules").path(0).path("backendRefs");
        for (JsonNode backend : backends) {
            int weight = backend.path("weight").asInt(1);
            shares.merge(backend.path("name").asText(), weight, Integer::sum);
            sum += weight;
        }
        return new Config(shares, sum);
    }
}
