package dev.sluice.router.app;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// How soon to look whether others have followed a change.
///
/// Most follow at once, and a release waits for it at every step; one that does not is asked less
/// and less often. With a thousand releases under way, looks that find nothing new are what the
/// others would wait for.
final class Patience {
    private Patience() {}

    /// As long as has passed since the plan was written, by another machine's clock.
    static Duration since(Instant planWritten, Instant now, Duration least, Duration most) {
        Duration age = Duration.between(planWritten, now);
        Duration start = least.compareTo(most) < 0 ? least : most;
        return age.compareTo(start) < 0 ? start : age.compareTo(most) > 0 ? most : age;
    }

    /// Until the first of these has passed; empty when none is ahead.
    static Optional<Duration> untilFirst(List<Instant> ends, Instant now) {
        return ends.stream()
                .filter(end -> end.isAfter(now))
                .min(Instant::compareTo)
                .map(end -> Duration.between(now, end));
    }
}
