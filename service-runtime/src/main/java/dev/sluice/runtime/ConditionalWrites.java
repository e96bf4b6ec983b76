package dev.sluice.runtime;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Small conditional writes to the cluster: only what changed, only if the object is still as it
/// was read. A conflict is a value, not an exception; each write is counted in
/// `sluice_api_writes_total{resource,verb,result}`.
///
/// Objects are JSON trees, so that fields which this version does not know survive.
@ApplicationScoped
public class ConditionalWrites {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String MERGE = "application/merge-patch+json";
    private static final String JSON_PATCH = "application/json-patch+json";
    private static final String APPLY = "application/apply-patch+yaml";
    private static final String PLAIN = "application/json";

    /// Of a written object only the new version is of interest: the server leaves out the rest.
    private static final String METADATA_ONLY =
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1," + PLAIN;

    private final KubernetesClient client;
    private final MeterRegistry metrics;

    ConditionalWrites(KubernetesClient client, MeterRegistry metrics) {
        this.client = client;
        this.metrics = metrics;
    }

    /// Reads an object from the API server itself, past every cache.
    public Optional<ObjectNode> read(ResourceRef ref) {
        return found(ref, await("GET", ref.path(), get(ref)));
    }

    /// Reads several objects at the same time; the answers are in the order of the questions.
    public List<Optional<ObjectNode>> readAll(List<ResourceRef> refs) {
        List<CompletableFuture<HttpResponse<byte[]>>> answers =
                refs.stream().map(this::get).toList();
        List<Optional<ObjectNode>> found = new ArrayList<>();
        for (int i = 0; i < refs.size(); i++) {
            ResourceRef ref = refs.get(i);
            found.add(found(ref, await("GET", ref.path(), answers.get(i))));
        }
        return found;
    }

    private CompletableFuture<HttpResponse<byte[]>> get(ResourceRef ref) {
        return send("GET", ref.path(), PLAIN, PLAIN, null);
    }

    private static Optional<ObjectNode> found(ResourceRef ref, HttpResponse<byte[]> response) {
        return switch (response.code()) {
            case 200 -> Optional.of(parse(response.body()));
            case 404 -> Optional.empty();
            default -> throw broken("GET", ref.path(), response);
        };
    }

    /// Merge patch, carried out only if the object still has `resourceVersion`.
    public WriteResult mergePatch(
            ResourceRef ref, String resourceVersion, ObjectNode patch, String fieldManager) {
        return merge(ref, "", resourceVersion, patch, fieldManager);
    }

    /// Merge patch of the status, carried out only if the object still has `resourceVersion`.
    public WriteResult mergePatchStatus(
            ResourceRef ref, String resourceVersion, ObjectNode patch, String fieldManager) {
        return merge(ref, "status", resourceVersion, patch, fieldManager);
    }

    /// Merge patch without a condition, for fields that only one writer has and whose value does
    /// not depend on what was read.
    public WriteResult mergePatchAnyVersion(
            ResourceRef ref, ObjectNode patch, String fieldManager) {
        return write(ref, "patch", "PATCH", query(ref.path(), fieldManager), MERGE, patch);
    }

    /// JSON patch; its `test` operations are the condition.
    public WriteResult jsonPatch(ResourceRef ref, ArrayNode patch, String fieldManager) {
        return write(ref, "patch", "PATCH", query(ref.path(), fieldManager), JSON_PATCH, patch);
    }

    /// Creates an object; one that exists already is a [WriteResult.Conflict].
    public WriteResult create(ResourceRef ref, ObjectNode object, String fieldManager) {
        return write(
                ref, "create", "POST", query(ref.collectionPath(), fieldManager), PLAIN, object);
    }

    /// Server-side apply.
    ///
    /// @param force takes over fields that another manager owns; otherwise that is a conflict
    public WriteResult apply(
            ResourceRef ref, ObjectNode object, String fieldManager, boolean force) {
        return write(
                ref,
                "apply",
                "PATCH",
                query(ref.path(), fieldManager) + "&force=" + force,
                APPLY,
                object);
    }

    /// Deletes an object in the background, only if it is still the one with `uid` and, where
    /// given, still has `resourceVersion`.
    public WriteResult delete(ResourceRef ref, String uid, Optional<String> resourceVersion) {
        ObjectNode options = JSON.createObjectNode();
        options.put("apiVersion", "v1").put("kind", "DeleteOptions");
        options.put("propagationPolicy", "Background");
        ObjectNode preconditions = options.putObject("preconditions").put("uid", uid);
        resourceVersion.ifPresent(v -> preconditions.put("resourceVersion", v));
        return write(ref, "delete", "DELETE", ref.path(), PLAIN, options);
    }

