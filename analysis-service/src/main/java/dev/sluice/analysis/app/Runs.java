package dev.sluice.analysis.app;

import dev.sluice.analysis.core.AnalysisRun;
import dev.sluice.analysis.core.Decision;
import dev.sluice.analysis.core.RunStatus;
import java.util.List;

/// AnalysisRuns in the cluster. Every write is conditional on the version that was read.
public interface Runs {

    enum Saved {
        /// Written, or nothing to write.
        DONE,
        /// The object is not what was read, or gone: look again.
        OUTDATED
    }

    /// Writes what differs from the status that was read.
    Saved save(AnalysisRun run, RunStatus status);

    void delete(AnalysisRun run);

    void announce(AnalysisRun run, List<Decision.Notice> notices);
}
