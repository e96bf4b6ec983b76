package dev.sluice.analysis.core;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations in Go's notation (`1h30m`, `500ms`), with its error texts.
public final class GoDuration {
    private static final Map<String, Long> UNITS =
            Map.of(
                    "ns", 1L,
                    "us", 1_000L,
                    "µs", 1_000L,
                    "μs", 1_000L,
                    "ms", 1_000_000L,
                    "s", 1_000_000_000L,
                    "m", 60_000_000_000L,
                    "h", 3_600_000_000_000L);
    private static final Pattern PART = Pattern.compile("([0-9]*)(\\.[0-9]*)?([^0-9.]*)");

    private GoDuration() {}

    /// Throws `IllegalArgumentException` with Go's own wording.
    public static Duration parse(String text) {
        String rest = text;
        boolean negative = rest.startsWith("-");
        if (negative || rest.startsWith("+")) {
            rest = rest.substring(1);
        }
        if (rest.equals("0")) {
            return Duration.ZERO;
        }
        if (rest.isEmpty() || text.length() > 128) {
            throw invalid(text);
        }
        BigDecimal nanos = BigDecimal.ZERO;
        Matcher part = PART.matcher(rest);
        int at = 0;
        while (at < rest.length()) {
            part.region(at, rest.length());
            if (!part.lookingAt() || part.end() == at) {
                throw invalid(text);
            }
            nanos = nanos.add(nanos(part, text));
            at = part.end();
        }
        if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw invalid(text);
        }
        return Duration.ofNanos(negative ? -nanos.longValue() : nanos.longValue());
    }

    private static BigDecimal nanos(Matcher part, String text) {
        String fraction = part.group(2) == null ? "" : part.group(2);
        if (part.group(1).isEmpty() && fraction.length() < 2) {
            throw invalid(text);
        }
        String unit = part.group(3);
        if (unit.isEmpty()) {
            throw new IllegalArgumentException("time: missing unit in duration \"" + text + "\"");
        }
        Long scale = UNITS.get(unit);
        if (scale == null) {
            throw new IllegalArgumentException(
                    "time: unknown unit \"" + unit + "\" in duration \"" + text + "\"");
        }
        String number =
                (part.group(1).isEmpty() ? "0" : part.group(1))
                        + (fraction.length() < 2 ? "" : fraction);
        return new BigDecimal(number).multiply(BigDecimal.valueOf(scale));
    }

    private static IllegalArgumentException invalid(String text) {
        return new IllegalArgumentException("time: invalid duration \"" + text + "\"");
    }

    /// `1h30m0s`, `1.5s`, `20ms`, as Go prints a duration.
    public static String format(Duration duration) {
        long nanos = duration.toNanos();
        if (nanos == 0) {
            return "0s";
        }
        String sign = nanos < 0 ? "-" : "";
        BigDecimal size = BigDecimal.valueOf(nanos).abs();
        if (size.longValue() < 1_000_000_000L) {
            long small = size.longValue();
            String unit = small < 1_000L ? "ns" : small < 1_000_000L ? "µs" : "ms";
            return sign
                    + plain(size.divide(BigDecimal.valueOf(UNITS.getOrDefault(unit, 1L))))
                    + unit;
        }
        long minutes = size.longValue() / 60_000_000_000L;
        String seconds =
                plain(size.subtract(BigDecimal.valueOf(minutes * 60_000_000_000L)).movePointLeft(9))
                        + "s";
        String prefix =
                minutes >= 60
                        ? minutes / 60 + "h" + minutes % 60 + "m"
                        : minutes > 0 ? minutes + "m" : "";
        return sign + prefix + seconds;
    }

    private static String plain(BigDecimal value) {
        return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
    }
}
