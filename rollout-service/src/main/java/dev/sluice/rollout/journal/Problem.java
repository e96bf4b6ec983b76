package dev.sluice.rollout.journal;

import com.fasterxml.jackson.annotation.JsonInclude;

/// An error as RFC 9457 has it.
///
/// @param type `about:blank`: the status says what kind it is
@JsonInclude(JsonInclude.Include.NON_NULL)
record Problem(String type, String title, int status, String detail, String instance) {

    static final String MEDIA_TYPE = "application/problem+json";
}
