package dev.sluice.rollout.adapter.metrics;

import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.RolloutStatus.ReleaseDuration;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Histogram;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// How long releases took, by how they ended; each is counted once, when its end was stored.
final class ReleaseDurations {
    private final Histogram total =
            histogram(
                    "rollout_duration_seconds",
                    "From the start of a release to its end",
                    30,
                    60,
                    120,
                    300,
                    600,
                    1200,
                    1800,
                    3600,
                    7200,
                    14400,
                    28800);
    private final Histogram progression =
            histogram(
                    "rollout_progression_duration_seconds",
                    "The same without pauses that waited for a person",
                    30,
                    60,
                    120,
                    300,
                    600,
                    900,
                    1800,
                    3600);
    private final Histogram manual =
            histogram(
                    "rollout_manual_pause_duration_seconds",
                    "Pauses of a release that waited for a person",
                    0,
                    60,
                    300,
                    600,
                    1800,
                    3600,
                    7200,
                    14400,
                    28800);

    private static Histogram histogram(String name, String help, double... bounds) {
        return Histogram.build(name, help).labelNames("status").buckets(bounds).create();
    }

    void moved(RolloutStatus before, RolloutStatus after) {
        Optional<ReleaseDuration> was = before.duration().filter(d -> !d.isFinished());
        Optional<ReleaseDuration> is = after.duration();
        if (was.isEmpty() || is.isEmpty()) {
            return;
        }
        if (was.get().rolloutStartedAt().equals(is.get().rolloutStartedAt())) {
            if (is.get().isFinished()) {
                observe(is.get(), is.get().finishedAt(), is.get().completionStatus());
            }
        } else {
            // The next release took the place of this one in the same write.
            observe(was.get(), is.get().rolloutStartedAt(), "Superseded");
        }
    }

    private void observe(ReleaseDuration release, Optional<Instant> end, String status) {
        if (release.rolloutStartedAt().isEmpty() || end.isEmpty()) {
            return;
        }
        long seconds = seconds(release.rolloutStartedAt().get(), end.get());
        long pause =
                release.totalManualPauseSeconds()
                        + release.manualPauseStartedAt()
                                .map(start -> seconds(start, end.get()))
                                .orElse(0L);
        total.labels(status).observe((double) seconds);
        manual.labels(status).observe((double) pause);
        progression.labels(status).observe((double) Math.max(0, seconds - pause));
    }

    private static long seconds(Instant from, Instant to) {
        return Math.max(0, Duration.between(from, to).toSeconds());
    }

    List<MetricFamilySamples> families() {
        return Stream.of(total, progression, manual).flatMap(h -> h.collect().stream()).toList();
    }
}
