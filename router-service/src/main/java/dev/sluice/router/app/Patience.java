package dev.sluice.router.app;

import java.time.Duration;
import java.time.Instant;

/// How soon to look whether others have followed a change.
///
/// Most follow at once, and a release waits for it at every step; one that does not is asked less
/// and less often.
final class Patience {
    private static final Duration LEAST = Duration.ofMillis(100);

    private Patience() {}

    /// As long as has passed since the plan was written, by another machine's clock.
    ///
    /// @param most however old the plan is
    static Duration since(Instant planWritten, Instant now, Duration most) {
        Duration age = Duration.between(planWritten, now);
        Duration least = LEAST.compareTo(most) < 0 ? LEAST : most;
        return age.compareTo(least) < 0 ? least : age.compareTo(most) > 0 ? most : age;
    }
}
