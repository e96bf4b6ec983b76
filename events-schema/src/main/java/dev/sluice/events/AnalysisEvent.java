package dev.sluice.events;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Facts of metric analysis, from analysis-service.
public sealed interface AnalysisEvent extends EventData {

    /// The run.
    AnalysisRef run();

    @Override
    default Topic topic() {
        return Topic.ANALYSIS;
    }

    /// An AnalysisRun and, where it belongs to one, the Rollout that asked for it.
    ///
    /// @param type `Step`, `Background`, `PrePromotion`, `PostPromotion`, absent for a run made by
    /// hand
    record AnalysisRef(
            String cluster,
            String namespace,
            String name,
            String uid,
            Optional<String> type,
            Optional<WorkloadRef> workload,
            Optional<String> podTemplateHash,
            Optional<Integer> stepIndex) {}

    /// Measuring began.
    record AnalysisStarted(AnalysisRef run, List<String> metrics) implements AnalysisEvent {
        public AnalysisStarted {
            metrics = List.copyOf(metrics);
        }
    }

    /// One measurement was finished.
    ///
    /// @param number from 1, in order of the metric's measurements
    /// @param phase `Successful`, `Failed`, `Inconclusive` or `Error`
    /// @param value as stored in the run's status, secrets masked, at most 1,000 characters
    record MeasurementTaken(
            AnalysisRef run,
            String metric,
            int number,
            String phase,
            String value,
            Optional<String> message,
            Instant finishedAt)
            implements AnalysisEvent {}

    /// The run ended.
    ///
    /// @param phase `Successful`, `Failed`, `Error` or `Inconclusive`
    record AnalysisResult(
            AnalysisRef run, String phase, Optional<String> message, List<MetricVerdict> metrics)
            implements AnalysisEvent {
        public AnalysisResult {
            metrics = List.copyOf(metrics);
        }
    }

    /// How one metric ended, with its numbers.
    record MetricVerdict(
            String name,
            String phase,
            int successful,
            int failed,
            int inconclusive,
            int error,
            boolean dryRun,
            Optional<String> lastValue,
            Optional<String> message) {}
}
