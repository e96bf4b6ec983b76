package dev.sluice.analysis.core;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// One measurement, as stored in the run's status.
public record Measurement(
        Phase phase,
        String message,
        Instant startedAt,
        Optional<Instant> finishedAt,
        String value,
        Map<String, String> metadata,
        Optional<Instant> resumeAt) {
    public Measurement {
        metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    }

    public static Measurement finished(Phase phase, String message, Instant startedAt, Instant at) {
        return new Measurement(
                phase, message, startedAt, Optional.of(at), "", Map.of(), Optional.empty());
    }

    public boolean isFinished() {
        return finishedAt.isPresent();
    }

    public Measurement withMessage(String text) {
        return new Measurement(phase, text, startedAt, finishedAt, value, metadata, resumeAt);
    }

    /// The same with every text changed, for masking secrets.
    public Measurement withTexts(UnaryOperator<String> change) {
        Map<String, String> changed = new TreeMap<>();
        metadata.forEach((key, text) -> changed.put(key, change.apply(text)));
        return new Measurement(
                phase,
                change.apply(message),
                startedAt,
                finishedAt,
                change.apply(value),
                changed,
                resumeAt);
    }
}