    private WriteResult merge(
            ResourceRef ref,
            String subresource,
            String resourceVersion,
            ObjectNode patch,
            String fieldManager) {
        ObjectNode body = JSON.createObjectNode();
        body.setAll(patch);
        ObjectNode metadata = body.putObject("metadata");
        if (patch.get("metadata") instanceof ObjectNode given) {
            metadata.setAll(given);
        }
        metadata.put("resourceVersion", resourceVersion);
        String path = subresource.isEmpty() ? ref.path() : ref.path() + "/" + subresource;
        return write(
                ref,
                subresource.isEmpty() ? "patch" : "patch-" + subresource,
                "PATCH",
                query(path, fieldManager),
                MERGE,
                body);
    }

    private WriteResult write(
            ResourceRef ref,
            String verb,
            String method,
            String path,
            String contentType,
            JsonNode body) {
        String outcome = "error";
        try {
            HttpResponse<byte[]> response =
                    await(method, path, send(method, path, METADATA_ONLY, contentType, body));
            WriteResult result = interpret(method, path, response);
            outcome =
                    switch (result) {
                        case WriteResult.Applied _ -> "applied";
                        case WriteResult.Conflict _ -> "conflict";
                        case WriteResult.Missing _ -> "missing";
                        case WriteResult.Rejected _ -> "rejected";
                    };
            return result;
        } finally {
            metrics.counter(
                            "sluice.api.writes",
                            "resource",
                            ref.plural(),
                            "verb",
                            verb,
                            "result",
                            outcome)
                    .increment();
        }
    }

    private static WriteResult interpret(
            String method, String path, HttpResponse<byte[]> response) {
        int code = response.code();
        if (code >= 200 && code < 300) {
            return new WriteResult.Applied(version(response.body()));
        }
        return switch (code) {
            case 404 -> new WriteResult.Missing();
            case 409 -> new WriteResult.Conflict();
            case 400, 403, 405, 413, 415 -> new WriteResult.Rejected(reason(response));
            // A failed "test" of a JSON patch is 422 with this text; other 422s are bad content.
            case 422 ->
                    reason(response).contains("testing value")
                                    || reason(response).contains("test failed")
                            ? new WriteResult.Conflict()
                            : new WriteResult.Rejected(reason(response));
            default -> throw broken(method, path, response);
        };
    }

    private CompletableFuture<HttpResponse<byte[]>> send(
            String method,
            String path,
            String accept,
            String contentType,
            @Nullable JsonNode body) {
        HttpRequest.Builder request =
                client.getHttpClient()
                        .newHttpRequestBuilder()
                        .uri(base() + path)
                        .header("Accept", accept);
        if (body == null) {
            request.method(method, null, null);
        } else {
            request.method(method, contentType, text(body));
        }
        return client.getHttpClient().sendAsync(request.build(), byte[].class);
    }

    private static HttpResponse<byte[]> await(
            String method, String path, CompletableFuture<HttpResponse<byte[]>> answer) {
        try {
            return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KubernetesClientException(method + " " + path + " was interrupted", e);
        } catch (ExecutionException e) {
            throw new KubernetesClientException(
                    method + " " + path + " failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new KubernetesClientException(
                    method + " " + path + " had no answer within " + PATIENCE, e);
        }
    }

    private String base() {
        String url = client.getMasterUrl().toString();
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    private static String query(String path, String fieldManager) {
        return path + "?fieldManager=" + URLEncoder.encode(fieldManager, StandardCharsets.UTF_8);
    }

    private static String reason(HttpResponse<byte[]> response) {
        String message;
        try {
            message = JSON.readTree(response.body()).path("message").asText("");
        } catch (IOException e) {
            message = new String(response.body(), StandardCharsets.UTF_8);
        }
        String text = message.isBlank() ? "HTTP " + response.code() : message;
        return text.length() > 1000 ? text.substring(0, 1000) + "…" : text;
    }

    private static KubernetesClientException broken(
            String method, String path, HttpResponse<byte[]> response) {
        return new KubernetesClientException(
                method + " " + path + ": HTTP " + response.code() + ": " + reason(response));
    }

    private static ObjectNode parse(byte[] body) {
        try {
            return JSON.readTree(body) instanceof ObjectNode object
                    ? object
                    : JSON.createObjectNode();
        } catch (IOException e) {
            throw new KubernetesClientException("the API server's answer is not JSON", e);
        }
    }

    /// `metadata.resourceVersion`, found without building the rest.
    private static String version(byte[] body) {
        try (JsonParser json = JSON.createParser(body)) {
            if (json.nextToken() != JsonToken.START_OBJECT || !seek(json, "metadata")) {
                return "";
            }
            return seek(json, "resourceVersion") ? json.getText() : "";
        } catch (IOException e) {
            throw new KubernetesClientException("the API server's answer is not JSON", e);
        }
    }

    /// Moves into the value of a field of the object that the parser is in.
    private static boolean seek(JsonParser json, String field) throws IOException {
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            if (name.equals(field)) {
                return true;
            }
            json.skipChildren();
        }
        return false;
    }

    private static String text(JsonNode body) {
        try {
            return JSON.writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree has no text form", e);
        }
    }
}
