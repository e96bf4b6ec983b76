package dev.sluice.rollout.adapter.rest;

import jakarta.ws.rs.core.Response;

/// An error as RFC 9457 has it.
///
/// @param type `about:blank`: the status says what kind it is
public record Problem(String type, String title, int status, String detail, String instance) {

    public static final String MEDIA_TYPE = "application/problem+json";

    /// @param instance path of what was asked for
    public static Response answer(Response.Status status, String detail, String instance) {
        return Response.status(status)
                .type(MEDIA_TYPE)
                .entity(
                        new Problem(
                                "about:blank",
                                status.getReasonPhrase(),
                                status.getStatusCode(),
                                detail,
                                instance))
                .build();
    }
}
