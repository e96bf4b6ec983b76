package dev.sluice.analysis.adapter.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.analysis.app.MetricProvider;
import dev.sluice.analysis.core.AnalysisRun;
import dev.sluice.analysis.core.Metric;
import dev.sluice.analysis.core.Reading;
import dev.sluice.analysis.core.expr.GoNumbers;
import dev.sluice.analysis.core.expr.JsonValues;
import dev.sluice.analysis.core.expr.Value;
import dev.sluice.analysis.core.jsonpath.JsonPath;
import dev.sluice.analysis.core.jsonpath.JsonPathException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Metrics from any HTTP endpoint that answers with JSON or text.
final class WebProvider implements MetricProvider {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
    private static final int DEFAULT_TIMEOUT_SECONDS = 10;
    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT");

    private final Fetcher fetcher;
    private final Authentication authentication;

    WebProvider(Fetcher fetcher) {
        this.fetcher = fetcher;
        this.authentication = new Authentication(fetcher);
    }

    @Override
    public String type() {
        return "web";
    }

    @Override
    public Reading measure(AnalysisRun run, Metric metric, int number, Instant now) {
        try {
            JsonPath path = JsonPath.parse(path(metric.settings()));
            Fetcher.Answer answer = fetcher.fetch(call(metric.settings()));
            if (!answer.isSuccess()) {
                return new Reading.Broken("received non 2xx response code: " + answer.status());
            }
            return reading(answer.body(), path);
        } catch (FetchException | JsonPathException e) {
            return new Reading.Broken(String.valueOf(e.getMessage()));
        }
    }

    private static String path(JsonNode settings) {
        String path = settings.path("jsonPath").asText("");
        return path.isEmpty() ? "{$}" : path;
    }

    private Fetcher.Call call(JsonNode settings) {
        String method = settings.path("method").asText("GET").toUpperCase(Locale.ROOT);
        String text = settings.path("body").asText("");
        JsonNode json = settings.path("jsonBody");
        boolean hasJson = !json.isMissingNode() && !json.isNull();
        if (!METHODS.contains(method)) {
            throw new FetchException("method must be GET, POST or PUT, not '" + method + "'");
        }
        if (!text.isEmpty() && hasJson) {
            throw new FetchException("use either body or jsonBody; both cannot be set");
        }
        if (method.equals("GET") && (!text.isEmpty() || hasJson)) {
            throw new FetchException("body and jsonBody can only be used with method POST or PUT");
        }
        long seconds = settings.path("timeoutSeconds").asLong(DEFAULT_TIMEOUT_SECONDS);
        Duration timeout = Duration.ofSeconds(seconds > 0 ? seconds : DEFAULT_TIMEOUT_SECONDS);
        Map<String, String> headers = authentication.headers(settings, timeout);
        if (hasJson) {
            headers.put("Content-Type", "application/json");
        }
        Optional<String> body =
                hasJson
                        ? Optional.of(json.toString())
                        : text.isEmpty() ? Optional.empty() : Optional.of(text);
        return new Fetcher.Call(
                method,
                Authentication.address(settings.path("url").asText("")),
                headers,
                body,
                timeout,
                settings.path("insecure").asBoolean(false));
    }

    private static Reading reading(String body, JsonPath path) {
        JsonNode document;
        try {
            document = JSON.readTree(body);
        } catch (JsonProcessingException _) {
            return new Reading.Result(Value.of(body), body, Map.of());
        }
        if (document.isMissingNode()) {
            return new Reading.Result(Value.of(body), body, Map.of());
        }
        return path.first(document)
                .<Reading>map(
                        found -> new Reading.Result(JsonValues.of(found), shown(found), Map.of()))
                .orElseGet(() -> new Reading.Broken("result of web metric produced no value"));
    }

    /// As the original's JSON encoder writes it: sorted keys, numbers without a needless fraction.
    static String shown(JsonNode node) {
        return switch (node.getNodeType()) {
            case NUMBER -> GoNumbers.json(node.doubleValue());
            case ARRAY ->
                    node.valueStream()
                            .map(WebProvider::shown)
                            .collect(Collectors.joining(",", "[", "]"));
            case OBJECT -> {
                Map<String, JsonNode> sorted = new TreeMap<>();
                node.properties().forEach(field -> sorted.put(field.getKey(), field.getValue()));
                yield sorted.entrySet().stream()
                        .map(
                                field ->
                                        JSON.getNodeFactory().textNode(field.getKey())
                                                + ":"
                                                + shown(field.getValue()))
                        .collect(Collectors.joining(",", "{", "}"));
            }
            case BINARY, BOOLEAN, MISSING, NULL, POJO, STRING -> node.toString();
        };
    }
}
