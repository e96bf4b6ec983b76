package dev.sluice.analysis.app;

import dev.sluice.analysis.core.AnalysisRun;
import java.time.Duration;

/// Figures about runs. All series of a run end with it (C11).
public interface RunMetrics {
    void seen(AnalysisRun run);

    void reconciled(String namespace, String name, Duration took, boolean failed);

    void gone(String namespace, String name);
}
