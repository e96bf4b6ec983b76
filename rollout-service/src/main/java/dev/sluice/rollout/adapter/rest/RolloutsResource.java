package dev.sluice.rollout.adapter.rest;

import dev.sluice.rollout.app.Explained;
import dev.sluice.rollout.core.RolloutStatus.Why;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// Why each Rollout is where it is, from the caches of this replica. Read-only.
@Path("/api/v1/rollouts")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "rollouts")
public class RolloutsResource {
    private static final int LIMIT = 1_000;

    private final Explained.Board board;

    RolloutsResource(Explained.Board board) {
        this.board = board;
    }

    /// One Rollout of an answer.
    ///
    /// @param unblock what would let it go on; empty when it goes on by itself
    public record Entry(
            String namespace,
            String name,
            String uid,
            String phase,
            String state,
            String reason,
            String message,
            Instant since,
            String unblock) {}

    /// An answer: at most 1,000 Rollouts, those that wait longest first.
    ///
    /// @param total how many match, also those left off
    public record Page(int total, List<Entry> rollouts) {}

    @GET
    @Operation(summary = "Why Rollouts are where they are, the longest wait first")
    @APIResponse(
            responseCode = "200",
            content = @Content(schema = @Schema(implementation = Page.class)))
    @APIResponse(
            responseCode = "400",
            description = "state is none of the known ones",
            content =
                    @Content(
                            mediaType = Problem.MEDIA_TYPE,
                            schema = @Schema(implementation = Problem.class)))
    public Response list(
            @Parameter(description = "Moving, Waiting, Blocked, Broken or Done")
                    @QueryParam("state")
                    @DefaultValue("")
                    String state,
            @QueryParam("namespace") @DefaultValue("") String namespace,
            @QueryParam("name") @DefaultValue("") String name) {
        Optional<Why.State> wanted =
                Arrays.stream(Why.State.values())
                        .filter(s -> s.name().equalsIgnoreCase(state))
                        .findFirst();
        if (!state.isEmpty() && wanted.isEmpty()) {
            return Problem.answer(
                    Response.Status.BAD_REQUEST,
                    "state must be one of " + Arrays.toString(Why.State.values()),
                    "/api/v1/rollouts");
        }
        List<Entry> matching =
                board.all().stream()
                        .filter(r -> namespace.isEmpty() || r.namespace().equals(namespace))
                        .filter(r -> name.isEmpty() || r.name().equals(name))
                        .filter(r -> wanted.isEmpty() || r.why().state() == wanted.get())
                        .sorted(
                                Comparator.comparing((Explained r) -> r.why().since())
                                        .thenComparing(Explained::namespace)
                                        .thenComparing(Explained::name))
                        .map(RolloutsResource::entry)
                        .toList();
        return Response.ok(new Page(matching.size(), matching.stream().limit(LIMIT).toList()))
                .build();
    }

    private static Entry entry(Explained r) {
        return new Entry(
                r.namespace(),
                r.name(),
                r.uid(),
                r.phase(),
                r.why().state().name(),
                r.why().reason(),
                r.why().message(),
                r.why().since(),
                r.why().unblock());
    }
}
