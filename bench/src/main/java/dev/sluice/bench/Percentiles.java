package dev.sluice.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Durations of one kind, and their nearest-rank percentiles.
final class Percentiles {
    private final List<Duration> values = Collections.synchronizedList(new ArrayList<>());

    void add(Duration value) {
        values.add(value);
    }

    int count() {
        return values.size();
    }

    /// The nearest-rank percentile, zero without values.
    Duration at(int percent) {
        List<Duration> sorted = values.stream().sorted().toList();
        if (sorted.isEmpty()) {
            return Duration.ZERO;
        }
        int rank = Math.max(1, (int) Math.ceil(sorted.size() * percent / 100.0));
        return sorted.get(rank - 1);
    }

    /// `p50 120 ms, p99 480 ms (n = 400)`.
    @Override
    public String toString() {
        return "p50 %d ms, p99 %d ms (n = %d)"
                .formatted(at(50).toMillis(), at(99).toMillis(), count());
    }
}
