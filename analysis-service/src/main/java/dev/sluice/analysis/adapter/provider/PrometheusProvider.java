package dev.sluice.analysis.adapter.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.analysis.app.MetricProvider;
import dev.sluice.analysis.core.AnalysisRun;
import dev.sluice.analysis.core.GoDuration;
import dev.sluice.analysis.core.Metric;
import dev.sluice.analysis.core.Reading;
import dev.sluice.analysis.core.expr.Environment;
import dev.sluice.analysis.core.expr.ExprException;
import dev.sluice.analysis.core.expr.Expression;
import dev.sluice.analysis.core.expr.GoNumbers;
import dev.sluice.analysis.core.expr.Value;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Instant and range queries over Prometheus' HTTP API.
final class PrometheusProvider implements MetricProvider {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int DEFAULT_TIMEOUT_SECONDS = 30;

    private final Fetcher fetcher;
    private final Authentication authentication;
    private final Optional<String> defaultAddress;

    PrometheusProvider(Fetcher fetcher, Optional<String> defaultAddress) {
        this.fetcher = fetcher;
        this.authentication = new Authentication(fetcher);
        this.defaultAddress = defaultAddress;
    }

    @Override
    public String type() {
        return "prometheus";
    }

    @Override
    public Map<String, String> metadata(Metric metric) {
        String query = metric.settings().path("query").asText("");
        return query.isEmpty() ? Map.of() : Map.of("ResolvedPrometheusQuery", query);
    }

    @Override
    public Reading measure(AnalysisRun run, Metric metric, int number, Instant now) {
        try {
            return reading(fetcher.fetch(call(metric.settings(), now)));
        } catch (FetchException e) {
            return new Reading.Broken(e.reason());
        }
    }

    private Fetcher.Call call(JsonNode settings, Instant now) {
        String address = settings.path("address").asText("");
        if (address.isEmpty()) {
            address =
                    defaultAddress.orElseThrow(
                            () -> new FetchException("prometheus address is not configured"));
        }
        long seconds = settings.path("timeout").asLong(0);
        if (seconds < 0) {
            throw new FetchException("prometheus timeout should not be negative: " + seconds);
        }
        if (settings.path("authentication").path("sigv4").hasNonNull("region")
                && address.contains("aps-workspaces")) {
            throw new FetchException(
                    "SigV4 authentication is not supported by this version of Sluice");
        }
        Duration timeout = Duration.ofSeconds(seconds == 0 ? DEFAULT_TIMEOUT_SECONDS : seconds);
        Map<String, String> headers = authentication.headers(settings, timeout);
        headers.putIfAbsent("Content-Type", "application/x-www-form-urlencoded");
        JsonNode range = settings.path("rangeQuery");
        boolean ranged = range.isObject() && !range.isEmpty();
        String form =
                "query="
                        + URLEncoder.encode(
                                settings.path("query").asText(""), StandardCharsets.UTF_8)
                        + (ranged ? range(range, now) : "&time=" + seconds(now))
                        + "&timeout="
                        + timeout.toSeconds()
                        + "s";
        return new Fetcher.Call(
                "POST",
                endpoint(address, ranged ? "query_range" : "query"),
                headers,
                Optional.of(form),
                timeout,
                settings.path("insecure").asBoolean(false));
    }

    private static URI endpoint(String address, String call) {
        String base = address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
        try {
            URI uri = URI.create(base + "/api/v1/" + call);
            if (uri.getScheme() != null && uri.getHost() != null) {
                return uri;
            }
        } catch (IllegalArgumentException _) {
            // reported below
        }
        throw new FetchException("prometheus address is not is url format");
    }

    private static String range(JsonNode range, Instant now) {
        Duration step;
        try {
            step = GoDuration.parse(range.path("step").asText(""));
        } catch (IllegalArgumentException e) {
            throw new FetchException("failed to parse rangeQuery.step: " + e.getMessage());
        }
        return "&start="
                + seconds(instant("start", range, now))
                + "&end="
                + seconds(instant("end", range, now))
                + "&step="
                + BigDecimal.valueOf(step.toMillis(), 3).toPlainString();
    }

    private static Instant instant(String field, JsonNode range, Instant now) {
        try {
            Value value =
                    Expression.parse(range.path(field).asText(""))
                            .evaluate(Environment.withoutResult(now));
            if (value instanceof Value.Moment(Instant at)) {
                return at;
            }
            throw new FetchException(
                    "failed to parse rangeQuery."
                            + field
                            + ": expected time.Time, but got "
                            + value.typeName());
        } catch (ExprException e) {
            throw new FetchException("failed to parse rangeQuery." + field + ": " + e.getMessage());
        }
    }

    private static String seconds(Instant at) {
        return BigDecimal.valueOf(at.toEpochMilli(), 3).toPlainString();
    }

    private static Reading reading(Fetcher.Answer answer) {
        JsonNode body;
        try {
            body = JSON.readTree(answer.body());
        } catch (JsonProcessingException _) {
            return new Reading.Broken(
                    "prometheus answered with code " + answer.status() + " and no JSON");
        }
        if (!answer.isSuccess() || !body.path("status").asText("").equals("success")) {
            String type = body.path("errorType").asText("");
            String error =
                    body.path("error").asText("prometheus answered with code " + answer.status());
            return new Reading.Broken(type.isEmpty() ? error : type + ": " + error);
        }
        List<String> warnings = new ArrayList<>();
        body.path("warnings").forEach(warning -> warnings.add(warning.asText("")));
        Map<String, String> metadata =
                warnings.isEmpty()
                        ? Map.of()
                        : Map.of(
                                "warnings",
                                warnings.stream()
                                        .map(w -> "\"" + w + "\"")
                                        .collect(Collectors.joining(", ", "[", "]")));
        return reading(body.path("data"), metadata);
    }

    private static Reading reading(JsonNode data, Map<String, String> metadata) {
        JsonNode result = data.path("result");
        try {
            switch (data.path("resultType").asText("")) {
                case "scalar" -> {
                    double value = number(result.path(1).asText(""));
                    return new Reading.Result(Value.of(value), GoNumbers.plain(value), metadata);
                }
                case "vector" -> {
                    List<Double> values = new ArrayList<>();
                    result.forEach(
                            sample -> values.add(number(sample.path("value").path(1).asText(""))));
                    return list(values, metadata);
                }
                case "matrix" -> {
                    List<Double> values = new ArrayList<>();
                    result.forEach(
                            series ->
                                    series.path("values")
                                            .forEach(
                                                    point ->
                                                            values.add(
                                                                    number(
                                                                            point.path(1)
                                                                                    .asText("")))));
                    return list(values, metadata);
                }
                default -> {
                    return new Reading.Broken(
                            "Prometheus metric type not supported: "
                                    + data.path("resultType").asText("none"));
                }
            }
        } catch (NumberFormatException _) {
            return new Reading.Broken("prometheus answered with a sample that is not a number");
        }
    }

    private static Reading list(List<Double> values, Map<String, String> metadata) {
        List<Value> items = values.stream().map(Value::of).toList();
        String shown =
                values.stream().map(GoNumbers::plain).collect(Collectors.joining(",", "[", "]"));
        return new Reading.Result(new Value.Items(items), shown, metadata);
    }

    private static double number(String sample) {
        return switch (sample) {
            case "NaN" -> Double.NaN;
            case "+Inf", "Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(sample);
        };
    }
}
