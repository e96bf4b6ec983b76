package dev.sluice.rollout.core.status;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// Times as Kubernetes stores them: RFC 3339, UTC, whole seconds.
public final class Times {
    private Times() {}

    public static Instant seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS);
    }

    public static String text(Instant instant) {
        return seconds(instant).toString();
    }

    /// Empty when the text is no time; who asks must take that as "not passed" (D4).
    public static Optional<Instant> parse(String text) {
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }
}
