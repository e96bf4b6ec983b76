package dev.sluice.rollout.core.policy;

import java.time.Instant;
import java.util.Optional;

/// Why no release of a namespace may start, go on or be promoted now. It never holds back an
/// abort (P8).
///
/// @param reason as the person who set it wrote it
/// @param where the object and key that say so, for messages
/// @param until when it ends by itself; empty when a person has to end it
public record Freeze(String reason, String where, Optional<Instant> until) {}
