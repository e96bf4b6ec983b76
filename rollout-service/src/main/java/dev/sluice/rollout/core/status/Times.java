package dev.sluice.rollout.core.status;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// Times as Kubernetes stores them: RFC 3339, UTC, whole seconds.
public final class Times {
    private static final String PLAIN = "0000-00-00T00:00:00Z";

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
            return Optional.of(
                    isPlain(text) ? plain(text) : OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }

    /// Whether the text has the form `2026-01-31T12:00:00Z`, as nearly every time in a status has.
    /// Each look reads a dozen; the general parser would take a tenth of it.
    private static boolean isPlain(String text) {
        if (text.length() != PLAIN.length()) {
            return false;
        }
        for (int i = 0; i < PLAIN.length(); i++) {
            char wanted = PLAIN.charAt(i);
            char found = text.charAt(i);
            boolean fits = wanted == '0' ? found >= '0' && found <= '9' : found == wanted;
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static Instant plain(String text) {
        return LocalDateTime.of(
                        number(text, 0, 4),
                        number(text, 5, 7),
                        number(text, 8, 10),
                        number(text, 11, 13),
                        number(text, 14, 16),
                        number(text, 17, 19))
                .toInstant(ZoneOffset.UTC);
    }

    private static int number(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }
}
