package dev.sluice.rollout.core.experiment;

import java.util.List;

/// Phases of Experiments and AnalysisRuns, and which of two is worse.
final class Verdicts {
    static final String PENDING = "Pending";
    static final String RUNNING = "Running";
    static final String SUCCESSFUL = "Successful";
    static final String INCONCLUSIVE = "Inconclusive";
    static final String ERROR = "Error";
    static final String FAILED = "Failed";

    private static final List<String> FROM_GOOD_TO_BAD =
            List.of(SUCCESSFUL, RUNNING, PENDING, INCONCLUSIVE, ERROR, FAILED);

    private Verdicts() {}

    static boolean isCompleted(String phase) {
        return phase.equals(SUCCESSFUL) || isBad(phase);
    }

    static boolean isBad(String phase) {
        return phase.equals(INCONCLUSIVE) || phase.equals(ERROR) || phase.equals(FAILED);
    }

    static boolean isWorse(String phase, String than) {
        return FROM_GOOD_TO_BAD.indexOf(phase) > FROM_GOOD_TO_BAD.indexOf(than);
    }
}
