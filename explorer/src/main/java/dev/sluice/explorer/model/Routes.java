package dev.sluice.explorer.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.explorer.model.Proxy.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

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

    /// Gateway API: weights of the first rule, out of their sum; the rules after it match headers
    /// or send copies.
    static Config gateway(JsonNode route) {
        Map<String, Integer> shares = new TreeMap<>();
        Set<String> matched = new TreeSet<>();
        Set<String> mirrored = new TreeSet<>();
        int sum = 0;
        JsonNode rules = route.path("spec").path("rules");
        for (JsonNode backend : rules.path(0).path("backendRefs")) {
            int weight = backend.path("weight").asInt(1);
            shares.merge(backend.path("name").asText(), weight, Integer::sum);
            sum += weight;
        }
        for (int i = 1; i < rules.size(); i++) {
            List<JsonNode> copies = copies(rules.path(i));
            // a rule that sends copies divides its requests as the first one does (T9)
            Iterable<JsonNode> leadsTo =
                    copies.isEmpty() ? rules.path(i).path("backendRefs") : copies;
            Set<String> services = copies.isEmpty() ? matched : mirrored;
            leadsTo.forEach(backend -> services.add(backend.path("name").asText()));
        }
        return new Config(shares, sum, matched, mirrored);
    }

    private static List<JsonNode> copies(JsonNode rule) {
        List<JsonNode> copies = new ArrayList<>();
        for (JsonNode filter : rule.path("filters")) {
            if (filter.path("type").asText().equals("RequestMirror")) {
                copies.add(filter.path("requestMirror").path("backendRef"));
            }
        }
        return copies;
    }
}
