package dev.sluice.analysis.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What is known of one metric: its measurements (the newest ones) and the counters over all of
/// them.
public record MetricResult(
        String name,
        Phase phase,
        String message,
        List<Measurement> measurements,
        Counters counters,
        boolean dryRun,
        Map<String, String> metadata) {

    /// `count` leaves errors out.
    public record Counters(
            int count,
            int successful,
            int failed,
            int inconclusive,
            int error,
            int consecutiveError,
            int consecutiveSuccess) {
        static final Counters NONE = new Counters(0, 0, 0, 0, 0, 0, 0);

        Counters with(Phase finished) {
            return switch (finished) {
                case SUCCESSFUL ->
                        new Counters(
                                count + 1,
                                successful + 1,
                                failed,
                                inconclusive,
                                error,
                                0,
                                consecutiveSuccess + 1);
                case FAILED ->
                        new Counters(count + 1, successful, failed + 1, inconclusive, error, 0, 0);
                case INCONCLUSIVE ->
                        new Counters(count + 1, successful, failed, inconclusive + 1, error, 0, 0);
                case ERROR, PENDING, RUNNING ->
                        new Counters(
                                count,
                                successful,
                                failed,
                                inconclusive,
                                error + 1,
                                consecutiveError + 1,
                                0);
            };
        }
    }

    public MetricResult {
        measurements = List.copyOf(measurements);
        metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    }

    static MetricResult started(String name, boolean dryRun, Map<String, String> metadata) {
        return new MetricResult(
                name, Phase.RUNNING, "", List.of(), Counters.NONE, dryRun, metadata);
    }

    public Optional<Measurement> last() {
        return measurements.isEmpty() ? Optional.empty() : Optional.of(measurements.getLast());
    }

    /// Appends, or replaces the measurement that is under way; counts it once it is finished.
    MetricResult with(Measurement measurement) {
        List<Measurement> all = new ArrayList<>(measurements);
        if (!all.isEmpty() && !all.getLast().isFinished()) {
            all.removeLast();
        }
        all.add(measurement);
        Counters next = measurement.isFinished() ? counters.with(measurement.phase()) : counters;
        return new MetricResult(name, phase, message, all, next, dryRun, metadata);
    }

    MetricResult withPhase(Phase next, String text) {
        return new MetricResult(name, next, text, measurements, counters, dryRun, metadata);
    }

    MetricResult trimmed(int limit) {
        int size = measurements.size();
        return size <= limit
                ? this
                : new MetricResult(
                        name,
                        phase,
                        message,
                        measurements.subList(size - limit, size),
                        counters,
                        dryRun,
                        metadata);
    }
}
