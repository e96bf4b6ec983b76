package dev.sluice.analysis.app;

import dev.sluice.analysis.core.AnalysisDecider;
import dev.sluice.analysis.core.AnalysisRun;
import dev.sluice.analysis.core.Decision;
import dev.sluice.analysis.core.Facts;
import dev.sluice.analysis.core.Observation;
import dev.sluice.runtime.Outbox;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// The main path of one run: decide, measure, decide again, write, tell.
public final class RunReconciler {
    private static final Duration SOON = Duration.ofMillis(100);

    private final Measurements measurements;
    private final Runs runs;
    private final Outbox outbox;
    private final InstantSource clock;
    private final String eventSource;
    private final String cluster;

    public RunReconciler(
            Measurements measurements,
            Runs runs,
            Outbox outbox,
            InstantSource clock,
            String eventSource,
            String cluster) {
        this.measurements = measurements;
        this.runs = runs;
        this.outbox = outbox;
        this.clock = clock;
        this.eventSource = eventSource;
        this.cluster = cluster;
    }

    /// @return after how long to look again; empty: only when something changes
    public Optional<Duration> reconcile(AnalysisRun run) {
        Decision decision = AnalysisDecider.decide(run, Observation.NOTHING, clock.instant());
        if (!decision.tasks().isEmpty()) {
            Observation seen = measurements.take(run, decision.tasks());
            decision = AnalysisDecider.decide(run, seen, clock.instant());
        }
        if (decision.expired()) {
            // The last chance for facts of a run that ended while nobody could take them.
            outbox.ensure(Facts.of(run, run.status(), eventSource, cluster));
            runs.delete(run);
            return Optional.empty();
        }
        if (runs.save(run, decision.status()) == Runs.Saved.OUTDATED) {
            return Optional.of(SOON);
        }
        runs.announce(run, decision.notices());
        outbox.ensure(Facts.of(run, decision.status(), eventSource, cluster));
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        return decision.wakeAt().map(at -> at.isAfter(now) ? Duration.between(now, at) : SOON);
    }
}
