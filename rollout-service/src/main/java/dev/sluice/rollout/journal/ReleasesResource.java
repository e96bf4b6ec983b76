package dev.sluice.rollout.journal;

import dev.sluice.rollout.adapter.rest.Problem;
import dev.sluice.runtime.outbox.StoreUnavailableException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// The journal's REST API, read-only.
@Path("/api/v1/releases")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "releases")
public class ReleasesResource {

    private static final int LIMIT = 500;
    private static final List<String> OUTCOMES =
            List.of("Progressing", "Paused", "Blocked", "Completed", "Aborted");

    private final JournalStore store;

    ReleasesResource(JournalStore store) {
        this.store = store;
    }

    @GET
    @Operation(summary = "Releases, newest first")
    @APIResponse(
            responseCode = "200",
            content = @Content(schema = @Schema(implementation = ReleaseView.Page.class)))
    @APIResponse(
            responseCode = "400",
            description = "A parameter makes no sense",
            content =
                    @Content(
                            mediaType = Problem.MEDIA_TYPE,
                            schema = @Schema(implementation = Problem.class)))
    @APIResponse(
            responseCode = "503",
            description = "The journal's database is down; releases go on",
            content =
                    @Content(
                            mediaType = Problem.MEDIA_TYPE,
                            schema = @Schema(implementation = Problem.class)))
    public Response list(
            @QueryParam("namespace") @DefaultValue("") String namespace,
            @QueryParam("name") @DefaultValue("") String name,
            @Parameter(description = "Progressing, Paused, Blocked, Completed or Aborted")
                    @QueryParam("outcome")
                    @DefaultValue("")
                    String outcome,
            @QueryParam("limit") @DefaultValue("50") String limit,
            @QueryParam("offset") @DefaultValue("0") String offset) {
        return answer("/api/v1/releases", () -> page(namespace, name, outcome, limit, offset));
    }

    private Response page(
            String namespace, String name, String outcome, String limit, String offset) {
        int size = number("limit", limit, 1, LIMIT);
        int start = number("offset", offset, 0, 1_000_000);
        Optional<String> phase =
                OUTCOMES.stream().filter(o -> o.equalsIgnoreCase(outcome)).findFirst();
        if (!outcome.isEmpty() && phase.isEmpty()) {
            throw new BadParameterException(
                    "outcome is '" + cut(outcome) + "', allowed is one of " + OUTCOMES);
        }
        return Response.ok(store.page(namespace, name, phase.orElse(""), size, start)).build();
    }

    @GET
    @Path("{uid}")
    @Operation(summary = "All attempts of one Rollout, each with its timeline")
    @APIResponse(
            responseCode = "200",
            content = @Content(schema = @Schema(implementation = ReleaseView.History.class)))
    @APIResponse(
            responseCode = "404",
            description = "The journal knows no such release",
            content =
                    @Content(
                            mediaType = Problem.MEDIA_TYPE,
                            schema = @Schema(implementation = Problem.class)))
    public Response history(
            @Parameter(description = "uid of the Rollout") @PathParam("uid") String uid,
            @Parameter(description = "only this attempt") @QueryParam("attempt")
                    @Nullable String attempt) {
        return answer("/api/v1/releases/" + cut(uid), () -> attempts(uid, attempt));
    }

    private Response attempts(String uid, @Nullable String attempt) {
        OptionalLong only =
                attempt == null
                        ? OptionalLong.empty()
                        : OptionalLong.of(number("attempt", attempt, 1, Integer.MAX_VALUE));
        return store.history(uid, only)
                .map(history -> Response.ok(history).build())
                .orElseGet(
                        () ->
                                Problem.answer(
                                        Response.Status.NOT_FOUND,
                                        "the journal has no release of Rollout "
                                                + cut(uid)
                                                + (only.isPresent()
                                                        ? ", attempt " + only.getAsLong()
                                                        : ""),
                                        "/api/v1/releases/" + cut(uid)));
    }

    private static Response answer(String instance, Supplier<Response> work) {
        try {
            return work.get();
        } catch (BadParameterException e) {
            return Problem.answer(Response.Status.BAD_REQUEST, e.detail(), instance);
        } catch (StoreUnavailableException e) {
            return Problem.answer(
                    Response.Status.SERVICE_UNAVAILABLE,
                    "the journal's database does not answer; releases go on, history follows",
                    instance);
        }
    }

    private static int number(String name, String value, int least, int most) {
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Refused below with everything else that is not in the range.
        }
        throw new BadParameterException(
                name + " is '" + cut(value) + "', allowed is " + least + " to " + most);
    }

    private static String cut(String text) {
        return Arrays.stream(text.split("[^A-Za-z0-9._-]"))
                .findFirst()
                .map(t -> t.length() > 80 ? t.substring(0, 80) : t)
                .orElse("");
    }

    /// A query parameter that makes no sense.
    static final class BadParameterException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String detail;

        BadParameterException(String detail) {
            super(detail);
            this.detail = detail;
        }

        String detail() {
            return detail;
        }
    }
}
