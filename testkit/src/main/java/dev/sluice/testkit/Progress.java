package dev.sluice.testkit;

import java.time.Duration;
import java.util.Locale;

/// One line on standard error for what takes longer than a moment; silent with `QUIET=1`.
public final class Progress {
    private static final boolean QUIET = "1".equals(System.getenv("QUIET"));

    private Progress() {}

    @SuppressWarnings("AnnotateFormatMethod") // not worth a dependency on its annotations
    public static void say(String format, Object... args) {
        if (!QUIET) {
            System.err.println("· " + format.formatted(args));
        }
    }

    /// `3.1 s` or `2 min 5 s`.
    public static String elapsed(Duration time) {
        if (time.toSeconds() >= 100) {
            return "%d min %d s".formatted(time.toMinutes(), time.toSecondsPart());
        }
        return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }

    static Duration since(long startNanos) {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }
}
