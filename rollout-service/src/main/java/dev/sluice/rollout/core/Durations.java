package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Pause durations: a number of seconds, or a Go duration such as `1h30m`, cut to whole
/// seconds.
public final class Durations {
    private static final Pattern PART =
            Pattern.compile("(\\d{1,12}(?:\\.\\d{0,9})?)(ns|us|µs|ms|s|m|h)");
    private static final Map<String, BigDecimal> SECONDS =
            Map.of(
                    "ns", new BigDecimal("0.000000001"),
                    "us", new BigDecimal("0.000001"),
                    "µs", new BigDecimal("0.000001"),
                    "ms", new BigDecimal("0.001"),
                    "s", BigDecimal.ONE,
                    "m", BigDecimal.valueOf(60),
                    "h", BigDecimal.valueOf(3600));

    private Durations() {}

    /// Whole seconds, −1 when the value is no duration.
    public static int seconds(JsonNode value) {
        if (value.isIntegralNumber()) {
            return value.canConvertToInt() ? value.asInt() : -1;
        }
        return value.isTextual() ? seconds(value.asText()) : -1;
    }

    private static int seconds(String text) {
        if (text.matches("-?\\d{1,9}")) {
            return Integer.parseInt(text);
        }
        Matcher part = PART.matcher(text);
        BigDecimal total = BigDecimal.ZERO;
        int at = 0;
        while (at < text.length() && part.find(at) && part.start() == at) {
            BigDecimal unit = SECONDS.getOrDefault(part.group(2), BigDecimal.ZERO);
            total =
                    total.add(
                            new BigDecimal(part.group(1) + (part.group(1).endsWith(".") ? "0" : ""))
                                    .multiply(unit));
            at = part.end();
        }
        boolean usable =
                at == text.length()
                        && at > 0
                        && total.compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) < 0;
        return usable ? total.setScale(0, RoundingMode.DOWN).intValue() : -1;
    }
}
