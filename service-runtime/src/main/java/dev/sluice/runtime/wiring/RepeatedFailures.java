package dev.sluice.runtime.wiring;

import io.quarkus.logging.LoggingFilter;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/// Keeps off the console what the database driver reports a second time, with a stack trace, after
/// the caller has had the failure: an attempt that timed out and then fails for good.
@LoggingFilter(name = "sluice-repeated-failures")
public final class RepeatedFailures implements Filter {

    private static final String ALREADY = "Result is already complete";

    @Override
    public boolean isLoggable(LogRecord record) {
        return !isAlreadyComplete(record.getThrown())
                && (record.getMessage() == null || !record.getMessage().contains(ALREADY));
    }

    private static boolean isAlreadyComplete(@Nullable Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof IllegalStateException
                    && t.getMessage() != null
                    && t.getMessage().startsWith(ALREADY)) {
                return true;
            }
        }
        return false;
    }
}
