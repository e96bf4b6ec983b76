package dev.sluice.analysis.adapter.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Headers of a metric's `headers` and `authentication`: basic and OAuth 2 client credentials.
final class Authentication {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Fetcher fetcher;

    Authentication(Fetcher fetcher) {
        this.fetcher = fetcher;
    }

    Map<String, String> headers(JsonNode settings, Duration timeout) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (JsonNode header : settings.path("headers")) {
            headers.put(header.path("key").asText(""), header.path("value").asText(""));
        }
        JsonNode authentication = settings.path("authentication");
        JsonNode basic = authentication.path("basicAuth");
        if (!basic.path("username").asText("").isEmpty()
                || !basic.path("password").asText("").isEmpty()) {
            headers.put(
                    "Authorization",
                    basic(basic.path("username").asText(""), basic.path("password").asText("")));
        }
        JsonNode oauth = authentication.path("oauth2");
        if (!oauth.isMissingNode() && !oauth.isNull() && !oauth.isEmpty()) {
            headers.put(
                    "Authorization",
                    "Bearer " + token(oauth, timeout, settings.path("insecure").asBoolean(false)));
        }
        return headers;
    }

    private static String basic(String user, String password) {
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    /// A fresh token for each measurement: nothing secret outlives it.
    private String token(JsonNode oauth, Duration timeout, boolean insecure) {
        String url = oauth.path("tokenUrl").asText("");
        String id = oauth.path("clientId").asText("");
        String secret = oauth.path("clientSecret").asText("");
        if (url.isEmpty() || id.isEmpty() || secret.isEmpty()) {
            throw new FetchException("missing mandatory parameter in metric for OAuth2 setup");
        }
        List<String> scopes = new ArrayList<>();
        oauth.path("scopes").forEach(scope -> scopes.add(scope.asText("")));
        String form =
                "grant_type=client_credentials"
                        + (scopes.isEmpty()
                                ? ""
                                : "&scope="
                                        + URLEncoder.encode(
                                                String.join(" ", scopes), StandardCharsets.UTF_8));
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/x-www-form-urlencoded");
        headers.put(
                "Authorization",
                basic(
                        URLEncoder.encode(id, StandardCharsets.UTF_8),
                        URLEncoder.encode(secret, StandardCharsets.UTF_8)));
        Fetcher.Answer answer =
                fetcher.fetch(
                        new Fetcher.Call(
                                "POST",
                                address(url),
                                headers,
                                Optional.of(form),
                                timeout,
                                insecure));
        if (!answer.isSuccess()) {
            throw new FetchException(
                    "OAuth2 token request was answered with code " + answer.status());
        }
        try {
            String token = JSON.readTree(answer.body()).path("access_token").asText("");
            if (!token.isEmpty()) {
                return token;
            }
        } catch (JsonProcessingException _) {
            // reported below: the body is not shown, it may be a token
        }
        throw new FetchException("OAuth2 token request brought no access_token");
    }

    static URI address(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException _) {
            throw new FetchException("not an address");
        }
    }
}
