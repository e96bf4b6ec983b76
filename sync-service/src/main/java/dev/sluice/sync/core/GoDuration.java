package dev.sluice.sync.core;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations such as `1m30s`; a bare integer means seconds.
final class GoDuration {
    private static final Pattern PART = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,9})?)(ms|h|m|s)");

    private GoDuration() {}

    static Optional<Duration> parse(String text) {
        String stripped = text.strip();
        if (stripped.matches("\\d{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(stripped)));
        }
        Matcher part = PART.matcher(stripped);
        Duration total = Duration.ZERO;
        int position = 0;
        while (position < stripped.length()) {
            part.region(position, stripped.length());
            if (!part.lookingAt()) {
                return Optional.empty();
            }
            double millis =
                    Double.parseDouble(part.group(1))
                            * switch (part.group(2)) {
                                case "h" -> 3_600_000;
                                case "m" -> 60_000;
                                case "s" -> 1000;
                                default -> 1;
                            };
            total = total.plusMillis(Math.round(millis));
            position = part.end();
        }
        return stripped.isEmpty() ? Optional.empty() : Optional.of(total);
    }
}
