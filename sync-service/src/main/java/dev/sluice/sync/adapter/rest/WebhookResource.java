package dev.sluice.sync.adapter.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.sync.app.PushReceiver;
import dev.sluice.sync.app.SyncLog;
import dev.sluice.sync.config.SyncConfig;
import dev.sluice.sync.core.JsonTrees;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// `POST /api/webhook`: a push is a hint to look at Git. The signature over the raw bytes is
/// checked before anything is parsed.
@Path("/api/webhook")
public class WebhookResource {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private final SyncConfig config;
    private final PushReceiver receiver;

    @Inject
    public WebhookResource(SyncConfig config, PushReceiver receiver) {
        this.config = config;
        this.receiver = receiver;
    }

    @POST
    @RunOnVirtualThread
    public Response receive(
            @HeaderParam("X-GitHub-Event") @Nullable String event,
            @HeaderParam("X-Hub-Signature-256") @Nullable String signature,
            InputStream input)
            throws IOException {
        byte[] body = input.readNBytes(config.webhook().maxBody() + 1);
        if (body.length > config.webhook().maxBody()) {
            return refuse(413, "the body has more than " + config.webhook().maxBody() + " bytes");
        }
        if (event == null) {
            return refuse(400, "Unknown webhook event");
        }
        if (config.webhook().githubSecret().isPresent()
                && !isSigned(
                        config.webhook().githubSecret().get(),
                        body,
                        Optional.ofNullable(signature))) {
            return refuse(400, "Signature is missing or wrong");
        }
        return switch (event) {
            case "ping" -> Response.ok("pong").build();
            case "push" -> push(body);
            default -> refuse(400, "Unknown webhook event");
        };
    }

    private Response push(byte[] body) throws IOException {
        JsonNode payload;
        try {
            payload = MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            return refuse(400, "The payload is not JSON");
        }
        String repository =
                JsonTrees.optional(payload, "repository", "html_url")
                        .or(() -> JsonTrees.optional(payload, "repository", "clone_url"))
                        .orElse("");
        String ref = JsonTrees.text(payload, "ref");
        if (repository.isEmpty() || ref.isEmpty()) {
            return refuse(400, "The payload names no repository.html_url and ref");
        }
        int applications =
                receiver.pushed(
                        repository, ref, JsonTrees.text(payload, "repository", "default_branch"));
        return Response.ok("refreshing " + applications + " applications").build();
    }

    private static Response refuse(int status, String reason) {
        SyncLog.LOG.webhookRefused(reason);
        return Response.status(status).entity(reason).type("text/plain").build();
    }

    static boolean isSigned(String secret, byte[] body, Optional<String> header) {
        if (header.isEmpty() || !header.get().startsWith("sha256=")) {
            return false;
        }
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(
                    new SecretKeySpec(
                            secret.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                            "HmacSHA256"));
            byte[] given = HexFormat.of().parseHex(header.get().substring("sha256=".length()));
            return MessageDigest.isEqual(mac.doFinal(body), given);
        } catch (IllegalArgumentException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC-SHA256 is not available", e);
        }
    }
}
