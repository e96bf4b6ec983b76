package dev.sluice.analysis.app;

import dev.sluice.analysis.core.AnalysisRun;
import dev.sluice.analysis.core.Measurement;
import dev.sluice.analysis.core.Metric;
import dev.sluice.analysis.core.Phase;
import dev.sluice.analysis.core.Reading;
import java.time.Instant;
import java.util.Map;

/// Takes measurements of one kind. Expected failures are `Reading.Broken`; an exception is a bug or
/// broken I/O and is turned into one by the caller. Texts may contain secrets here; the caller
/// masks them.
public interface MetricProvider {

    /// The key below `provider` that selects it.
    String type();

    /// @param number ordinal of the measurement among the metric's
    Reading measure(AnalysisRun run, Metric metric, int number, Instant now);

    /// Looks again at a measurement that was under way.
    default Reading resume(AnalysisRun run, Metric metric, Measurement underWay, Instant now) {
        return new Reading.Broken("a " + type() + " measurement cannot be resumed");
    }

    /// Ends a measurement that is under way.
    default Reading terminate(AnalysisRun run, Metric metric, Measurement underWay, Instant now) {
        return new Reading.Verdict(Phase.INCONCLUSIVE, "", underWay.metadata());
    }

    /// Removes what earlier measurements of the run left behind beyond the newest `limit`.
    default void collectGarbage(AnalysisRun run, int limit) {}

    /// Stored with the metric's result, such as its query.
    default Map<String, String> metadata(Metric metric) {
        return Map.of();
    }
}
