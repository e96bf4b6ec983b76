package dev.sluice.sync.adapter.k8s;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.sync.core.JsonTrees;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The API server in plain JSON: managed objects may be of any kind, and no field of them may get
/// lost on the way.
@ApplicationScoped
public class RawApi {
    /// An answer; `body` is the object, or the Status that says why not.
    record Answer(int code, JsonNode body) {
        boolean isFine() {
            return code >= 200 && code < 300;
        }

        String reason() {
            String message = JsonTrees.text(body, "message");
            String text = message.isEmpty() ? "HTTP " + code : message;
            return text.length() > 800 ? text.substring(0, 800) + "…" : text;
        }

        ObjectNode object() {
            return body instanceof ObjectNode found ? found : JsonTrees.object();
        }
    }

    static final String MERGE = "application/merge-patch+json";
    static final String JSON_PATCH = "application/json-patch+json";
    static final String APPLY = "application/apply-patch+yaml";
    static final String PLAIN = "application/json";
    static final String MANAGER = "sluice-sync";
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final long TIMEOUT_SECONDS = 30;

    private final KubernetesClient client;
    private final MeterRegistry meters;

    @Inject
    public RawApi(KubernetesClient client, MeterRegistry meters) {
        this.client = client;
        this.meters = meters;
    }

    Answer get(String path) {
        return send("GET", path, PLAIN, "");
    }

    /// A write, counted by resource, verb and result.
    Answer write(String method, String path, String contentType, JsonNode body, String resource) {
        Answer answer = send(method, path, contentType, body.toString());
        if (!path.contains("dryRun=All")) {
            meters.counter(
                            "sluice.api.writes",
                            "resource",
                            resource,
                            "verb",
                            verb(method, contentType),
                            "result",
                            answer.isFine() ? "applied" : String.valueOf(answer.code()))
                    .increment();
        }
        return answer;
    }

    private static String verb(String method, String contentType) {
        return switch (method) {
            case "POST" -> "create";
            case "PUT" -> "update";
            case "DELETE" -> "delete";
            default -> contentType.equals(APPLY) ? "apply" : "patch";
        };
    }

    private Answer send(String method, String path, String contentType, String body) {
        HttpRequest.Builder builder =
                client.getHttpClient()
                        .newHttpRequestBuilder()
                        .uri(client.getMasterUrl().toString().replaceAll("/$", "") + path);
        builder.header("Accept", PLAIN);
        HttpRequest request =
                (method.equals("GET") ? builder : builder.method(method, contentType, body))
                        .build();
        try {
            HttpResponse<String> response =
                    client.getHttpClient()
                            .sendAsync(request, String.class)
                            .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            return new Answer(response.code(), parse(response.body()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(
                    new IOException("interrupted while talking to the API server", e));
        } catch (ExecutionException | TimeoutException e) {
            throw new UncheckedIOException(
                    new IOException("the API server did not answer " + method + " " + path, e));
        }
    }

    private static JsonNode parse(String text) {
        try {
            return text == null || text.isEmpty() ? JsonTrees.object() : MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            return JsonTrees.object().put("message", text.strip());
        }
    }
}
